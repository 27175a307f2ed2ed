"""The sla-timer among a million open clocks: its lateness, its idle look, and how soon it is back.

`python -m tests.bench.timer 20000 10` tries it with so many clocks, for so many seconds.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg

from schemas.codec import encode
from schemas.topics import LOG_PARTITIONS, POLICIES, PROGRESS_DESK, progress_of
from services.embedded.parts import Embedded
from services.provision.tables import lay_out
from streams import postgres
from streams.kafka import Broker, Log, reader
from streams.sla_timer.projection import Place, Projection
from streams.sla_timer.timer import DUE_A_LOOK_MAX
from tests.bench.announcing import DEPARTMENT, PLACES, Process, Seen, at_work, back_after_kill
from tests.bench.million_clocks import CLOCKS_A_CASE, Filling
from tests.bench.table import Row, percentile, show
from tests.builders import CITY, PARKS
from tests.policies import policy
from tests.topics import make_fixed_topics, make_topic

CLOCKS = 1_000_000
A_SECOND = 500
SECONDS = 60
POLLS = 500
AFTER_KILL = 20 * A_SECOND  # Notices that fall due while it is killed and comes back.
KILL_LEAD = timedelta(seconds=15)
LATE_SECONDS_MAX = 60.0
INBOXES = (PROGRESS_DESK, progress_of(CITY, PARKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    clocks: int = CLOCKS
    seconds: int = SECONDS

    @property
    def due(self) -> int:
        """Cases with a notice in the time that is measured."""
        return A_SECOND * self.seconds

    @property
    def lead(self) -> timedelta:
        """Until the first is due: by then all of them are put in."""
        return timedelta(seconds=15 + self.due / 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    polls: Sequence[float]
    late: Sequence[float]
    delivered_late: Sequence[float]
    repeated: int
    repeated_after_kill: int
    back_seconds: float


def measure(size: Size | None = None) -> tuple[Row, ...]:
    size = size or Size()
    with tempfile.TemporaryDirectory(prefix="peygir-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            Embedded(folder / "data") as parts,
            parts.kafka() as broker,
            parts.postgres() as server,
        ):
            city = _City(folder, broker.address, server.url("postgres"))
            measured = asyncio.run(city.measured(size))
    return _rows(size, measured)


@dataclass(frozen=True, slots=True)
class _City:
    folder: Path
    kafka: str
    database: str

    async def measured(self, size: Size) -> Measured:
        await self._make_topics()
        connection = await postgres.connect(self.database, application="bench", idle_seconds=600)
        try:
            await self._lay_out(connection)
            filling = Filling(connection)
            await filling.calm(
                size.clocks // CLOCKS_A_CASE - size.due - AFTER_KILL, datetime.now(UTC)
            )
            await connection.execute("vacuum analyze")
            polls = await _polls(connection)
            return await self._announced(size, filling, polls)
        finally:
            await connection.close()

    async def _announced(self, size: Size, filling: Filling, polls: Sequence[float]) -> Measured:
        """Everything that falls due, as it is seen in the log and in the department's topic."""
        seen = Seen()
        timer, *others = (self._process(role) for role in ("sla-timer", "projector", "dispatcher"))
        async with self._watched(seen):
            with at_work(timer, *others):
                begins_at = datetime.now(UTC) + size.lead
                ends_at = begins_at + timedelta(seconds=size.seconds)
                await filling.due(size.due, begins_at, A_SECOND)
                assert datetime.now(UTC) < begins_at, "they were due before all were put in"
                await _sleep_until(ends_at)
                await _until(lambda: len(seen.in_log) == len(seen.delivered) == size.due)
                repeated = _repeated(seen)
                again_at = datetime.now(UTC) + KILL_LEAD
                await filling.due(AFTER_KILL, again_at, A_SECOND)
                await _sleep_until(again_at + timedelta(seconds=1))
                back = await back_after_kill(timer, seen, LATE_SECONDS_MAX)
                await _until(lambda: len(seen.in_log) == size.due + AFTER_KILL)
        return Measured(
            polls=polls,
            late=seen.late(begins_at, ends_at),
            delivered_late=seen.delivered_late(begins_at, ends_at),
            repeated=repeated,
            repeated_after_kill=_repeated(seen) - repeated,
            back_seconds=back,
        )

    @asynccontextmanager
    async def _watched(self, seen: Seen) -> AsyncIterator[None]:
        consumer = reader(self.kafka, client="bench", max_wait_ms=20)
        await consumer.start()
        consumer.assign(PLACES)
        for place in PLACES:
            consumer.seek(place, 0)
        watching = asyncio.create_task(seen.watch(consumer))
        try:
            yield
        finally:
            watching.cancel()
            await consumer.stop()

    async def _make_topics(self) -> None:
        await make_fixed_topics(self.kafka)
        await make_topic(self.kafka, progress_of(CITY, PARKS))
        await make_topic(self.kafka, DEPARTMENT)
        log = Log(self.kafka, client="bench", wait_seconds=10)
        await log.start()
        published = policy()
        await log.append(POLICIES, published.version.encode(), encode(published))
        await log.stop()

    async def _lay_out(self, connection: asyncpg.Connection) -> None:
        broker = Broker(self.kafka, client="bench", wait_seconds=10)
        await broker.start()
        await lay_out(connection, await broker.cluster_id())
        await broker.stop()
        # Nobody reports anything here, and that is accounted for.
        await connection.executemany(
            """
            insert into inbox_marks (inbox, generation, inbox_partition, mark)
            values ($1, 1, 0, 0)
            """,
            [(inbox,) for inbox in INBOXES],
        )

    def _process(self, role: str) -> Process:
        return Process(role, self.folder, kafka=self.kafka, database=self.database)


