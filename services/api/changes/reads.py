"""The reads of changes from the projection, and word from it that there are more."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import asyncpg

from schemas.topics import LOG_PARTITIONS
from services.api.changes.cursor import Cursor, Offsets, generation_of
from services.api.changes.page import ANCHORS, TURNS, Learned, Page, state_after
from services.postgres import AWAY, Database

CHANNEL = "peygir_projected"
"""What the projector notifies when it has written; `streams.projector.tables` says it too."""
EACH_MAX = 128
"""Facts of one partition in one page."""
UNBOUNDED = 2**63 - 1
# Whatever Postgres says, another look a moment later is the answer.
FAILURES = (*AWAY, asyncpg.PostgresError)


class AwayError(Exception):
    """The projection cannot be read now."""


class Reading(Protocol):
    """Reads pages one after the other. Each raises `AwayError`."""

    async def start(self) -> Cursor:
        """The end of what is projected."""
        ...

    async def page(
        self, cursor: Cursor, *, until: Offsets | None = None, case_id: str | None = None
    ) -> Page:
        """What lies after the cursor, before those offsets, in whatever build is there now."""
        ...


class Source(Protocol):
    """Where changes are read. `listening` calls back for as long as it is entered."""

    @property
    def reading(self) -> Reading: ...

    def listening(self, heard: Callable[[], None]) -> AbstractAsyncContextManager[Reading]: ...


class Projection:
    """The source in Postgres: many read by the pool, one listens with a session of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def reading(self) -> Reading:
        return _Session(lambda: self._database.pool)

    @asynccontextmanager
    async def listening(self, heard: Callable[[], None]) -> AsyncIterator[Reading]:
        try:
            connection = await self._database.connect()
        except FAILURES as error:
            raise AwayError(type(error).__name__) from error
        try:
            await connection.add_listener(CHANNEL, lambda *_: heard())
            yield _Session(lambda: connection)
        except FAILURES as error:
            raise AwayError(type(error).__name__) from error
        finally:
            connection.terminate()


class _Session:
    def __init__(self, find: Callable[[], asyncpg.Pool | asyncpg.Connection]) -> None:
        self._find = find

    async def start(self) -> Cursor:
        rows = await self._asked(_POSITIONS)
        return Cursor(_generation(rows), tuple(row["facts_offset"] for row in rows))

    async def page(
        self, cursor: Cursor, *, until: Offsets | None = None, case_id: str | None = None
    ) -> Page:
        ends = until or (UNBOUNDED,) * LOG_PARTITIONS
        ours: tuple[object, ...] = (list(cursor.offsets), list(ends), EACH_MAX)
        if case_id is None:
            return _page(await self._asked(_PAGE, *ours), cursor, ends)
        return _page(await self._asked(_PAGE_OF_CASE, *ours, case_id), cursor, ends)

    async def _asked(self, question: str, *values: object) -> list[asyncpg.Record]:
        try:
            rows = await self._find().fetch(question, *values)
        except FAILURES as error:
            raise AwayError(type(error).__name__) from error
        if len({row["log_partition"] for row in rows}) != LOG_PARTITIONS:
            raise AwayError("the projection is not laid out yet")
        return rows


def _page(rows: Sequence[asyncpg.Record], cursor: Cursor, ends: Offsets) -> Page:
    positions = {row["log_partition"]: row["facts_offset"] for row in rows}
    facts = [row for row in rows if row["log_offset"] is not None]
    found = {row["log_partition"]: row for row in facts}  # The last of each.
    full = {row["log_partition"] for row in facts if row["number"] == EACH_MAX}

    def reached(partition: int) -> int:
        if partition in full:
            return found[partition]["log_offset"] + 1
        return max(cursor.offsets[partition], min(positions[partition], ends[partition]))

    return Page(
        generation=_generation(rows),
        positions=tuple(positions[one] for one in range(LOG_PARTITIONS)),
        reached=tuple(reached(one) for one in range(LOG_PARTITIONS)),
        facts=tuple(_learned(row) for row in facts),
    )


def _learned(row: asyncpg.Record) -> Learned:
    return Learned(
        partition=row["log_partition"],
        offset=row["log_offset"],
        case_id=row["case_id"],
        fact_id=row["fact_id"],
        type=row["type"],
        recorded_at=row["recorded_at"],
        municipality=row["municipality"],
        department=row["department"],
        state=state_after(row["anchor"], row["turns"] or ()),
    )


def _generation(rows: Sequence[asyncpg.Record]) -> bytes:
    return generation_of(rows[0]["generation"])


_POSITIONS = """
select a.generation, l.log_partition, l.facts_offset
from projection.about a
cross join projection.log_positions l
order by l.log_partition
"""

_PLACES = {
    "anchors": ", ".join(f"'{step}'" for step in sorted(ANCHORS)),
    "turns": ", ".join(f"'{step}'" for step in sorted(TURNS)),
}
# One statement, so that the facts, the positions and the build are of one moment. The state and
# the department are the case's after that very fact, however late it is read.
# A transfer that names nobody leads to whomever it was assigned to: the 137 centre of its policy.
_PAGE_TEMPLATE = """
select
    a.generation, l.log_partition, l.facts_offset,
    f.number, f.log_offset, f.case_id, f.fact_id, f.type, f.recorded_at,
    c.municipality, s.type as anchor,
    (
        select array_agg(g.type order by g.log_offset)
        from projection.facts g
        where g.case_id = f.case_id
        and g.log_offset > s.log_offset and g.log_offset <= f.log_offset
        and g.judgement = 'effective' and g.type in ({turns})
    ) as turns,
    (
        select case g.type
            when 'case.routed.v1' then g.fact ->> 'department'
            else coalesce(
                g.fact ->> 'to',
                (
                    select o.department
                    from projection.outbox o
                    where o.log_partition = g.log_partition and o.log_offset = g.log_offset
                    and o.kind = 'assigned'
                ),
                (
                    select h.fact ->> 'centre'
                    from projection.facts h
                    where h.case_id = f.case_id and h.log_offset < g.log_offset
                    and h.judgement = 'effective' and h.type = 'case.routed.v1'
                    limit 1
                )
            )
        end
        from projection.facts g
        where g.case_id = f.case_id and g.log_offset <= f.log_offset
        and g.judgement = 'effective' and g.type in ('case.routed.v1', 'case.transfer-requested.v1')
        order by g.log_offset desc
        limit 1
    ) as department
from projection.about a
cross join projection.log_positions l
left join lateral (
    select
        row_number() over (order by h.log_offset) as number,
        h.log_offset, h.case_id, h.fact_id, h.type, h.recorded_at
    from projection.facts h
    where h.log_partition = l.log_partition and h.judgement = 'effective'
    and h.log_offset >= ($1::bigint[])[l.log_partition + 1]
    and h.log_offset < ($2::bigint[])[l.log_partition + 1]{of_case}
    order by h.log_offset
    limit $3
) f on true
left join lateral (
    select g.type, g.log_offset
    from projection.facts g
    where g.case_id = f.case_id and g.log_offset <= f.log_offset
    and g.judgement = 'effective' and g.type in ({anchors})
    order by g.log_offset desc
    limit 1
) s on true
left join projection.cases c on c.case_id = f.case_id
order by l.log_partition, f.log_offset
"""
_PAGE = _PAGE_TEMPLATE.format(**_PLACES, of_case="")
_PAGE_OF_CASE = _PAGE_TEMPLATE.format(**_PLACES, of_case=" and h.case_id = $4")
