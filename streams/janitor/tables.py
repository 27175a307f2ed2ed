"""What the janitor reads and clears in Postgres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from aiokafka.structs import TopicPartition

from streams.postgres import away

OWED_A_TURN_MAX = 1_000

MARKS = "select inbox, inbox_partition, mark from inbox_marks where generation = $1"
OWED = """
select case_id, kid, log_partition
from keyring
where wrapped is null
order by log_partition, case_id, kid
limit $1
"""
# Few rows, by an index of their own: what is done with leaves the ring.
STILL_OWED = """
select count(distinct owed.case_id) as cases, min(cases.erased_at) as first_at
from keyring as owed left join cases on cases.case_id = owed.case_id
where owed.wrapped is null
"""
# What was tried for a position that has its outcome, or that lay in an inbox before a restore.
REPAIRS_DONE = """
delete from desk.repairs as tried
where tried.generation < $1 or exists (
    select from inbox_marks as marks
    where marks.inbox = tried.inbox and marks.generation = tried.generation
    and marks.inbox_partition = tried.inbox_partition and tried.inbox_offset < marks.mark
)
"""
# Whoever still lives makes the row again.
LEASES_OF_NOBODY = "delete from desk.leases where leased_until < now() - interval '1 day'"
LETTERS_GONE = """
delete from dead_letters as letter
using unnest($1::int[], $2::bigint[]) as topic (log_partition, first_offset)
where letter.log_partition = topic.log_partition and letter.log_offset < topic.first_offset
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedTombstone:
    """A key of an erased case that the topic may still hold."""

    case_id: str
    kid: str
    log_partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOwed:
    """Erased cases that have a key in the ring, and when the first of them was erased."""

    cases: int
    first_at: datetime | None


class Tables:
    def __init__(self, connection: asyncpg.Connection, *, inbox_generation: int) -> None:
        self._connection = connection
        self._generation = inbox_generation

    async def marks(self) -> Mapping[TopicPartition, int]:
        """Below which offset of each inbox every message has its outcome."""
        with away():
            rows = await self._connection.fetch(MARKS, self._generation)
        return {TopicPartition(row["inbox"], row["inbox_partition"]): row["mark"] for row in rows}

    async def owed_tombstones(self) -> Sequence[OwedTombstone]:
        with away():
            rows = await self._connection.fetch(OWED, OWED_A_TURN_MAX)
        return [OwedTombstone(**dict(row)) for row in rows]

    async def still_owed(self) -> StillOwed:
        with away():
            row = await self._connection.fetchrow(STILL_OWED)
        assert row is not None, "an aggregate is a row"
        return StillOwed(cases=row["cases"], first_at=row["first_at"])

    async def clear(self, letters_from: Mapping[int, int]) -> None:
        """Rows that nothing asks for any more; of dead letters those whose record is gone."""
        with away():
            await self._connection.execute(REPAIRS_DONE, self._generation)
            await self._connection.execute(LEASES_OF_NOBODY)
            await self._connection.execute(
                LETTERS_GONE, list(letters_from.keys()), list(letters_from.values())
            )