async def _polls(connection: asyncpg.Connection) -> list[float]:
    projection, now = Projection(connection, inbox_generation=1), datetime.now(UTC)
    places = dict.fromkeys(range(LOG_PARTITIONS), Place())
    taken: list[float] = []
    for _ in range(POLLS):
        began = perf_counter()
        assert not await projection.due(places, before=now, each_max=DUE_A_LOOK_MAX)
        taken.append(perf_counter() - began)
    return taken


async def _sleep_until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LATE_SECONDS_MAX):
        while not holds():  # noqa: ASYNC110  # other processes are waited for
            await asyncio.sleep(0.25)


def _repeated(seen: Seen) -> int:
    """Records of the log that say what an earlier one said."""
    return seen.times.total() - len(seen.times)


def _rows(size: Size, measured: Measured) -> tuple[Row, ...]:
    late, told = measured.late, measured.delivered_late
    assert min(late) > 0, "a notice was early"
    assert measured.repeated == 0, f"{measured.repeated} notices were announced twice"
    return (
        Row(
            what=f"lateness of a notice, p99; {size.clocks:,} open clocks, {A_SECOND} due a second",
            measured=percentile(late, 99),
            unit=" s",
            floor=5,
            aim=1,
            at_most=True,
            detail=f"p50 {percentile(late, 50):.2f} s, longest {max(late):.2f} s of {len(late):,} "
            f"in {size.seconds} s, none twice; in the department's topic p50 "
            f"{percentile(told, 50):.2f} s, p99 {percentile(told, 99):.2f} s",
        ),
        Row(
            what=f"a look of the sla-timer that finds nothing, {size.clocks:,} open clocks",
            measured=statistics.median(measured.polls) * 1000,
            unit=" ms",
            floor=1,
            aim=1,
            at_most=True,
            detail=f"median of {POLLS}; p99 {percentile(measured.polls, 99) * 1000:.2f} ms",
        ),
        Row(
            what="the sla-timer killed: from its next start to its first notice",
            measured=measured.back_seconds,
            unit=" s",
            floor=5,
            aim=2,
            at_most=True,
            detail=f"{A_SECOND} due a second meanwhile; announced again, by the same id: "
            f"{measured.repeated_after_kill}",
        ),
    )


if __name__ == "__main__":
    asked = [int(one) for one in sys.argv[1:3]]
    show(measure(Size(clocks=asked[0], seconds=asked[1]) if asked else None))
