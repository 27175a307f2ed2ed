"""How the edges reach Postgres: a pool that connects when asked, and again after an outage."""

import asyncio
from collections.abc import Mapping

import asyncpg

CONNECTIONS_MAX = 8
CONNECT_SECONDS_MAX = 2
QUERY_SECONDS_MAX = 5.0

# Away, starting, stopping, full, or not provisioned yet: in each case later is better.
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.UndefinedTableError,
    asyncpg.InvalidSchemaNameError,
)
# What a pooled connection shows when its server went away and came back.
STALE = (ConnectionError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError)


class Database:
    """A pool that belongs to the event loop it is opened in.

    `settings` are the sessions': what may take long has a pool of its own, with a limit.
    """

    def __init__(
        self,
        url: str,
        *,
        connections_max: int = CONNECTIONS_MAX,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._url = url
        self._connections_max = connections_max
        self._settings = {
            "timezone": "UTC",
            "application_name": "peygir-edge",
            **(settings or {}),
        }
        self._pool: asyncpg.Pool | None = None

    @property
    def pool(self) -> asyncpg.Pool:
        assert self._pool is not None, "opened before it is asked"
        return self._pool

    @property
    def in_use(self) -> int:
        """Told from another thread while connections come and go, so never less than none."""
        return max(self._connected - self.idle, 0)

    @property
    def idle(self) -> int:
        return self._pool.get_idle_size() if self._pool else 0

    @property
    def limit(self) -> int:
        return self._connections_max

    @property
    def _connected(self) -> int:
        return self._pool.get_size() if self._pool else 0

    async def open(self) -> None:
        """Needs no server yet: the first question connects."""
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._connections_max,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=QUERY_SECONDS_MAX,
            server_settings=self._settings,
            # Each question stands alone and sets nothing: a reset would be a second round trip.
            reset=_nothing_to_reset,
        )

    async def connect(self) -> asyncpg.Connection:
        """A session of its own, for who listens."""
        return await asyncpg.connect(
            self._url,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=QUERY_SECONDS_MAX,
            server_settings={"timezone": "UTC", "application_name": "peygir-edge listening"},
        )

    def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()


def end_if_cancelled() -> None:
    """For a loop that goes on after a failed question. Raises `CancelledError`.

    A cancellation that comes in the moment in which a connection fails is seen as that failure
    alone (`asyncio.wait_for` of Python 3.11 gives it so), and is not raised a second time.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _nothing_to_reset(_connection: object) -> None:
    return None
