"""Every write to the projection, and the reads that the projector itself needs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import asyncpg

from schemas.codec import decode_fact
from schemas.topics import partition_of
from schemas.vocabulary import CaseId
from streams.core.case import Case
from streams.core.tables import (
    FACT_COLUMNS,
    LETTER_COLUMNS,
    OUTBOX_COLUMNS,
    WORDS_COLUMNS,
    Row,
)
from streams.core.terms import versions_named
from streams.policies import Book
from streams.projector.batch import Batch, FactRecord, KeyName
from streams.projector.contents import CONTENT_COLUMNS
from streams.projector.folding import State, Unfoldable, judge

UNREADABLE_COLUMNS = ("topic", "log_partition", "log_offset", "reason", "record")
CHANNEL = "peygir_projected"

CASES = """
insert into cases (
    case_id, log_partition, version, municipality, channel, state, tracking_code,
    submitted_at, recorded_at, submitted_offset, occurred_at, closed_at, due_at, department,
    category, priority, problem_report, district, lat, lon, routing_reason, policy_version,
    historical, times_reversed, erased_at, parent, waiting_for, waiting_since, waiting_until,
    transfers, reopenings, bounces, verdict, stars, dispute_until, body, body_answer,
    body_reference, parts, part_of
)
select * from unnest(
    $1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::timestamptz[], $12::timestamptz[],
    $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::boolean[], $18::text[],
    $19::double precision[], $20::double precision[], $21::text[], $22::text[], $23::boolean[],
    $24::boolean[], $25::timestamptz[], $26::text[], $27::text[], $28::timestamptz[],
    $29::timestamptz[], $30::int[], $31::int[], $32::int[], $33::text[], $34::int[],
    $35::timestamptz[], $36::text[], $37::text[], $38::text[], $39::int[], $40::text[]
)
on conflict (case_id) do update
set version = excluded.version, state = excluded.state, closed_at = excluded.closed_at,
    due_at = excluded.due_at, department = excluded.department, category = excluded.category,
    priority = excluded.priority, problem_report = excluded.problem_report,
    routing_reason = excluded.routing_reason, policy_version = excluded.policy_version,
    district = excluded.district, historical = excluded.historical,
    times_reversed = excluded.times_reversed, erased_at = excluded.erased_at,
    parent = excluded.parent, waiting_for = excluded.waiting_for,
    waiting_since = excluded.waiting_since, waiting_until = excluded.waiting_until,
    transfers = excluded.transfers, reopenings = excluded.reopenings, bounces = excluded.bounces,
    verdict = excluded.verdict, stars = excluded.stars, dispute_until = excluded.dispute_until,
    body = excluded.body, body_answer = excluded.body_answer,
    body_reference = excluded.body_reference, parts = excluded.parts
"""
CLOCKS = """
insert into clocks (
    case_id, kind, cycle, log_partition, municipality, department, state, started_at, deadline,
    stopped_at, voided, next_due_at
)
select * from unnest(
    $1::text[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::boolean[], $12::timestamptz[]
)
on conflict (case_id, kind, cycle) do update
set department = excluded.department, state = excluded.state, started_at = excluded.started_at,
    deadline = excluded.deadline, stopped_at = excluded.stopped_at, voided = excluded.voided,
    next_due_at = excluded.next_due_at
"""
UNFOLDABLE = """
update cases set unfoldable = failed.reason
from unnest($1::text[], $2::text[]) as failed (case_id, reason)
where cases.case_id = failed.case_id and cases.unfoldable is null
"""
# The timer leaves alone what can no longer be folded.
UNFOLDABLE_CLOCKS = "update clocks set next_due_at = null where case_id = any($1::text[])"
COVERED = """
insert into covered (inbox, generation, inbox_partition, inbox_offset)
select * from unnest($1::text[], $2::int[], $3::int[], $4::bigint[])
on conflict do nothing
"""
# A key that comes after its case was erased is not kept, and is owed a tombstone like the others.
KEYS = """
insert into keyring (case_id, kid, log_partition, wrapped, phone_index)
select
    new.case_id, new.kid, new.log_partition,
    case when cases.erased_at is null then new.wrapped end,
    case when cases.erased_at is null then new.phone_index end
from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[])
    as new (case_id, kid, log_partition, wrapped, phone_index)
