"""Postgres as the processors use it: sessions that end themselves, and one word for its absence."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from streams.away import AwayError, in_short

SCHEMAS = "projection, desk"
CONNECT_SECONDS = 5


async def connect(
    url: str, *, application: str, idle_seconds: float, **settings: str
) -> asyncpg.Connection:
    """One session. A transaction left open for `idle_seconds`, or a longer statement, is ended.

    `settings` are the session's own, and stand above ours.
    """
    with away():
        return await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            server_settings=_settings(application, idle_seconds) | settings,
        )


async def pool(url: str, *, application: str, idle_seconds: float, size: int) -> asyncpg.Pool:
    with away():
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            server_settings=_settings(application, idle_seconds),
        )


@contextmanager
def away() -> Iterator[None]:
    """What tells that Postgres is away, or has ended the session, in one word."""
    try:
        yield
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.IdleInTransactionSessionTimeoutError,
        asyncpg.DeadlockDetectedError,
    ) as error:
        raise AwayError(f"Postgres is away: {in_short(error)}") from error


def _settings(application: str, idle_seconds: float) -> dict[str, str]:
    milliseconds = str(int(idle_seconds * 1000))
    return {
        "application_name": f"peygir {application}",
        "search_path": SCHEMAS,
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": milliseconds,
        # A statement that outlives the lease would end in a refusal anyway.
        "statement_timeout": str(max(int(idle_seconds * 1000), 30_000)),
        "tcp_keepalives_idle": "10",
    }
