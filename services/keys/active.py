"""The keys in force, held in memory and read again every few seconds.

A request costs no query; and while Postgres is away the last known keys still open the door, so
that a citizen's message is taken.
"""

import asyncio

import asyncpg

from schemas import logs
from services.http.client import Client
from services.http.problems import unavailable
from services.keys.key import KEY_CHARACTERS_MAX, digest
from services.keys.store import in_force
from services.postgres import AWAY, end_if_cancelled

_log = logs.logger()


class ActiveKeys:
    """A snapshot of the keys in force; empty and not `ready` until it was read once."""

    def __init__(self, known: dict[bytes, Client] | None = None) -> None:
        self._known = known or {}
        self.ready = known is not None

    async def find(self, token: str) -> Client | None:
        return self.known(token)

    def known(self, token: str) -> Client | None:
        """The client of a key. Equal digests say nothing of the key: no timing to learn from.

        Raises a 503 problem until the keys were read once: a good key is not to be called bad.
        """
        if not self.ready:
            raise unavailable("The API keys are not read yet.", retry_after_seconds=1)
        if len(token) > KEY_CHARACTERS_MAX:
            return None
        return self._known.get(digest(token))

    async def refresh(self, pool: asyncpg.Pool) -> None:
        self._known = await in_force(pool)
        self.ready = True

    async def keep_fresh(self, pool: asyncpg.Pool, *, every_seconds: float) -> None:
        """Reads again for as long as it is not cancelled; what it knows outlives an outage."""
        while True:
            try:
                await asyncio.wait_for(self.refresh(pool), timeout=5 + every_seconds)
            except (*AWAY, asyncpg.PostgresError) as error:
                _log.warning("the API keys could not be read again", error=type(error).__name__)
            end_if_cancelled()
            await asyncio.sleep(every_seconds)
