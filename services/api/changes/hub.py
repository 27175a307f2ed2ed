"""One reader of changes for a whole process, and everybody who watches."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal, Protocol

from schemas import logs
from schemas.exposition import Meters
from schemas.metrics import STREAMS_ENDED, STREAMS_SUBSCRIBERS
from services.api.changes.cursor import Offsets
from services.api.changes.reads import AwayError, Reading, Source
from services.api.changes.ring import CHANGES_MAX, Ring
from services.http.problems import unavailable
from services.postgres import end_if_cancelled

POLL_SECONDS = 1.0
"""How long a change can lie unseen when its notification was lost."""
RETRY_SECONDS = 0.3
LOOK_SECONDS_MAX = 4.0
IDLE_SECONDS = 10.0
TICK_SECONDS = 0.5
# Watchers cost a write each for every look: the more they are, the longer changes are gathered.
GATHER_SECONDS_EACH = 0.0001
GATHER_SECONDS_MAX = 0.1
PAGES_AT_ONCE = 3
"""Readers of the past at a time, so that others find a connection in the pool."""

Why = Literal["left", "complete", "slow", "revoked", "stopping"]

_log = logs.logger()


class Watcher(Protocol):
    """Somebody who is told that there is more, and that time passes."""

    def wake(self) -> None: ...
    def tick(self, now: float) -> None: ...
    def end(self, why: Why) -> None: ...


class Hub:
    """Reads while somebody watches; what was read lies in `ring`, of which each takes its own."""

    def __init__(
        self,
        source: Source,
        meters: Meters,
        *,
        watchers_max: int,
        changes_max: int = CHANGES_MAX,
    ) -> None:
        self.meters = meters
        self.pages = asyncio.Semaphore(PAGES_AT_ONCE)
        self._source = source
        self._watchers_max = watchers_max
        self._changes_max = changes_max
        self._watchers: set[Watcher] = set()
        self._places = 0
        self._ring: Ring | None = None
        self._positions: Offsets = ()
        self._heard = asyncio.Event()
        self._wanted = asyncio.Event()
        self._looks: list[asyncio.Future[None]] = []
        self._stopping = False

    @property
    def reading(self) -> Reading:
        return self._source.reading

    @property
    def ring(self) -> Ring:
        assert self._ring is not None, "looked at before it is asked for"
        return self._ring

    @property
    def positions(self) -> Offsets:
        """How far the projection was at the last look; what is read may lie behind it."""
        return self._positions

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Reads in the background for as long as it is entered."""
        tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._tick())]
        for task in tasks:
            task.add_done_callback(self._broken)
        try:
            yield
        finally:
            self.stop()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def stop(self) -> None:
        """Ends every stream at once, and takes no more."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.end("stopping")

    def _broken(self, task: "asyncio.Task[None]") -> None:
        """Our own mistake: nobody is left to wait for what does not come, and intake goes on."""
        if not task.cancelled() and (error := task.exception()):
            _log.error("the changes are read no more", exc_info=error)
            self.stop()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one watcher. Raises a 503 problem where there is none."""
        if self._stopping:
            raise unavailable("This process sends no changes any more.", retry_after_seconds=1)
        if self._places >= self._watchers_max:
            words = f"{self._places} streams of changes are open here, and no more are taken."
            raise unavailable(words, retry_after_seconds=5)
        self._places += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._places -= 1

    @contextmanager
    def watching(self, watcher: Watcher) -> Iterator[None]:
        """Wakes the watcher, for as long as it is entered."""
        self._watchers.add(watcher)
        self.meters.show(STREAMS_SUBSCRIBERS, len(self._watchers))
        try:
            yield
        finally:
            self._watchers.discard(watcher)
            self.meters.show(STREAMS_SUBSCRIBERS, len(self._watchers))

    def note_end(self, why: Why) -> None:
        self.meters.count(STREAMS_ENDED, why)

    async def look(self) -> Ring:
        """The ring, after a look that began now. Raises a 503 problem while Postgres is away."""
        looked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._looks.append(looked)
        self._heard.set()
        try:
            async with asyncio.timeout(LOOK_SECONDS_MAX):
                await looked
        except TimeoutError as error:
            words = "The database does not answer."
            raise unavailable(words, retry_after_seconds=2) from error
        return self.ring

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                async with self._source.listening(self._heard.set) as reading:
                    await self._read(reading)
            except AwayError as error:
                _log.warning("the changes cannot be read", error=str(error))
                end_if_cancelled()
                await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, reading: Reading) -> None:
        """Looks whenever something is heard, and now and then, until nobody has watched a while."""
        idle = 0.0
        while idle < IDLE_SECONDS:
            self._heard.clear()
            if not await self._look(reading):
                continue
            await asyncio.sleep(min(GATHER_SECONDS_EACH * len(self._watchers), GATHER_SECONDS_MAX))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._heard.wait()
            idle = 0.0 if self._places else idle + POLL_SECONDS
        if not self._places:
            # Whoever comes next begins where the log is then.
            self._ring = None
            self._wanted.clear()

    async def _look(self, reading: Reading) -> bool:
        """Learns what is new, and wakes everybody for it. Whether that was all."""
        looks, self._looks = self._looks, []
        try:
            complete = await self._learn(reading)
        except BaseException:
            self._looks += looks
            raise
        for looked in looks:
            if not looked.done():
                looked.set_result(None)
        return complete

    async def _learn(self, reading: Reading) -> bool:
        if self._ring is None:
            head = await reading.start()
            self._ring = Ring(head, changes_max=self._changes_max)
            self._positions = head.offsets
            return True
        page = await reading.page(self._ring.head)
        self._positions = page.positions
        if page.generation != self._ring.head.generation:
            self._ring = Ring(await reading.start(), changes_max=self._changes_max)
        elif page.reached == self._ring.head.offsets:
            return True
        else:
            self._ring.add(page)
        for watcher in self._watchers:
            watcher.wake()
        return page.complete

    async def _tick(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for watcher in self._watchers:
                watcher.tick(clock())
