"""Every read of the projection, a query an answer: the one module that knows its SQL."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.api.asked import asked
from services.api.track_sql import TRACKED
from services.postgres import Database

FOUND_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCase:
    """A case as JSON, with what decides who may see it."""

    version: int
    municipality: str
    department: str | None
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFact:
    """One record of the log as the fold judged it."""

    log_partition: int
    log_offset: int
    judgement: str
    refusal: str | None
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A case as its citizen may see it; `phone` only tells two cases of one code apart."""

    municipality: str
    department: str | None
    category: str | None
    document: str
    phone: str | None


class Reads:
    """The projection's answers. Each raises a 503 problem while Postgres is away."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def answers(self) -> None:
        await asked(
            lambda: self.database.pool.fetchval("select 1 from projection.log_positions limit 1")
        )

    async def case(self, case_id: str) -> ReadCase | None:
        row = await asked(lambda: self.database.pool.fetchrow(_CASE, case_id))
        return None if row is None else _case(row)

    async def recorded_by(
        self, case_id: str, at: datetime, *, most: int
    ) -> tuple[ReadCase | None, list[ReadFact]]:
        """The case, and the longest run of its first facts of which each was recorded by then."""
        rows = await asked(lambda: self.database.pool.fetch(_RECORDED_BY, case_id, at, most))
        return _with_facts(rows)

    async def rendered(self, case: str, clocks: str) -> ReadCase:
        """Rows of `cases` and `clocks` that are in no table, as JSON, shown like those that are."""
        row = await asked(lambda: self.database.pool.fetchrow(_RENDERED, case, clocks))
        assert row is not None, "a row that is given is given back"
        return _case(row)

    async def facts(
        self, case_id: str, *, after: int, limit: int
    ) -> tuple[ReadCase | None, list[ReadFact]]:
        """The case, and its facts after that position in the order of the log."""
        rows = await asked(lambda: self.database.pool.fetch(_FACTS, case_id, after, limit))
        return _with_facts(rows)

    async def tracked(self, code: str, municipality: str | None) -> list[Tracked]:
        rows = await asked(
            lambda: self.database.pool.fetch(_TRACKED, code, municipality, FOUND_MAX)
        )
        return [
            Tracked(
                municipality=row["municipality"],
                department=row["department"],
                category=row["category"],
                document=row["document"],
                phone=row["phone"],
            )
            for row in rows
        ]


def _case(row: asyncpg.Record) -> ReadCase:
    version, municipality, department, document = row
    return ReadCase(
        version=version, municipality=municipality, department=department, document=document
    )


def _with_facts(rows: list[asyncpg.Record]) -> tuple[ReadCase | None, list[ReadFact]]:
    if not rows:
        return None, []
    first = rows[0]
    case = ReadCase(
        version=first["version"],
        municipality=first["municipality"],
        department=first["department"],
        document="",
    )
    return case, [_fact(row) for row in rows if row["log_offset"] is not None]


def _fact(row: asyncpg.Record) -> ReadFact:
    return ReadFact(
        log_partition=row["log_partition"],
        log_offset=row["log_offset"],
        judgement=row["judgement"],
        refusal=row["refusal"],
        fact=row["fact"],
    )


# What the citizen said, as it lies with the fact that opened the case.
_SAID = """
left join projection.contents n
    on n.case_id = c.case_id and n.log_offset = c.submitted_offset"""
_CASE_TEMPLATE = """
select
    c.version, c.municipality, c.department,
    json_build_object(
        'case_id', c.case_id,
        'municipality', c.municipality,
        'state', c.state,
        'department', c.department,
        'category', c.category,
        'priority', c.priority,
        'problem_report', c.problem_report,
        'clocks', coalesce(
            (
                select json_agg(
                    json_build_object(
                        'kind', k.kind,
                        'cycle', k.cycle,
                        'department', k.department,
                        'started_at', k.started_at,
                        'deadline', k.deadline,
                        'state', k.state,
                        'stopped_at', k.stopped_at,
                        'voided', k.voided
                    )
                    order by k.deadline, k.kind, k.cycle
                )
                from {clocks}
            ),
            '[]'::json
        ),
        'waiting', case when c.waiting_for is not null then json_build_object(
            'reason', c.waiting_for,
            'since', c.waiting_since,
            'until', c.waiting_until
        ) end,
        'parent', c.parent,
        'transfers', c.transfers,
        'reopenings', c.reopenings,
        'routing', case when c.policy_version is not null then json_build_object(
            'reason', c.routing_reason,
            'policy_version', c.policy_version
        ) end,
        'version', c.version,
        'channel', c.channel,
        'submitted_at', c.submitted_at,
        'recorded_at', c.recorded_at,
        'occurred_at', c.occurred_at,
        'due_at', c.due_at,
        'closed_at', c.closed_at,
        'historical', c.historical,
        'times_reversed', c.times_reversed,
        'erased_at', c.erased_at,
        'district', c.district,
        'unfoldable', c.unfoldable,
        'tracking_code', concat_ws(
            '-', substr(c.tracking_code, 1, 5), substr(c.tracking_code, 6, 5),
            substr(c.tracking_code, 11)
        ),
        'text', n.content -> 'text',
        'place', n.content -> 'place'
    )::text as document
from {cases} {contents}
"""
_CASE = (
    _CASE_TEMPLATE.format(
        cases="projection.cases c",
        clocks="projection.clocks k where k.case_id = c.case_id",
        contents=_SAID,
    )
    + "where c.case_id = $1"
)
# The same words for rows that are made of facts anew: one shape, whenever it was so.
_RENDERED = _CASE_TEMPLATE.format(
    cases="json_populate_record(null::projection.cases, $1::json) c",
    clocks="json_populate_recordset(null::projection.clocks, $2::json) k",
    contents=_SAID,
)

_FACTS = """
select
    c.version, c.municipality, c.department,
    f.log_partition, f.log_offset, f.judgement, f.refusal, f.fact
from projection.cases c
left join lateral (
    select g.log_partition, g.log_offset, g.judgement, g.refusal, g.fact::text as fact
    from projection.facts g
    where g.case_id = c.case_id and g.log_offset > $2
    order by g.log_offset
    limit $3
) f on true
where c.case_id = $1
order by f.log_offset
"""

_RECORDED_BY = """
select
    c.version, c.municipality, c.department,
    f.log_partition, f.log_offset, f.judgement, f.refusal, f.fact
from projection.cases c
left join lateral (
    select g.log_partition, g.log_offset, g.judgement, g.refusal, g.fact::text as fact
    from projection.facts g
    where g.case_id = c.case_id and g.log_offset < coalesce(
        (
            select min(h.log_offset)
            from projection.facts h
            where h.case_id = c.case_id and h.recorded_at > $2
        ),
        9223372036854775807
    )
    order by g.log_offset
    limit $3
) f on true
where c.case_id = $1
order by f.log_offset
"""
_TRACKED = TRACKED.format(contents=_SAID)
