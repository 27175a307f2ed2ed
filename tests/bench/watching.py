"""Changes to two hundred watchers, against a bare application that pushes events made before."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx

from schemas.topics import LOG_PARTITIONS
from services.embedded import ports
from services.embedded.parts import Embedded
from services.keys import store
from services.keys.key import new_key
from services.provision.tables import lay_out
from tests.bench.reading import process, until_open
from tests.bench.scraping import scraped
from tests.bench.table import Row, percentile, show
from tests.builders import CITY, NOON

BARE = Path(__file__).with_name("bare_fan_out.py")
WATCHERS = 200
CASES = 1_000
EACH = 20  # Events of one commit, as the projector has them when much is going on.
FLOOD, ROUNDS = 100, 3  # Commits one after the other, as fast as they can be written.
CALM, CALM_EACH, CALM_PAUSE = 100, 4, 0.02  # 200 events a second.
ARRIVE_SECONDS_MAX = 60.0
MARK = b"event: change"
MOVED = """
with notified as (select pg_notify('peygir_projected', ''))
update log_positions set facts_offset = ($1::bigint[])[log_partition + 1]
from notified
"""

Push = Callable[[int, int, float], Awaitable[Sequence[float]]]
"""Publishes so many portions of so many events with a pause between them; tells when each was."""


class Watcher(asyncio.Protocol):
    """Counts events as they come."""

    def __init__(self, request: bytes) -> None:
        self.count = 0
        self.seen: list[tuple[float, int]] = []
        self._request = request
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        text = self._rest + data
        self._rest = text[1 - len(MARK) :]
        if found := text.count(MARK):
            self.count += found
            self.seen.append((time.monotonic(), self.count))


@dataclass(slots=True)
class Crowd:
    """Everybody who watches one address."""

    watchers: list[Watcher] = field(default_factory=list[Watcher])

    async def waits(self, push: Push, portions: int, each: int, pause: float) -> list[float]:
        """How long each event took to each watcher."""
        before = self.watchers[0].count
        for one in self.watchers:
            one.seen.clear()
        pushed_at = await push(portions, each, pause)
        async with asyncio.timeout(ARRIVE_SECONDS_MAX):
            while any(one.count < before + portions * each for one in self.watchers):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return [wait for one in self.watchers for wait in _waits(one, before, pushed_at, each)]

    async def events_a_second(self, push: Push) -> float:
        began = time.monotonic()
        await self.waits(push, FLOOD, EACH, 0)
        last = max(one.seen[-1][0] for one in self.watchers)
        return WATCHERS * FLOOD * EACH / (last - began)


def _waits(watcher: Watcher, before: int, pushed_at: Sequence[float], each: int) -> Iterator[float]:
    number = 0
    for at, count in watcher.seen:
        while number < count - before:
            yield max(0.0, at - pushed_at[number // each])
            number += 1


@asynccontextmanager
async def crowd(port: int, path: str, key: str = "") -> AsyncIterator[Crowd]:
    head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    loop, here = asyncio.get_running_loop(), Crowd()
    for _ in range(WATCHERS):
        _, one = await loop.create_connection(lambda: Watcher(head), ports.HOST, port)
        here.watchers.append(one)
    await asyncio.sleep(1)
    try:
        yield here
    finally:
        for one in here.watchers:
            one.transport.abort()


@dataclass(slots=True)
class Projector:
    """Writes changes of a thousand cases as the projector does."""

    connection: asyncpg.Connection
    offsets: list[int] = field(default_factory=lambda: [2 * CASES] * LOG_PARTITIONS)
    number: int = 0

    async def push(self, portions: int, each: int, pause: float) -> list[float]:
        committed_at: list[float] = []
        for _ in range(portions):
            async with self.connection.transaction():
                await _write(self.connection, [self._next() for _ in range(each)])
                await self.connection.execute(MOVED, self.offsets)
            committed_at.append(time.monotonic())
            await asyncio.sleep(pause)
        return committed_at

    def _next(self) -> tuple[object, ...]:
        self.number += 1
        number = self.number % CASES
        partition = number % LOG_PARTITIONS
        offset = self.offsets[partition]
        self.offsets[partition] += 1
        return _row(partition, offset, number, "case.warned.v1")


def measure() -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.postgres() as database,
    ):
        return asyncio.run(_measure(database.url("peygir")))


async def _measure(url: str) -> Row:
    connection = await asyncpg.connect(url, server_settings={"search_path": "projection,desk"})
    await lay_out(connection, "bench")
    # How fast the disk is is not the question here.
    await connection.execute("set synchronous_commit to off")
    key = new_key(client="bench", scopes=("read",))
    await store.add(connection, key)
    await _fill(connection)
    ours, bare, shown = (ports.free_port(f"bench {one}") for one in ("changes", "fan-out", "shown"))
    settings = {
        "PEYGIR_DATABASE_URL": url,
        "PEYGIR_PORT": str(ours),
        "PEYGIR_METRICS_PORT": str(shown),
    }
    with (
        process("-m", "services", "api", **settings),
        process(str(BARE), str(bare)),
        scraped(shown),
    ):
        for port in (ours, bare):
            await until_open(port)
        await asyncio.sleep(3)  # The keys are read every two seconds.
        async with (
            crowd(ours, "/api/v1/changes", key.shown) as watching,
            crowd(bare, "/events") as pushed,
            httpx.AsyncClient(base_url=f"http://{ports.HOST}:{bare}", timeout=60) as client,
        ):
            return await _compared(watching, Projector(connection), pushed, _bare_push(client))


async def _compared(ours: Crowd, projector: Projector, bare: Crowd, push: Push) -> Row:
    pairs = [
        (await ours.events_a_second(projector.push), await bare.events_a_second(push))
        for _ in range(ROUNDS)
    ]
    waits = await ours.waits(projector.push, CALM, CALM_EACH, CALM_PAUSE)
    theirs = await bare.waits(push, CALM, CALM_EACH, CALM_PAUSE)
    return Row(
        what=f"changes to {WATCHERS} watchers / a bare push of events made before",
        measured=statistics.median(one / other for one, other in pairs),
        unit="",
        floor=0.5,
        aim=0.9,
        at_most=False,
        detail=f"{statistics.median(one for one, _ in pairs):,.0f}/s and "
        f"{statistics.median(other for _, other in pairs):,.0f}/s in all, {ROUNDS} rounds; at "
        f"{CALM_EACH / CALM_PAUSE:.0f} changes a second, commit to receipt p50 "
        f"{percentile(waits, 50) * 1000:.0f} ms, p99 {percentile(waits, 99) * 1000:.0f} ms, "
        f"bare p99 {percentile(theirs, 99) * 1000:.0f} ms",
    )


def _bare_push(client: httpx.AsyncClient) -> Push:
    async def push(portions: int, each: int, pause: float) -> Sequence[float]:
        asked = {"portions": portions, "each": each, "pause": pause}
        return (await client.get("/push", params=asked)).json()

    return push


async def _fill(connection: asyncpg.Connection) -> None:
    """A thousand cases, each submitted and routed."""
    steps = ("case.submitted.v1", "case.routed.v1")
    await _write(
        connection,
        [
            _row(number % LOG_PARTITIONS, 2 * number + at, number, step)
            for number in range(CASES)
            for at, step in enumerate(steps)
        ],
    )
    cases = [
        (_case_id(number), number % LOG_PARTITIONS, CITY, "web", "routed", "1", NOON, NOON, 0, "p")
        for number in range(CASES)
    ]
    await connection.copy_records_to_table(
        "cases",
        records=[(*case, 1, False, False, 0, 0) for case in cases],
        columns=(
            "case_id", "log_partition", "municipality", "channel", "state", "tracking_code",
            "submitted_at", "recorded_at", "submitted_offset", "department", "version",
            "historical", "times_reversed", "transfers", "reopenings",
        ),
    )  # fmt: skip
    await connection.execute("update log_positions set facts_offset = $1", 2 * CASES)
    await connection.execute("vacuum analyze")


def _row(partition: int, offset: int, number: int, step: str) -> tuple[object, ...]:
    case_id = _case_id(number)
    fact = '{"department": "parks"}'
    fact_id = f"{case_id}/{offset}/{step}"
    return (partition, offset, case_id, fact_id, step, NOON, "effective", None, fact)


async def _write(connection: asyncpg.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    await connection.copy_records_to_table(
        "facts",
        records=rows,
        columns=(
            "log_partition", "log_offset", "case_id", "fact_id", "type", "recorded_at",
            "judgement", "refusal", "fact",
        ),
    )  # fmt: skip


def _case_id(number: int) -> str:
    return f"{number:032b}".translate(str.maketrans("01", "ab"))


if __name__ == "__main__":
    show([measure()])
