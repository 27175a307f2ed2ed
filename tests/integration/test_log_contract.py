"""What the processors count on of a log: the fake one keeps it as the real one does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from streams.kafka import Log, NoTopicError, TooLargeError
from tests.fakes import FakeLog
from tests.topics import make_topic

pytestmark = pytest.mark.integration

TOPIC, NARROW, ABSENT = "contract", "contract-narrow", "contract-absent"
LIMIT = 4_096
Kind = Literal["fake", "real"]


@asynccontextmanager
async def opened(kind: Kind, kafka: str) -> AsyncIterator[FakeLog | Log]:
    if kind == "fake":
        yield FakeLog(limits={NARROW: LIMIT}, missing={ABSENT})
        return
    await make_topic(kafka, TOPIC, partitions=2)
    await make_topic(kafka, NARROW, settings={"max.message.bytes": str(LIMIT)})
    log = Log(kafka, client="test", wait_seconds=10)
    await log.start()
    try:
        yield log
    finally:
        await log.stop()


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_what_is_sent_in_order_has_offsets_in_order_in_its_partition(
    kind: Kind, kafka: str
) -> None:
    async def run() -> list[tuple[int, int]]:
        async with opened(kind, kafka) as log:
            sent = [await log.send(TOPIC, b"key", b"value", partition=1) for _ in range(5)]
            acknowledged = await asyncio.gather(*sent)
            return [(one.partition, one.offset) for one in acknowledged]

    found = asyncio.run(run())

    assert {partition for partition, _ in found} == {1}
    first = found[0][1]
    assert [offset for _, offset in found] == list(range(first, first + 5))


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_an_absent_topic_is_known_before_anything_is_sent(kind: Kind, kafka: str) -> None:
    async def run() -> None:
        async with opened(kind, kafka) as log:
            with pytest.raises(NoTopicError, match=ABSENT):
                await log.send(ABSENT, b"key", b"value")

    asyncio.run(run())


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_what_is_too_large_is_known_before_it_is_sent_and_its_neighbours_go_on(
    kind: Kind, kafka: str
) -> None:
    async def run() -> list[int]:
        async with opened(kind, kafka) as log:
            before = await log.append(NARROW, b"key", b"small")
            with pytest.raises(TooLargeError):
                await log.send(NARROW, b"key", b"x" * (LIMIT + 1))
            after = await log.append(NARROW, b"key", b"small")
            return [before.offset, after.offset]

    before, after = asyncio.run(run())

    assert after == before + 1
