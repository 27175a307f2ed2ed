"""What a worker is given beside a record: what Faust has read after it, on a real broker."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from schemas.fact_parts import Source
from schemas.settings import Settings
from streams.fetches import Fetches
from streams.kafka import Log
from streams.router.ahead import RECORDS_AHEAD_MAX, Ahead
from streams.router.outlet import Incoming
from streams.router.worker import BUSY, IDLE, Pace, attach, build
from tests.ground import until
from tests.topics import make_topic

pytestmark = pytest.mark.integration

INBOX = "test-following"
LYING = 100  # In each of two partitions.


async def lay(kafka: str) -> None:
    settings = {"message.timestamp.type": "LogAppendTime"}
    await make_topic(kafka, INBOX, partitions=2, settings=settings)
    log = Log(kafka, client="test", wait_seconds=20)
    await log.start()
    for number in range(2 * LYING):
        key, value = f"case {number}".encode(), f"{number // 2}".encode()
        await log.append(INBOX, key, value, partition=number % 2)
    await log.stop()


@dataclass
class Desk:
    """What is done with each record, and what was given beside it."""

    pace: Pace
    handled: list[Incoming] = field(default_factory=list[Incoming])
    delivered: list[Incoming] = field(default_factory=list[Incoming])
    under_way: int = 0
    at_once: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._ahead = Ahead(self.one, keyed={INBOX})

    async def one(self, incoming: Incoming) -> None:
        self.under_way += 1
        self.at_once = max(self.at_once, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        self.handled.append(incoming)

    async def handle(self, incoming: Incoming, following: Iterable[Incoming]) -> None:
        self.pace.handling()
        beside = list(islice(following, RECORDS_AHEAD_MAX))
        first = incoming.source.offset + 1
        places = [(one.source.partition, one.source.offset) for one in beside]
        assert places == [
            (incoming.source.partition, offset) for offset in range(first, first + len(beside))
        ]
        await self._ahead.handle(incoming, beside)
        assert incoming in self.handled, "it is acknowledged to Faust now"
        self.delivered.append(incoming)
        if len(self.delivered) == 2 * LYING:
            self.done.set()


async def work(kafka: str, folder: Path, fetches: Sequence[Fetches]) -> Desk:
    await lay(kafka)
    app = build(Settings(data=folder, kafka=kafka), "intake", kafka)
    desk = Desk(Pace(app))
    attach(app, [INBOX], desk.handle, 3)

    async def asks(wanted: Fetches) -> bool:
        return fetches[-1] == wanted

    app.finalize()
    await app.start()
    try:
        async with asyncio.timeout(60):
            await desk.done.wait()
            await until(lambda: asks(BUSY))
            desk.pace.look()  # This one sees what was handled.
            await asyncio.sleep(0.2)
            assert fetches[-1] == BUSY
            desk.pace.look()
            await until(lambda: asks(IDLE))
    finally:
        await app.stop()
    return desk


def test_beside_a_record_come_those_that_follow_it_in_its_partition(
    kafka: str, tmp_path: Path, fetches: Sequence[Fetches]
) -> None:
    began = datetime.now(UTC)

    desk = asyncio.run(work(kafka, tmp_path, fetches))

    places = sorted((one.source.partition, one.source.offset) for one in desk.handled)
    assert places == [(partition, offset) for partition in range(2) for offset in range(LYING)]
    assert 1 < desk.at_once <= RECORDS_AHEAD_MAX + 1
    last = max(desk.handled, key=lambda one: (one.source.partition, one.source.offset))
    assert last.source == Source(inbox=INBOX, generation=3, partition=1, offset=LYING - 1)
    assert (last.key, last.value) == (b"case 199", b"99")
    assert abs((last.at - began).total_seconds()) < 60
    assert last in desk.delivered
