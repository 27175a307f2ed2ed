-- What no log can give back: keys of clients, staff, delivered positions, repairs under way. Backed up.
-- Applied at every start; each statement leaves what is there as it is.

create schema if not exists desk;

create table if not exists desk.api_keys (
    key_id           text primary key,
    client           text not null,
    digest           bytea not null unique,
    scopes           text[] not null,
    note             text not null default '',
    created_at       timestamptz not null default now(),
    revoked_at       timestamptz
);

-- Who works for a municipality. A name stands under what was said, so no row is ever deleted.
create table if not exists desk.staff (
    name             text primary key,
    municipality     text not null,
    department       text,
    role             text not null,
    digest           text not null,
    must_change      boolean not null,
    created_at       timestamptz not null,
    disabled_at      timestamptz
);

-- Who has signed in; the token itself is not kept. One has ended by `ended_at`, by `ends_at`, or
-- when it was not seen for long. Not backed up, nor are the sign-ins.
create table if not exists desk.sessions (
    digest           bytea primary key,
    name             text not null references desk.staff (name),
    started_at       timestamptz not null,
    last_seen_at     timestamptz not null,
    ends_at          timestamptz not null,
    ended_at         timestamptz
);
create index if not exists open_sessions_by_name on desk.sessions (name) where ended_at is null;

-- How often a name, or an address, was tried since when: digests, for as long as they are counted.
create table if not exists desk.sign_ins (
    tried            bytea primary key,
    began_at         timestamptz not null,
    tries            int not null
);
create index if not exists sign_ins_by_time on desk.sign_ins (began_at);

-- Who works on which partition until when, for the loops that share partitions.
create table if not exists desk.leases (
    role             text not null,
    log_partition    int not null,
    owner            text,
    leased_until     timestamptz not null default '-infinity',
    primary key (role, log_partition)
);

-- How far the outbox of a log partition is delivered: every position below `log_offset`.
create table if not exists desk.delivered (
    log_partition    int primary key,
    log_offset       bigint not null
);

-- How far the linker has looked at the new cases of a log partition: every position below.
create table if not exists desk.looked_at (
    log_partition    int primary key,
    log_offset       bigint not null
);

-- Deliveries below that position which a department's topic did not take yet.
create table if not exists desk.undelivered (
    log_partition    int not null,
    log_offset       bigint not null,
    ordinal          int not null,
    case_id          text not null,
    topic            text not null,
    attempts         int not null,
    next_try_at      timestamptz not null,
    reason           text not null,
    primary key (log_partition, log_offset, ordinal)
);
create index if not exists undelivered_by_case on desk.undelivered (case_id);

-- Positions without an outcome that were sent to repair, and how often.
create table if not exists desk.repairs (
    inbox            text not null,
    generation       int not null,
    inbox_partition  int not null,
    inbox_offset     bigint not null,
    attempts         int not null,
    last_at          timestamptz not null,
    primary key (inbox, generation, inbox_partition, inbox_offset)
);

-- Each restore of this installation, and up to when notices may have been sent by what was lost.
create table if not exists desk.restores (
    restored_at      timestamptz primary key,
    backup_made_at   timestamptz not null,
    backup_cluster   text not null,
    inbox_generation int not null,
    erasures         int not null
);

-- Notices of which nobody knows whether they were sent before a restore: they are not sent again.
create table if not exists desk.unknown_deliveries (
    log_partition    int not null,
    log_offset       bigint not null,
    ordinal          int not null,
    case_id          text not null,
    topic            text not null,
    delivery_id      text not null,
    noted_at         timestamptz not null default now(),
    primary key (log_partition, log_offset, ordinal)
);
