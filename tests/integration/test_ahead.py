"""What follows a record in its inbox, read from a real broker."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from schemas.fact_parts import Source
from streams.kafka import Log
from streams.router.ahead import RECORDS_AHEAD_MAX, KafkaFollowing
from streams.router.outlet import Incoming
from tests.topics import make_topic

pytestmark = pytest.mark.integration


def at(topic: str, offset: int) -> Incoming:
    source = Source(inbox=topic, generation=3, partition=0, offset=offset)
    return Incoming(source=source, at=datetime(2026, 11, 24, tzinfo=UTC), value=b"")


async def first(one: KafkaFollowing, incoming: Incoming) -> Sequence[Incoming]:
    """A reader that has just begun may need longer than a router waits."""
    async with asyncio.timeout(20):
        while not (found := await one.after(incoming)):
            pass
    return found


def following(
    kafka: str, topic: str, count: int, check: Callable[[KafkaFollowing], Awaitable[None]]
) -> None:
    async def checked() -> None:
        await make_topic(kafka, topic, settings={"message.timestamp.type": "LogAppendTime"})
        log = Log(kafka, client="test", wait_seconds=20)
        await log.start()
        for number in range(count):
            await log.append(topic, f"case {number}".encode(), f"{number}".encode(), partition=0)
        await log.stop()
        one = KafkaFollowing(kafka, client="test")
        try:
            await check(one)
        finally:
            await one.close()

    asyncio.run(checked())


def test_what_follows_comes_in_order_with_the_brokers_time(kafka: str) -> None:
    async def check(one: KafkaFollowing) -> None:
        began = datetime.now(UTC)
        found = await first(one, at("test-following", 0))
        again = await one.after(at("test-following", 0))
        later = await one.after(at("test-following", RECORDS_AHEAD_MAX))

        assert [record.value for record in found] == [
            f"{number}".encode() for number in range(1, RECORDS_AHEAD_MAX + 1)
        ]
        assert again == found
        assert [record.source.offset for record in later] == [65, 66, 67, 68, 69]
        assert later[0].source == Source(
            inbox="test-following", generation=3, partition=0, offset=65
        )
        assert later[0].key == b"case 65"
        assert abs((later[0].at - began).total_seconds()) < 30

    following(kafka, "test-following", 70, check)


def test_at_the_end_nothing_follows(kafka: str) -> None:
    async def check(one: KafkaFollowing) -> None:
        assert list(await one.after(at("test-following-end", 2))) == []

    following(kafka, "test-following-end", 3, check)


def test_what_was_deleted_meanwhile_is_not_read_ahead_and_the_rest_still_is(kafka: str) -> None:
    topic = "test-following-deleted"

    async def check(one: KafkaFollowing) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=4)})
        await admin.close()

        assert list(await one.after(at(topic, 0))) == []
        found = await first(one, at(topic, 3))
        assert [record.source.offset for record in found] == [4, 5]

    following(kafka, topic, 6, check)
