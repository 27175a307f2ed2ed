"""The projection as it stands at one moment, in one repeatable-read transaction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from streams.core.tables import (
    CALL_COLUMNS,
    CASE_COLUMNS,
    CLOCK_COLUMNS,
    COVERED_COLUMNS,
    FACT_COLUMNS,
    LETTER_COLUMNS,
    OUTBOX_COLUMNS,
    WORDS_COLUMNS,
)
from streams.postgres import away

PREFETCH = 2_000
LOWEST = -(2**63)
UNREADABLE_COLUMNS = ("topic", "log_partition", "log_offset", "reason", "record")
KEY_COLUMNS = ("case_id", "kid", "log_partition", "wrapped", "phone_index")
PLACE = "log_partition = $1 and log_offset >= $2 and log_offset < $3"
FACTS = f"""
select {", ".join(f"facts.{one}" for one in FACT_COLUMNS[:-1])}, facts.fact::text,
    contents.content::text
from projection.facts
left join projection.contents
    on contents.case_id = facts.case_id and contents.log_offset = facts.log_offset
where facts.log_partition = $1 and facts.log_offset >= $2 and facts.log_offset < $3
order by facts.log_offset
"""  # noqa: S608 - the columns are ours
OUTBOX = f"""
select {", ".join(OUTBOX_COLUMNS)} from projection.outbox
where {PLACE} order by log_offset, ordinal
"""  # noqa: S608
LETTERS = f"select {', '.join(LETTER_COLUMNS)} from projection.dead_letters where {PLACE}"  # noqa: S608
UNREADABLE = f"""
select {", ".join(UNREADABLE_COLUMNS)} from projection.unreadable where {PLACE} and topic = $4
"""  # noqa: S608
CASES = f"""
select {", ".join(CASE_COLUMNS)}, unfoldable from projection.cases where log_partition = $1
"""  # noqa: S608
CLOCKS = f"select {', '.join(CLOCK_COLUMNS)} from projection.clocks where log_partition = $1"  # noqa: S608
WORDS = f"select {', '.join(WORDS_COLUMNS)} from projection.case_words where log_partition = $1"  # noqa: S608
KEYS = f"select {', '.join(KEY_COLUMNS)} from projection.keyring where log_partition = $1"  # noqa: S608
CALLS = f"select {', '.join(CALL_COLUMNS)} from projection.answered_calls where log_partition = $1"  # noqa: S608
COVERED = f"select {', '.join(COVERED_COLUMNS)} from projection.covered"  # noqa: S608
MARKS = "select inbox, generation, inbox_partition, mark from projection.inbox_marks"
POSITIONS = """
select log_partition, cluster_id, facts_offset, keyring_offset, letters_offset, calls_offset
from projection.log_positions order by log_partition
"""
ABOUT = "select generation, layout from projection.about"
COUNTS = """
select log_partition, sum(rows)::bigint from (
    select log_partition, count(*) as rows from projection.cases group by log_partition
    union all
    select log_partition, count(*) as rows from projection.answered_calls group by log_partition
) as counted
group by log_partition
"""
STRAY_CONTENTS = """
select case_id, log_offset from projection.contents
where not exists (
    select from projection.facts
    where facts.case_id = contents.case_id and facts.log_offset = contents.log_offset
)
"""
BEYOND = """
select 'facts', case_id, log_offset from projection.facts
where log_partition = $1 and log_offset >= $2
union all
select 'outbox', case_id, log_offset from projection.outbox
where log_partition = $1 and log_offset >= $2
union all
select 'dead_letters', null, log_offset from projection.dead_letters
where log_partition = $1 and log_offset >= $3
limit $4
"""
BEYOND_MAX = 100_000
PARTITIONED = (
    "facts", "cases", "case_words", "clocks", "keyring", "outbox", "dead_letters", "answered_calls",
    "unreadable",
)  # fmt: skip

Row = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far one log partition is read, and of which cluster's log."""

    cluster_id: str
    facts: int
    keyring: int
    letters: int
    calls: int


class Snapshot:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def about(self) -> tuple[str, str] | None:
        """The generation and the layout; other words after a rebuild took its place."""
        rows = await self._rows(ABOUT)
        return (rows[0][0], rows[0][1]) if len(rows) == 1 else None

    async def standings(self) -> Mapping[int, Standing]:
        return {
            row[0]: Standing(
                cluster_id=row[1], facts=row[2], keyring=row[3], letters=row[4], calls=row[5]
            )
            for row in await self._rows(POSITIONS)
        }

    async def rows_of_partitions(self) -> Mapping[int, int]:
        """How many cases and calls each has."""
        return {row[0]: row[1] for row in await self._rows(COUNTS)}

    async def facts(self, partition: int, start: int, end: int) -> Sequence[Row]:
        """Each with what stands in `contents` for it, as its last column."""
        return await self._rows(FACTS, partition, start, end)

    async def outbox(self, partition: int, start: int, end: int) -> Sequence[Row]:
        return await self._rows(OUTBOX, partition, start, end)

    async def letters(self, partition: int, start: int, end: int) -> Sequence[Row]:
        return await self._rows(LETTERS, partition, start, end)

    async def unreadable(self, topic: str, partition: int, start: int, end: int) -> Sequence[Row]:
        return await self._rows(UNREADABLE, partition, start, end, topic)

    async def beyond(self, partition: int, facts: int, letters: int) -> Sequence[Row]:
        """Table, case and offset of rows behind what the projection says it has read."""
        return await self._rows(BEYOND, partition, facts, letters, BEYOND_MAX)

    def cases(self, partition: int) -> AsyncIterator[Row]:
        return self._each(CASES, partition)

    def clocks(self, partition: int) -> AsyncIterator[Row]:
        return self._each(CLOCKS, partition)

    def words(self, partition: int) -> AsyncIterator[Row]:
        return self._each(WORDS, partition)

    def keys(self, partition: int) -> AsyncIterator[Row]:
        return self._each(KEYS, partition)

    def calls(self, partition: int) -> AsyncIterator[Row]:
        return self._each(CALLS, partition)

    def covered(self) -> AsyncIterator[Row]:
        return self._each(COVERED)

    async def marks(self) -> Sequence[Row]:
        return await self._rows(MARKS)

    def stray_contents(self) -> AsyncIterator[Row]:
        """Contents of no fact."""
        return self._each(STRAY_CONTENTS)

    async def strays(self, table: str, partitions: int) -> int:
        """How many rows name a partition that there is not."""
        assert table in PARTITIONED, table
        query = f"select count(*) from projection.{table} where log_partition not between 0 and $1"  # noqa: S608
        return (await self._rows(query, partitions - 1))[0][0]

    async def _rows(self, query: str, *arguments: object) -> Sequence[Row]:
        with away():
            return await self._connection.fetch(query, *arguments)

    async def _each(self, query: str, *arguments: object) -> AsyncIterator[Row]:
        with away():
            async for row in self._connection.cursor(query, *arguments, prefetch=PREFETCH):
                yield row
