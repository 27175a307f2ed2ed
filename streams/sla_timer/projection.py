"""What the timer reads of the projection: what is due, and how far all is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.vocabulary import CaseId, Municipality
from streams.core.firing import NEVER
from streams.postgres import away

# From where a partition's last batch ended: what is held there does not hide what lies behind it.
DUE = """
select due.log_partition, due.case_id, due.municipality, due.next_due_at
from unnest($1::int[], $2::timestamptz[], $3::text[]) as mine (log_partition, due_from, case_from)
cross join lateral (
    select clocks.log_partition, clocks.case_id, clocks.municipality, clocks.next_due_at
    from clocks
    where clocks.log_partition = mine.log_partition
    and clocks.next_due_at >= mine.due_from and clocks.next_due_at < $4
    and (clocks.next_due_at, clocks.case_id) > (mine.due_from, mine.case_from)
    order by clocks.next_due_at, clocks.case_id
    limit $5
) as due
"""
POSITIONS = """
select log_partition, facts_offset from log_positions where log_partition = any($1::int[])
"""
MARKS = """
select inbox, inbox_partition, mark
from inbox_marks
where generation = $1 and inbox like 'progress-%'
"""
FACTS = """
select case_id, log_offset, fact
from facts
where case_id = any($1::text[]) and judgement <> 'duplicate'
order by case_id, log_offset
"""


RawHistory = Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A clock whose next notice is due."""

    log_partition: int
    case_id: CaseId
    municipality: Municipality
    due_at: datetime

    def behind(self, firsts: "Mapping[int, Due]") -> bool:
        """Whether it comes at or after the one that is named for its partition."""
        first = firsts.get(self.log_partition)
        if first is None:
            return False
        return (first.due_at, first.case_id) <= (self.due_at, self.case_id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a look at a partition's due clocks ended; the next one begins behind it."""

    due_at: datetime = NEVER
    case_id: str = ""


class Projection:
    """The projection, read and never written."""

    def __init__(self, connection: asyncpg.Connection, *, inbox_generation: int) -> None:
        self._connection = connection
        self._generation = inbox_generation

    async def due(
        self, places: Mapping[int, Place], *, before: datetime, each_max: int
    ) -> tuple[Due, ...]:
        """The clocks due before that moment, the oldest of each partition first."""
        froms = [place.due_at for place in places.values()]
        cases = [place.case_id for place in places.values()]
        rows = await self._fetch(DUE, list(places), froms, cases, before, each_max)
        return tuple(
            Due(
                log_partition=row["log_partition"],
                case_id=row["case_id"],
                municipality=row["municipality"],
                due_at=row["next_due_at"],
            )
            for row in rows
        )

    async def positions(self, partitions: Collection[int]) -> Mapping[int, int]:
        """How far these partitions of the log are projected."""
        rows = await self._fetch(POSITIONS, sorted(partitions))
        return {row["log_partition"]: row["facts_offset"] for row in rows}

    async def marks(self) -> Mapping[TopicPartition, int]:
        """Below which position every report of a department is accounted for."""
        rows = await self._fetch(MARKS, self._generation)
        return {TopicPartition(row["inbox"], row["inbox_partition"]): row["mark"] for row in rows}

    async def histories(self, cases: Collection[CaseId]) -> Mapping[CaseId, RawHistory]:
        """The facts of each case as they are written, in the order of the log."""
        rows = await self._fetch(FACTS, list(cases))
        return {
            case_id: [(row["log_offset"], row["fact"]) for row in found]
            for case_id, found in groupby(rows, key=itemgetter("case_id"))
        }

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with away():
            return await self._connection.fetch(query, *arguments)
