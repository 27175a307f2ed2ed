-- The projection: the state of every case as the fold of the log. Rebuildable; written by the
-- projector alone, but for the marks, which the accountant moves.
-- A rebuild makes a fresh schema and swaps it in, so nothing here is ever altered in place. The
-- tables stand here; what finds rows in them quickly, in projection_indexes.sql.

-- One row: which build of the projection this is, and the digest of the SQL that laid it out.
create table about (
    generation       text not null default gen_random_uuid()::text,
    layout           text not null,
    made_at          timestamptz not null default now()
);

-- One row a log partition: how far it is read, and who owns it until when.
create table log_positions (
    log_partition    int primary key,
    cluster_id       text not null,
    facts_offset     bigint not null default 0,
    keyring_offset   bigint not null default 0,
    letters_offset   bigint not null default 0,
    calls_offset     bigint not null default 0,
    owner            text,
    leased_until     timestamptz not null default '-infinity'
);

-- Every record of the log, in its order, with the fold's judgement.
create table facts (
    log_partition    int not null,
    log_offset       bigint not null,
    case_id          text not null,
    fact_id          text not null,
    type             text not null,
    recorded_at      timestamptz not null,
    judgement        text not null
        check (judgement in ('effective', 'refused', 'duplicate', 'unfoldable')),
    refusal          text,
    refused_for      text,  -- the code of the refusal, and what its sentence names, as JSON
    fact             jsonb not null,
    primary key (log_partition, log_offset)
);

create table cases (
    case_id          text primary key,
    log_partition    int not null,
    version          bigint not null,
    municipality     text not null,
    channel          text not null,
    state            text not null,
    tracking_code    text not null,
    submitted_at     timestamptz not null,  -- the time that counts
    recorded_at      timestamptz not null,
    submitted_offset bigint not null,
    occurred_at      timestamptz,
    closed_at        timestamptz,
    due_at           timestamptz,  -- the first deadline that is still to be kept, passed or not
    department       text,
    category         text,
    priority         text,
    problem_report   boolean,
    district         text,
    lat              double precision,
    lon              double precision,
    routing_reason   text,
    policy_version   text,
    historical       boolean not null,
    times_reversed   boolean not null,
    erased_at        timestamptz,
    parent           text,  -- the case whose clocks it follows
    waiting_for      text,
    waiting_since    timestamptz,
    waiting_until    timestamptz,
    transfers        int not null,
    reopenings       int not null,
    bounces          int not null default 0,  -- passed on since the 137 centre said whose it is
    verdict          text,  -- the citizen's: confirmed, disputed, undisputed
    stars            int,
    dispute_until    timestamptz,
    body             text,  -- whom it was handed over to
    body_answer      text,
    body_reference   text,
    parts            int not null default 0,
    part_of          text,
    unfoldable       text
);

-- What a submission says as it is compared: normalised words, parted by spaces. Deleted with the
-- contents, and apart from `cases`, whose rows change.
create table case_words (
    case_id          text primary key,
    log_partition    int not null,
    words            text not null,
    address          text,  -- the words of where it is alone, by which two are the same place
    recorded_at      timestamptz
);

-- What was sealed in a fact, in the open, here alone: a submission's {text, place, reporter}, a
-- resolution's {note, evidence}. Deleted when the case's keys are.
create table contents (
    case_id          text not null,
    log_offset       bigint not null,
    content          jsonb not null,
    primary key (case_id, log_offset)
);

-- One row a promise: a case that is reopened or passed on has further ones of a kind.
create table clocks (
    case_id          text not null,
    kind             text not null,
    cycle            int not null,
    log_partition    int not null,
    municipality     text not null,
    department       text not null,
    state            text not null,  -- running, paused, breached, met, missed; linked: another's
    started_at       timestamptz not null,
    deadline         timestamptz not null,
    stopped_at       timestamptz,
    voided           boolean not null,
    next_due_at      timestamptz,
    primary key (case_id, kind, cycle)
);

-- The wrapped keys, as the keyring topic has them. An erased case's key is forgotten at once: what
-- is left is a row that is owed a tombstone.
create table keyring (
    case_id          text not null,
    kid              text not null,
    log_partition    int not null,
    wrapped          text,
    phone_index      text,
    primary key (case_id, kid)
);

-- What became effective and for whom; delivered positions stand in desk and survive a rebuild.
create table outbox (
    log_partition    int not null,
    log_offset       bigint not null,
    ordinal          int not null,
    case_id          text not null,
    municipality     text not null,
    department       text not null,
    kind             text not null,
    words            text not null,
    trace            text,  -- the header `traceparent` of the fact, where its writer was traced
    primary key (log_partition, log_offset, ordinal)
);

create table dead_letters (
    log_partition    int not null,
    log_offset       bigint not null,
    inbox            text not null,
    generation       int not null,
    inbox_partition  int not null,
    inbox_offset     bigint not null,
    kind             text not null,
    reason           text not null,
    recorded_at      timestamptz not null,
    set_aside_at     timestamptz not null,
    primary key (log_partition, log_offset)
);

-- Calls that were answered and made no case, each once, as it was last told. `call` is a keyed
-- digest of the line's own id of it: nothing here tells who called.
create table answered_calls (
    municipality     text not null,
    call             text not null,
    log_partition    int not null,
    outcome          text not null,
    category         text,
    answered_at      timestamptz not null,
    seconds          int,
    primary key (municipality, call)
);

-- Records of our own topics that could not be read or kept: an incident each.
create table unreadable (
    topic            text not null,
    log_partition    int not null,
    log_offset       bigint not null,
    reason           text not null,
    record           bytea,
    primary key (topic, log_partition, log_offset)
);

-- The accounting: inbox positions that have an outcome, until the gapless mark passes them.
create table covered (
    inbox            text not null,
    generation       int not null,
    inbox_partition  int not null,
    inbox_offset     bigint not null,
    primary key (inbox, generation, inbox_partition, inbox_offset)
);
create table inbox_marks (
    inbox            text not null,
    generation       int not null,
    inbox_partition  int not null,
    mark             bigint not null,
    primary key (inbox, generation, inbox_partition)
);
