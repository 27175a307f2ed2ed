"""Appending to a real broker, and asking it: what is acknowledged is there, whatever else is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition

from streams.away import AwayError
from streams.kafka import BATCH_BYTES_MAX, Broker, Log, NoTopicError, TooLargeError
from tests.topics import make_topic

pytestmark = pytest.mark.integration

GOOD = 1_980
TOO_LARGE_EVERY = 100
LIMITS = (64 * 1024, BATCH_BYTES_MAX // 4)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_record_too_large_takes_no_neighbour_with_it(kafka: str, limit: int) -> None:
    topic = f"too-large-{limit}"

    async def appended(log: Log, number: int) -> int | None:
        large = number % TOO_LARGE_EVERY == TOO_LARGE_EVERY - 1
        value = b"x" * (limit if large else 300)
        try:
            return (await log.append(topic, b"key", value)).offset
        except TooLargeError:
            return None

    async def run() -> tuple[list[int | None], int]:
        await make_topic(kafka, topic, settings={"max.message.bytes": str(limit)})
        async with _log(kafka) as log, _broker(kafka) as broker:
            offsets = await asyncio.gather(*(appended(log, number) for number in range(2_000)))
            end = await broker.ends([TopicPartition(topic, 0)])
        return offsets, end[TopicPartition(topic, 0)]

    offsets, end = asyncio.run(run())

    there = [offset for offset in offsets if offset is not None]
    assert len(there) == len(set(there)) == GOOD == end
    assert offsets[TOO_LARGE_EVERY - 1] is None


def test_what_is_sent_in_order_lies_in_order(kafka: str) -> None:
    async def run() -> list[int]:
        await make_topic(kafka, "in-order")
        async with _log(kafka) as log:
            sent = [await log.send("in-order", b"key", b"x" * 9_000) for _ in range(50)]
            return [(await one).offset for one in sent]

    assert asyncio.run(run()) == list(range(50))


def test_a_limit_lowered_behind_our_back_ends_the_process_and_is_known_after_it(
    kafka: str,
) -> None:
    async def run() -> None:
        await make_topic(kafka, "lowered", settings={"max.message.bytes": "100000"})
        async with _log(kafka) as log:
            await log.append("lowered", None, b"x" * 50_000)
            await _lower(kafka, "lowered", 30_000)
            with pytest.raises(TooLargeError):
                await log.append("lowered", None, b"x" * 50_000)
        async with _log(kafka) as log:
            await log.append("lowered", None, b"x" * 20_000)

    asyncio.run(run())


def test_an_absent_topic_is_named(kafka: str) -> None:
    async def run() -> None:
        async with _log(kafka) as log:
            with pytest.raises(NoTopicError, match="no-such-topic"):
                await log.append("no-such-topic", None, b"x")

    asyncio.run(run())


def test_an_absent_broker_is_the_world_that_is_away() -> None:
    async def run() -> None:
        log = Log("127.0.0.1:9", client="test", wait_seconds=1)
        with pytest.raises(AwayError):
            await log.start()
        await log.stop()

    asyncio.run(run())


def test_a_record_is_read_where_it_lies_and_an_absent_one_is_none(kafka: str) -> None:
    async def run() -> None:
        await make_topic(kafka, "read-one", partitions=2)
        place = TopicPartition("read-one", 1)
        async with _log(kafka) as log, _broker(kafka) as broker:
            for number in range(3):
                await log.append("read-one", None, str(number).encode(), partition=1)

            record = await broker.record_at(place, 1)

            assert record is not None
            assert record.value == b"1"
            assert await broker.record_at(place, 3) is None
            assert (await broker.partitions(("read-one",))) == {"read-one": 2}
            assert await broker.committed("no-such-group") == {}
            assert await broker.cluster_id()

    asyncio.run(run())


async def _lower(kafka: str, topic: str, limit: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    wanted = {"max.message.bytes": str(limit)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
    await admin.close()


@asynccontextmanager
async def _log(kafka: str) -> AsyncIterator[Log]:
    log = Log(kafka, client="test", wait_seconds=10)
    await log.start()
    try:
        yield log
    finally:
        await log.stop()


@asynccontextmanager
async def _broker(kafka: str) -> AsyncIterator[Broker]:
    broker = Broker(kafka, client="test", wait_seconds=10)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def test_the_ends_of_many_topics_are_known_at_once(kafka: str) -> None:
    names = [f"many-{number}" for number in range(30)]

    async def run() -> float:
        for name in names:
            await make_topic(kafka, name)
        async with _broker(kafka) as broker:
            began = asyncio.get_running_loop().time()
            await broker.ends([TopicPartition(name, 0) for name in names])
            return asyncio.get_running_loop().time() - began

    assert asyncio.run(run()) < 2.0
