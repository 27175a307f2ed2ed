"""How staff's tables are asked: once more where a connection had died; a 503 where none lives."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from services.http.problems import ProblemError, unavailable
from services.postgres import AWAY, STALE, Database
from services.staff.accounts import Connection

RETRY_AFTER_SECONDS = 1

T = TypeVar("T")


async def ask(database: Database, question: Callable[[asyncpg.Pool], Awaitable[T]]) -> T:
    """The answer. Raises a 503 problem where Postgres is away."""
    try:
        return await question(database.pool)
    except STALE:
        # A pooled connection of before an outage shows that once.
        pass
    except AWAY as error:
        raise _away() from error
    try:
        return await question(database.pool)
    except AWAY as error:
        raise _away() from error


async def at_once(database: Database, work: Callable[[Connection], Awaitable[T]]) -> T:
    """All of the work or nothing of it. Raises a 503 problem where Postgres is away."""

    async def question(pool: asyncpg.Pool) -> T:
        async with pool.acquire() as connection, connection.transaction():
            return await work(connection)

    return await ask(database, question)


def _away() -> ProblemError:
    words = "Accounts and sessions cannot be read at the moment."
    return unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS)
