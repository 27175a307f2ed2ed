-- What no log can give back: keys of clients, delivered positions, repairs under way. Backed up.
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
