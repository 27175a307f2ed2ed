"""How far the projector, the dispatcher and the accounting are, asked of Postgres."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schemas.projection import OUTBOX_WAITING
from schemas.topics import CASE_FACTS, DEAD_LETTERS, LOG_PARTITIONS
from services.watching.ask_kafka import Offsets, Position
from streams.core.lag import Behind, Place

CONNECT_SECONDS_MAX = 5
QUERY_SECONDS_MAX = 20.0
FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

READ_TO = "select log_partition, facts_offset, letters_offset from projection.log_positions"
PARKED = """
select late.topic, count(*) as deliveries, max(late.attempts) as tries,
    min(facts.recorded_at) as since, min(late.reason) filter (where late.attempts > 0) as reason
from desk.undelivered as late
left join projection.facts using (log_partition, log_offset)
group by late.topic
order by late.topic
"""
# Between two offsets that have an outcome, from the mark up to what the router has passed.
HOLES = """
with passed as (
    select asked.inbox, asked.inbox_partition, asked.below,
        greatest(coalesce(marks.mark, 0), asked.start) as mark
    from unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[])
        as asked (inbox, inbox_partition, start, below)
    left join projection.inbox_marks as marks
    on marks.inbox = asked.inbox and marks.inbox_partition = asked.inbox_partition
    and marks.generation = $1
),
known as (
    select inbox, inbox_partition, mark - 1 as inbox_offset, below
    from passed
    where mark < below
    union all
    select passed.inbox, passed.inbox_partition, covered.inbox_offset, passed.below
    from passed join projection.covered using (inbox, inbox_partition)
    where covered.generation = $1
    and covered.inbox_offset >= passed.mark and covered.inbox_offset < passed.below
),
holes as (
    select inbox, inbox_partition, inbox_offset + 1 as first, lead(inbox_offset, 1, below)
        over (partition by inbox, inbox_partition order by inbox_offset) as below
    from known
)
select inbox, inbox_partition, first, below
from holes
where first < below
order by inbox, inbox_partition, first
"""
REPAIRS = """
select inbox, inbox_partition, inbox_offset, attempts, last_at
from desk.repairs
where generation = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """What one department's topic did not take: since when, how often it was tried, and why."""

    topic: str
    deliveries: int
    tries: int
    since: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    attempts: int
    last_at: datetime


class Tables:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def read_to(self) -> Offsets:
        """How far the projector has read of each partition of the log and of the dead letters."""
        rows = await self._connection.fetch(READ_TO)
        facts = {(CASE_FACTS, row["log_partition"]): row["facts_offset"] for row in rows}
        return facts | {(DEAD_LETTERS, row["log_partition"]): row["letters_offset"] for row in rows}

    async def outbox(self) -> Behind:
        row = await self._connection.fetchrow(OUTBOX_WAITING, LOG_PARTITIONS)
        assert row is not None, "a sum without groups is one row"
        return Behind(records=row["records"], since=row["since"])

    async def parked(self) -> Sequence[Parked]:
        return [Parked(**dict(row)) for row in await self._connection.fetch(PARKED)]

    async def holes(
        self, generation: int, starts: Offsets, below: Offsets
    ) -> Sequence[tuple[Place, range]]:
        """What has no outcome of what lies below these offsets."""
        places = [place for place in below if place in starts]
        rows = await self._connection.fetch(
            HOLES,
            generation,
            [inbox for inbox, _ in places],
            [partition for _, partition in places],
            [starts[place] for place in places],
            [below[place] for place in places],
        )
        return [
            ((row["inbox"], row["inbox_partition"]), range(row["first"], row["below"]))
            for row in rows
        ]

    async def repairs(self, generation: int) -> Mapping[Position, Repair]:
        rows = await self._connection.fetch(REPAIRS, generation)
        return {
            (row["inbox"], row["inbox_partition"], row["inbox_offset"]): Repair(
                attempts=row["attempts"], last_at=row["last_at"]
            )
            for row in rows
        }


@asynccontextmanager
async def tables(url: str) -> AsyncIterator[Tables]:
    """Raises one of `FAILURES`, here and in every question."""
    connection = await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS_MAX,
        command_timeout=QUERY_SECONDS_MAX,
        server_settings={"application_name": "peygir watching", "timezone": "UTC"},
    )
    try:
        yield Tables(connection)
    finally:
        await connection.close()