left join cases on cases.case_id = new.case_id
on conflict (case_id, kid) do update
set wrapped = excluded.wrapped, phone_index = excluded.phone_index
"""
DELETED_KEYS = """
delete from keyring using unnest($1::text[], $2::text[]) as deleted (case_id, kid)
where keyring.case_id = deleted.case_id and keyring.kid = deleted.kid
"""
FORGOTTEN_CONTENTS = "delete from contents where case_id = any($1::text[])"
FORGOTTEN_WORDS = "delete from case_words where case_id = any($1::text[])"
FORGOTTEN_KEYS = """
update keyring set wrapped = null, phone_index = null
where case_id = any($1::text[]) and wrapped is not null
"""
HISTORY = """
select log_partition, log_offset, case_id, judgement, refusal, fact::text as fact
from facts where case_id = any($1::text[]) order by log_offset
"""
WRAPPED = """
select case_id, kid, wrapped from keyring
where (case_id, kid) in (select * from unnest($1::text[], $2::text[]))
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one transaction writes beside the positions."""

    facts: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    unfoldable: list[Unfoldable] = field(default_factory=list)
    erased: list[CaseId] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    contents: list[Row] = field(default_factory=list)
    words: list[Row] = field(default_factory=list)
    letters: list[Row] = field(default_factory=list)
    covered: Collection[Row] = ()


async def write(connection: asyncpg.Connection, batch: Batch, changes: Changes) -> None:
    """All of it, inside the caller's transaction."""
    await _copy(connection, "facts", FACT_COLUMNS, changes.facts)
    await _copy(connection, "outbox", OUTBOX_COLUMNS, changes.outbox)
    await _merge(connection, CASES, changes.cases)
    await _merge(connection, CLOCKS, changes.clocks)
    await _copy(connection, "contents", CONTENT_COLUMNS, changes.contents)
    await _copy(connection, "case_words", WORDS_COLUMNS, changes.words)
    await _copy(connection, "dead_letters", LETTER_COLUMNS, changes.letters)
    await _merge(connection, COVERED, sorted(changes.covered))
    await _mark_unfoldable(connection, changes.unfoldable)
    await _write_keys(connection, batch)
    await _erase(connection, changes.erased)
    rows = [
        (one.topic, one.partition, one.offset, one.reason, one.record) for one in batch.unreadable
    ]
    await _copy(connection, "unreadable", UNREADABLE_COLUMNS, rows)
    if changes.facts:
        partitions = sorted({row[0] for row in changes.facts})
        await connection.execute(
            "select pg_notify($1, $2)", CHANNEL, ",".join(str(one) for one in partitions)
        )


async def known_states(
    connection: asyncpg.Connection, cases: Iterable[CaseId], book: Book
) -> dict[CaseId, State]:
    """The fold of what the table has of each case; a case without facts is not in it."""
    states: dict[CaseId, State] = {}
    rows = [(row, _record(row)) for row in await connection.fetch(HISTORY, list(cases))]
    terms = await book.knowing(versions_named(record.fact for _, record in rows))
    for row, record in rows:
        case_id = CaseId(row["case_id"])
        state = states.get(case_id) or Case(case_id=case_id)
        if isinstance(state, Unfoldable):
            continue
        if row["judgement"] == "unfoldable":
            states[case_id] = Unfoldable(state, row["refusal"])
            continue
        states[case_id] = judge(state, record, terms).state
    return states


def _record(row: asyncpg.Record) -> FactRecord:
    text = row["fact"]
    return FactRecord(row["log_partition"], row["log_offset"], text, decode_fact(text))


async def wrapped_keys(
    connection: asyncpg.Connection, names: Collection[KeyName]
) -> dict[KeyName, str | None]:
    rows = await connection.fetch(WRAPPED, *_transposed(names, 2))
    return {(CaseId(row["case_id"]), row["kid"]): row["wrapped"] for row in rows}


async def _write_keys(connection: asyncpg.Connection, batch: Batch) -> None:
    # Of two records of one key the later counts, as compaction has it.
    last = {record.name: record.key for record in batch.keys}
    kept = [
        (*name, partition_of(key.case_id), key.wrapped, key.phone_index)
        for name, key in last.items()
        if key is not None
    ]
    deleted = [name for name, key in last.items() if key is None]
    await _merge(connection, KEYS, kept)
    if deleted:
        await _merge(connection, DELETED_KEYS, deleted)
        await _forget(connection, [case_id for case_id, _ in deleted])


async def _erase(connection: asyncpg.Connection, erased: Sequence[CaseId]) -> None:
    if erased:
        await _forget(connection, erased)
        await connection.execute(FORGOTTEN_KEYS, erased)


async def _forget(connection: asyncpg.Connection, cases: Sequence[CaseId]) -> None:
    await connection.execute(FORGOTTEN_CONTENTS, cases)
    await connection.execute(FORGOTTEN_WORDS, cases)


async def _mark_unfoldable(connection: asyncpg.Connection, failed: Sequence[Unfoldable]) -> None:
    if failed:
        await _merge(connection, UNFOLDABLE, [(one.case.case_id, one.reason) for one in failed])
        await connection.execute(UNFOLDABLE_CLOCKS, [one.case.case_id for one in failed])


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=columns)


async def _merge(connection: asyncpg.Connection, statement: str, rows: Sequence[Row]) -> None:
    """One statement for any number of rows, each column an array."""
    if rows:
        await connection.execute(statement, *_transposed(rows, len(rows[0])))


def _transposed(rows: Collection[Row], width: int) -> list[list[object]]:
    return [[row[index] for row in rows] for index in range(width)]
