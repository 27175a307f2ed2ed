"""Topics made for a test on a real broker."""

import asyncio
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.topics import fixed_topics

SHOWN_SECONDS_MAX = 20


async def make_topic(
    kafka: str, name: str, *, partitions: int = 1, settings: Mapping[str, str] | None = None
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        topic = NewTopic(name, partitions, 1, topic_configs=dict(settings or {}))
        await admin.create_topics([topic])
        await _shown(admin, name)
    finally:
        await admin.close()


async def _shown(admin: AIOKafkaAdminClient, name: str) -> None:
    """Made, a topic is told of by the broker a moment later."""
    async with asyncio.timeout(SHOWN_SECONDS_MAX):
        while name not in await admin.list_topics():  # noqa: ASYNC110  # the broker is another process
            await asyncio.sleep(0.02)


async def make_fixed_topics(kafka: str) -> None:
    """Those of every installation, with the limits and times that the table gives them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        await admin.create_topics(
            [
                NewTopic(
                    topic.name,
                    topic.partitions,
                    1,
                    topic_configs={
                        "max.message.bytes": str(topic.bytes_max),
                        "message.timestamp.type": "LogAppendTime"
                        if topic.append_time
                        else "CreateTime",
                    },
                )
                for topic in fixed_topics(dead_letter_days=30)
                if topic.name not in there
            ]
        )
    finally:
        await admin.close()
