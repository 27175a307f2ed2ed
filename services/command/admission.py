"""What the commands about keys and about staff share: their tables, and places that there are."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.embedded.errors import MissingError
from services.kafka import KafkaAwayError, TopicError
from services.keys.places import not_there
from services.policy.publish import versions

T = TypeVar("T")
CONNECT_SECONDS_MAX = 10


def check_places(scopes: Sequence[str], *, unchecked: bool, made: str) -> None:
    """What is made for a place that is misspelt opens nothing, and is found when it is missed."""
    try:
        policies = versions(reach.kafka(Settings()))
    except (KafkaAwayError, TopicError, MissingError) as error:
        if unchecked:
            return
        words = f"the policies cannot be read, and so not whether these places are there: {error}"
        reach.end(f"{words}. --unchecked makes the {made} all the same", ExitCode.UNAVAILABLE)
    wrong = not_there(scopes, policies)
    if wrong is not None:
        reach.end(wrong, ExitCode.USAGE)


def with_database(work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """What the work gives back, all of it done or nothing."""
    url = reach.database_url(Settings())

    async def run() -> T:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(run())
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        reach.end(f"Postgres does not answer ({type(error).__name__})", ExitCode.UNAVAILABLE)
