"""One watcher's stream: what it missed, from Postgres; then what comes, from memory."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from schemas.metrics import STREAMS_EVENTS
from services.api.changes import events
from services.api.changes.cursor import Cursor
from services.api.changes.hub import RETRY_SECONDS, Hub, Why
from services.api.changes.page import Change, Page, changes
from services.api.changes.reads import AwayError
from services.api.changes.ring import Ring
from services.api.changes.wanted import Wanted

SILENT_SECONDS_MAX = 15.0
"""Then a comment is sent, so that no proxy takes the stream for dead."""
CHANGES_AT_ONCE_MAX = 250
REPLAYED_A_SECOND_MAX = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a watcher asks for. Without a cursor it begins now, and is told where that is."""

    wanted: Wanted
    allowed: Callable[[], bool]
    cursor: Cursor | None = None
    limit: int | None = None
    until_now: bool = False


class Stream:
    """What one watcher is sent, until it ends; `why` then says the cause."""

    def __init__(self, hub: Hub, ring: Ring, asked: Asked, *, now: float) -> None:
        self.why: Why | None = None
        self._hub = hub
        self._asked = asked
        self._cursor = asked.cursor or ring.head
        self._left = asked.limit
        self._until = ring.head.offsets if asked.until_now else None
        # Where it stands in which ring; in none as long as it has to catch up.
        self._ring: Ring | None = None if asked.cursor else ring
        self._number = ring.end
        self._woken = asyncio.Event()
        self._spoke_at = now
        self._silent = False

    def wake(self) -> None:
        self._woken.set()

    def end(self, why: Why) -> None:
        self.why = self.why or why
        self._woken.set()

    def tick(self, now: float) -> None:
        """Looks whether the key is still in force, and whether it was silent for long."""
        if not self._asked.allowed():
            self.end("revoked")
        if now - self._spoke_at >= SILENT_SECONDS_MAX:
            self._silent = True
            self._woken.set()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes, some events at a time; it ends when the stream does."""
        clock = asyncio.get_running_loop().time
        yield events.opening() + (b"" if self._asked.cursor else events.hello(self._cursor))
        async with aclosing(self._follow()) as following:
            async for chunk in following:
                if chunk:
                    self._spoke_at, self._silent = clock(), False
                    yield chunk

    async def _follow(self) -> AsyncGenerator[bytes, None]:
        while self.why is None:
            ring = self._hub.ring
            if self._cursor.generation != ring.head.generation:
                yield self._restart(ring)
            elif self._until is not None and self._cursor.reaches(self._until):
                self.end("complete")
            elif ring is self._ring and ring.first <= self._number < ring.end:
                yield self._newest(ring)
            elif self._silent:
                yield events.still_here(self._cursor)
            elif ring is self._ring and self._number == ring.end:
                await self._rest()
            else:
                async with aclosing(self._catch_up(ring)) as missed:
                    async for chunk in missed:
                        yield chunk

    def _restart(self, ring: Ring) -> bytes:
        """Offsets of another build say nothing of this one: it goes on from now."""
        self._cursor, self._ring, self._number = ring.head, ring, ring.end
        if self._until is not None:
            self.end("complete")
        return events.restart(self._cursor)

    def _newest(self, ring: Ring) -> bytes:
        """What is wanted of the next changes in memory; it may be none of them."""
        start, end = self._number, min(ring.end, self._number + CHANGES_AT_ONCE_MAX)
        self._number = end
        if self._left is not None:
            return self._taken(ring.between(start, end), ring.before(end), "memory")
        text, count = ring.joined(self._asked.wanted, start, end)
        self._cursor = ring.before(end)
        self._hub.meters.count(STREAMS_EVENTS, "memory", by=count)
        return text

    async def _catch_up(self, ring: Ring) -> AsyncGenerator[bytes, None]:
        """What lies before the end of the ring as it is now; from there on it stands in the ring.

        A client that was told more by another process waits until this one has read as far.
        """
        number, target = ring.end, ring.head
        if not target.reaches(self._cursor.offsets):
            await self._rest()
            return
        while self.why is None and self._cursor != target:
            page = await self._page(target)
            if page is None:
                await asyncio.sleep(RETRY_SECONDS)
            elif page.generation != target.generation:
                await self._rest()  # Until the reader has seen it too.
                return
            else:
                found = list(changes(self._cursor, page.facts))
                yield self._taken(found, Cursor(target.generation, page.reached), "database")
                await asyncio.sleep(len(found) / REPLAYED_A_SECOND_MAX)
            if self._silent:
                yield events.still_here(self._cursor)
        if self._cursor == target:
            self._ring, self._number = ring, number

    async def _page(self, target: Cursor) -> Page | None:
        """The next page, or nothing while Postgres is away."""
        case_id = self._asked.wanted.case_id
        async with self._hub.pages:
            try:
                reading = self._hub.reading
                return await reading.page(self._cursor, until=target.offsets, case_id=case_id)
            except AwayError:
                return None

    def _taken(self, found: list[Change], reached: Cursor, source: str) -> bytes:
        """What is wanted of these, up to the limit; the cursor stands behind them."""
        taken = [one for one in found if self._asked.wanted.matches(one)]
        self._cursor = reached
        if self._left is not None:
            taken = taken[: self._left]
            self._left -= len(taken)
            if not self._left:
                self._cursor = Cursor(reached.generation, taken[-1].after)
                self.end("complete")
        self._hub.meters.count(STREAMS_EVENTS, source, by=len(taken))
        return b"".join(one.text for one in taken)

    async def _rest(self) -> None:
        await self._woken.wait()
        self._woken.clear()
