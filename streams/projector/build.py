"""The schema that a rebuild fills, beside the projection at work: laid out, finished, dropped."""

import asyncio

import asyncpg

from schemas import projection
from schemas.projection import LAYING_LOCK, LAYOUT, NEXT, OLD, REBUILD_LOCK
from schemas.topics import LOG_PARTITIONS
from streams.postgres import away

SESSION = {
    "search_path": f"{NEXT}, desk",
    # What is lost when the server dies is lost with the whole attempt; the swap waits for the disk.
    "synchronous_commit": "off",
    "statement_timeout": "0",
}
BUILDER = {"maintenance_work_mem": "256MB", "idle_in_transaction_session_timeout": "60s"}
# The projector itself looks for a case's facts by this one, so it is there from the beginning.
FACTS_OF_CASE = "facts_of_case"
DROP_LOCK_MILLISECONDS = 300  # Readers queue behind one that waits to drop.
DROP_TRIES_MAX = 100
DROP_REST_SECONDS = 0.2


async def alone(connection: asyncpg.Connection) -> bool:
    """Whether nobody else rebuilds; it stays so while the session lives."""
    with away():
        return bool(await connection.fetchval("select pg_try_advisory_lock($1)", REBUILD_LOCK))


async def lay_out(connection: asyncpg.Connection, cluster_id: str) -> None:
    """Fresh tables without what finds rows; what an attempt before left is dropped."""
    for left in (NEXT, OLD):
        await drop(connection, left)
    with away():
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", LAYING_LOCK)
            await connection.execute(projection.EXTENSIONS)
            await connection.execute(projection.DESK)
            await connection.execute(f"create schema {NEXT}")
            await connection.execute(projection.TABLES)
            await connection.execute(_indexes(at_once=True))
            await connection.execute(projection.LAY_OUT, LAYOUT)
            await connection.execute(projection.POSITIONS, cluster_id, LOG_PARTITIONS)


async def finish(connection: asyncpg.Connection) -> None:
    """What finds rows, and what the planner knows of them."""
    with away():
        await connection.execute(_indexes(at_once=False))
        await connection.execute("analyze")


async def drop(connection: asyncpg.Connection, schema: str) -> bool:
    """Whether it is gone. Who still reads in it is waited for, and never held up for long."""
    for _ in range(DROP_TRIES_MAX):
        try:
            with away():
                async with connection.transaction():
                    wait = f"set local lock_timeout = {DROP_LOCK_MILLISECONDS}"
                    await connection.execute(wait)
                    await connection.execute(f"drop schema if exists {schema} cascade")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(DROP_REST_SECONDS)
        else:
            return True
    return False


def _indexes(*, at_once: bool) -> str:
    lines = projection.INDEXES.splitlines()
    statements = "\n".join(one for one in lines if not one.startswith("--")).split(";")
    return ";".join(one for one in statements if (FACTS_OF_CASE in one) is at_once)
