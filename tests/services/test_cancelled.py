"""What runs in the background ends when it is told to, even while a connection fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg

from schemas.exposition import Meters
from schemas.metrics import STREAMS_ENDED, STREAMS_EVENTS, STREAMS_SUBSCRIBERS
from services.api.changes.hub import Hub
from services.api.changes.reads import AwayError, Reading
from services.keys.active import ActiveKeys

ENOUGH_SECONDS = 2.0


@dataclass
class FailsAsItIsCancelled:
    """Postgres, of which a listener sees the failure and never the cancellation behind it."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reading(self) -> Reading:
        raise AssertionError("nothing is ever read here")

    @asynccontextmanager
    async def listening(self, heard: Callable[[], None]) -> AsyncIterator[Reading]:  # noqa: ARG002
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise AwayError("refused") from None
        yield self.reading


@dataclass
class FailsInThatMoment:
    """A pool whose question fails in the moment in which whoever asked is told to end."""

    told_to_end: Callable[[], bool] | None = None
    times: int = 0

    async def fetch(self, _query: str) -> list[asyncpg.Record]:
        self.times += 1
        await asyncio.sleep(0)
        if self.told_to_end is not None:
            self.told_to_end()
        raise ConnectionRefusedError


def test_keys_are_read_no_more_when_a_connection_fails_as_they_are_told_to_end() -> None:
    async def live() -> None:
        nowhere = FailsInThatMoment()
        pool = cast("asyncpg.Pool", nowhere)
        fresh = asyncio.create_task(ActiveKeys().keep_fresh(pool, every_seconds=60))
        nowhere.told_to_end = fresh.cancel

        await asyncio.wait([fresh], timeout=ENOUGH_SECONDS)

        assert fresh.cancelled()
        assert nowhere.times == 1

    _run(live())


def test_changes_are_read_no_more_when_a_connection_fails_as_the_process_ends() -> None:
    async def live() -> None:
        nowhere = FailsAsItIsCancelled()
        meters = Meters([STREAMS_SUBSCRIBERS, STREAMS_EVENTS, STREAMS_ENDED])
        hub = Hub(nowhere, meters, watchers_max=1)
        closed = asyncio.Event()

        async def open_and_close() -> None:
            async with hub.open():
                with hub.place():
                    await nowhere.asked.wait()
            closed.set()

        opening = asyncio.create_task(open_and_close())
        await asyncio.wait([opening], timeout=ENOUGH_SECONDS)

        assert closed.is_set()

    _run(live())


def _run(living: Coroutine[Any, Any, None]) -> None:
    """As `asyncio.run`, but a task that cannot be cancelled is left behind and not waited for."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(living)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
