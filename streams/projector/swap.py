"""The moment in which a rebuilt projection takes the place of the one at work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.projection import LAYING_LOCK
from schemas.topics import ANSWERED_CALLS, CASE_FACTS, DEAD_LETTERS, KEYRING, LOG_PARTITIONS
from streams.kafka import Broker
from streams.postgres import away
from streams.projector.positions import Position
from streams.projector.tables import CHANNEL

LOCK_MILLISECONDS = 3_000
HOLD_SECONDS_MAX = 2.0
LOOK_SECONDS = 0.01

STANDING = """
select log_partition, facts_offset, keyring_offset, letters_offset, calls_offset
from projection_next.log_positions
"""
# The one at work may be of a layout that knew of no calls.
STANDING_AT_WORK = """
select log_partition, facts_offset, keyring_offset, letters_offset,
    coalesce((to_jsonb(known) ->> 'calls_offset')::bigint, 0) as calls_offset
from projection.log_positions as known order by log_partition for update
"""
MARKS_HELD = "lock table projection.inbox_marks in share row exclusive mode"
# Whoever waits to write below finds that the row is not his any more, and starts over.
NOBODYS = """
update projection.log_positions set owner = 'rebuilt', leased_until = 'infinity'
"""
# The accountant moves the marks alone, so they are not in the log; what lies below is done with.
MARKS = """
insert into projection_next.inbox_marks (inbox, generation, inbox_partition, mark)
select inbox, generation, inbox_partition, mark from projection.inbox_marks
"""
DONE_WITH = """
delete from projection_next.covered using projection_next.inbox_marks as marks
where marks.inbox = covered.inbox and marks.generation = covered.generation
and marks.inbox_partition = covered.inbox_partition and covered.inbox_offset < marks.mark
"""
AWAY = "alter schema projection rename to projection_old"
HERE = "alter schema projection_next rename to projection"
THERE = "select to_regclass($1) is not null"
SCHEMA_THERE = "select to_regnamespace('projection') is not null"


class NotYetError(Exception):
    """The fresh projection is not as far as the one at work, or that one is not let go of."""


Standing = Mapping[int, Position]


async def standing(connection: asyncpg.Connection) -> Standing:
    """How far the fresh projection has read."""
    with away():
        return _positions(await connection.fetch(STANDING))


def reached(now: Standing, wanted: Standing) -> bool:
    return all(
        now[one].facts >= other.facts
        and now[one].keyring >= other.keyring
        and now[one].letters >= other.letters
        and now[one].calls >= other.calls
        for one, other in wanted.items()
    )


async def ends(broker: Broker) -> dict[int, Position]:
    """Where the log ends, as positions."""
    partitions = range(LOG_PARTITIONS)
    topics = (CASE_FACTS, KEYRING, DEAD_LETTERS, ANSWERED_CALLS)
    found = await broker.ends(
        [TopicPartition(topic, one) for topic in topics for one in partitions]
    )
    return {
        one: Position(*(found[TopicPartition(topic, one)] for topic in topics))
        for one in partitions
    }


async def swap(
    connection: asyncpg.Connection, broker: Broker, let_go: Callable[[], Awaitable[None]]
) -> None:
    """One transaction. `let_go` ends whoever still writes to the fresh one.

    Raises `NotYetError`; then nothing has happened, but that the projection at work stood still.
    """
    try:
        with away():
            async with connection.transaction():
                await _until_beyond(connection, broker, await _hold(connection))
                await let_go()
                await _exchange(connection)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        raise NotYetError("the projection at work is not let go of") from error


async def _hold(connection: asyncpg.Connection) -> Standing:
    """From here to the end of the transaction nothing is written to the projection at work.

    Gives how far that one has read.
    """
    await connection.execute(f"set local lock_timeout = {LOCK_MILLISECONDS}")
    await connection.execute("set local synchronous_commit = on")
    await connection.execute("select pg_advisory_xact_lock($1)", LAYING_LOCK)
    if await connection.fetchval(THERE, "projection.inbox_marks"):
        await connection.execute(MARKS_HELD)
    if await connection.fetchval(THERE, "projection.log_positions"):
        return _positions(await connection.fetch(STANDING_AT_WORK))
    return {}


async def _until_beyond(connection: asyncpg.Connection, broker: Broker, known: Standing) -> None:
    """Until the fresh one is as far in every topic; a log that went back is read to its end."""
    end = await ends(broker)
    wanted = {
        one: Position(
            min(position.facts, end[one].facts),
            min(position.keyring, end[one].keyring),
            min(position.letters, end[one].letters),
            min(position.calls, end[one].calls),
        )
        for one, position in known.items()
    }
    give_up_at = asyncio.get_running_loop().time() + HOLD_SECONDS_MAX
    while not reached(await standing(connection), wanted):
        if asyncio.get_running_loop().time() > give_up_at:
            raise NotYetError("the fresh projection is behind the one at work")
        await asyncio.sleep(LOOK_SECONDS)


async def _exchange(connection: asyncpg.Connection) -> None:
    if await connection.fetchval(THERE, "projection.inbox_marks"):
        await connection.execute(MARKS)
        await connection.execute(DONE_WITH)
    if await connection.fetchval(THERE, "projection.log_positions"):
        await connection.execute(NOBODYS)
    if await connection.fetchval(SCHEMA_THERE):
        await connection.execute(AWAY)
    await connection.execute(HERE)
    every = ",".join(str(one) for one in range(LOG_PARTITIONS))
    await connection.execute("select pg_notify($1, $2)", CHANNEL, every)


def _positions(rows: Iterable[asyncpg.Record]) -> dict[int, Position]:
    return {
        row["log_partition"]: Position(
            row["facts_offset"], row["keyring_offset"], row["letters_offset"], row["calls_offset"]
        )
        for row in rows
    }
