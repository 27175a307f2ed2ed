"""The sessions that this edge has seen, held in memory and read again every few seconds.

Only the first request of a session costs a query here. What ends at this edge ends at once; what
ends at another is known within `every_seconds`, and is trusted no longer than `TRUSTED` where
Postgres does not answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from schemas import logs
from services.http.client import Client
from services.postgres import AWAY, Database, end_if_cancelled
from services.staff import sessions, throttle
from services.staff.account import author
from services.staff.ask import ask
from services.staff.sessions import OpenSession
from services.staff.token import digest, is_token

KNOWN_MAX = 20_000
"""Beyond it the one that was used least lately is forgotten, and asked for again."""
TRUSTED = timedelta(seconds=10)
SWEEP_EVERY = timedelta(minutes=1)

_log = logs.logger()


@dataclass(slots=True)
class _Seen:
    session: OpenSession
    read_at: datetime
    used_at: datetime | None = None
    """When a request used it of which the table does not know yet."""

    def open_at(self, at: datetime, idle: timedelta) -> bool:
        used_at = max(self.session.last_seen_at, self.used_at or self.session.last_seen_at)
        return at < self.session.ends_at and at < used_at + idle


class KnownSessions:
    """Finds whose a session is, as `Callers` do."""

    def __init__(self, database: Database, *, idle: timedelta, now: Callable[[], datetime]) -> None:
        self._database = database
        self._idle = idle
        self._now = now
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()
        self._endings = 0
        self._swept_at: datetime | None = None

    async def find(self, token: str) -> Client | None:
        """Raises a 503 problem where Postgres has to be asked and does not answer."""
        if not is_token(token):
            return None
        key, at = digest(token), self._now()
        seen = self._seen.get(key)
        if seen is None or at - seen.read_at > TRUSTED:
            seen = await self._ask(key, at)
        if seen is None or not seen.open_at(at, self._idle):
            return None
        seen.used_at = at
        if key in self._seen:
            self._seen.move_to_end(key)
        return seen.session.client

    def known(self, token: str) -> Client | None:
        """For who watches: looking on is no use of a session, and does not keep it open."""
        seen = self._seen.get(digest(token)) if is_token(token) else None
        return seen.session.client if seen and seen.open_at(self._now(), self._idle) else None

    def forget(self, token: str) -> None:
        """It has ended, and is not known from this moment on."""
        self._endings += 1
        self._seen.pop(digest(token), None)

    def forget_all(self, name: str) -> None:
        """All sessions of an account have ended."""
        self._endings += 1
        whose = author(name)
        for key in [key for key, one in self._seen.items() if one.session.client.name == whose]:
            del self._seen[key]

    async def refresh(self) -> None:
        """Tells the table what was used, and learns what has ended elsewhere."""
        pool, at = self._database.pool, self._now()
        used = {key: one.used_at for key, one in self._seen.items() if one.used_at is not None}
        if used:
            await sessions.touch(pool, used, idle=self._idle)
        asked = list(self._seen)
        if asked:
            found = await sessions.still_open(pool, asked, at=at, idle=self._idle)
            self._learn(asked, found, at)
        if self._swept_at is None or at - self._swept_at >= SWEEP_EVERY:
            self._swept_at = at
            await throttle.sweep(pool, at)
            await sessions.sweep(pool, at)

    async def keep_fresh(self, *, every_seconds: float) -> None:
        """Does so for as long as it is not cancelled."""
        while True:
            try:
                await asyncio.wait_for(self.refresh(), timeout=5 + every_seconds)
            except (*AWAY, asyncpg.PostgresError) as error:
                _log.warning("the sessions could not be read again", error=type(error).__name__)
            end_if_cancelled()
            await asyncio.sleep(every_seconds)

    async def _ask(self, key: bytes, at: datetime) -> _Seen | None:
        endings, before = self._endings, self._seen.get(key)
        used_at = before and before.used_at

        async def question(pool: asyncpg.Pool) -> dict[bytes, OpenSession]:
            # What the table was not told yet, as while it was away, may be what kept it open.
            if used_at is not None:
                await sessions.touch(pool, {key: used_at}, idle=self._idle)
            return await sessions.still_open(pool, [key], at=at, idle=self._idle)

        found = await ask(self._database, question)
        if key not in found:
            self._seen.pop(key, None)
            return None
        seen = _Seen(session=found[key], read_at=at)
        # What ended while it was asked for may have been this one: it is asked for again.
        if endings == self._endings:
            self._keep(key, seen)
        return seen

    def _keep(self, key: bytes, seen: _Seen) -> None:
        self._seen[key] = seen
        self._seen.move_to_end(key)
        if len(self._seen) > KNOWN_MAX:
            self._seen.popitem(last=False)

    def _learn(self, asked: list[bytes], found: dict[bytes, OpenSession], at: datetime) -> None:
        for key in asked:
            seen = self._seen.get(key)
            if seen is None:
                continue  # It ended here while it was asked for.
            if key not in found:
                del self._seen[key]
                continue
            seen.session, seen.read_at = found[key], at
            if seen.used_at is not None and seen.used_at <= seen.session.last_seen_at:
                seen.used_at = None
