"""Every write to the projection, and the reads that the projector itself needs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import asyncpg

from schemas.codec import decode_fact
from schemas.vocabulary import CaseId
from streams.core.case import Case
from streams.projector.batch import Batch, FactRecord, KeyName
from streams.projector.contents import CONTENT_COLUMNS
from streams.projector.folding import State, Unfoldable, judge
from streams.projector.rows import FACT_COLUMNS, LETTER_COLUMNS, OUTBOX_COLUMNS, Row

UNREADABLE_COLUMNS = ("topic", "log_partition", "log_offset", "reason", "record")
CHANNEL = "peygir_projected"

CASES = """
insert into cases (
    case_id, log_partition, version, municipality, channel, state, tracking_code, submitted_at,
    submitted_offset, occurred_at, department, category, priority, problem_report, district,
    lat, lon, routing_reason, policy_version
)
select * from unnest(
    $1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::bigint[], $10::timestamptz[], $11::text[], $12::text[], $13::text[],
    $14::boolean[], $15::text[], $16::double precision[], $17::double precision[],
    $18::text[], $19::text[]
)
on conflict (case_id) do update
set version = excluded.version, state = excluded.state, department = excluded.department,
    category = excluded.category, priority = excluded.priority,
    problem_report = excluded.problem_report, routing_reason = excluded.routing_reason,
    policy_version = excluded.policy_version
"""
CLOCKS = """
insert into clocks (
    case_id, kind, log_partition, municipality, state, started_at, deadline, stopped_at, next_due_at
)
select * from unnest(
    $1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::timestamptz[],
    $7::timestamptz[], $8::timestamptz[], $9::timestamptz[]
)
on conflict (case_id, kind) do update
set state = excluded.state, started_at = excluded.started_at, deadline = excluded.deadline,
    stopped_at = excluded.stopped_at, next_due_at = excluded.next_due_at
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
KEYS = """
insert into keyring (case_id, kid, wrapped, phone_index)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
on conflict (case_id, kid) do update
set wrapped = excluded.wrapped, phone_index = excluded.phone_index
"""
ERASED_KEYS = """
delete from keyring using unnest($1::text[], $2::text[]) as erased (case_id, kid)
where keyring.case_id = erased.case_id and keyring.kid = erased.kid
"""
ERASED_CONTENTS = "delete from contents where case_id = any($1::text[])"
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
    outbox: list[Row] = field(default_factory=list)
    contents: list[Row] = field(default_factory=list)
    letters: list[Row] = field(default_factory=list)
    covered: Collection[Row] = ()


async def write(connection: asyncpg.Connection, batch: Batch, changes: Changes) -> None:
    """All of it, inside the caller's transaction."""
    await _copy(connection, "facts", FACT_COLUMNS, changes.facts)
    await _copy(connection, "outbox", OUTBOX_COLUMNS, changes.outbox)
    await _merge(connection, CASES, changes.cases)
    await _merge(connection, CLOCKS, changes.clocks)
    await _copy(connection, "contents", CONTENT_COLUMNS, changes.contents)
    await _copy(connection, "dead_letters", LETTER_COLUMNS, changes.letters)
    await _merge(connection, COVERED, sorted(changes.covered))
    await _mark_unfoldable(connection, changes.unfoldable)
    await _write_keys(connection, batch)
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
    connection: asyncpg.Connection, cases: Iterable[CaseId]
) -> dict[CaseId, State]:
    """The fold of what the table has of each case; a case without facts is not in it."""
    states: dict[CaseId, State] = {}
    for row in await connection.fetch(HISTORY, list(cases)):
        case_id = CaseId(row["case_id"])
        state = states.get(case_id) or Case(case_id=case_id)
        if isinstance(state, Unfoldable):
            continue
        if row["judgement"] == "unfoldable":
            states[case_id] = Unfoldable(state, row["refusal"])
            continue
        text = row["fact"]
        record = FactRecord(row["log_partition"], row["log_offset"], text, decode_fact(text))
        states[case_id] = judge(state, record).state
    return states


async def wrapped_keys(
    connection: asyncpg.Connection, names: Collection[KeyName]
) -> dict[KeyName, str]:
    rows = await connection.fetch(WRAPPED, *_transposed(names, 2))
    return {(CaseId(row["case_id"]), row["kid"]): row["wrapped"] for row in rows}


async def _write_keys(connection: asyncpg.Connection, batch: Batch) -> None:
    # Of two records of one key the later counts, as compaction has it.
    last = {record.name: record.key for record in batch.keys}
    kept = [(*name, key.wrapped, key.phone_index) for name, key in last.items() if key]
    erased = [name for name, key in last.items() if key is None]
    await _merge(connection, KEYS, kept)
    if erased:
        await _merge(connection, ERASED_KEYS, erased)
        await connection.execute(ERASED_CONTENTS, [case_id for case_id, _ in erased])


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
