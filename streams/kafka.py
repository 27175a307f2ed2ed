"""Kafka as the processors use it: records appended and acknowledged, and questions answered."""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    KafkaError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    RecordListTooLargeError,
    RecordTooLargeError,
    UnknownTopicOrPartitionError,
)
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.structs import ConsumerRecord, RecordMetadata, TopicPartition

from schemas.kafka import Kafka, client_options
from streams.away import AwayError, in_short

Headers = Iterable[tuple[str, bytes]]

REQUEST_BYTES_MAX = 4 * 1024 * 1024
# Below every topic's limit: then no batch is refused for the sum of good records.
BATCH_BYTES_MAX = 16 * 1024
STOP_SECONDS_MAX = 3.0
RETRY_MILLISECONDS = 5
POLL_SECONDS = 0.1
_OWN_WORDS = (GroupCoordinatorNotAvailableError, OffsetOutOfRangeError)
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)
_UNKNOWN_TOPIC = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TooLargeError(ValueError):
    """The record is larger than its topic takes."""


class NoTopicError(LookupError):
    """There is no such topic."""


class Log:
    """Appends, and says so only when the broker has acknowledged.

    A broker refuses a batch as a whole, so a record that is too large is found before it is sent:
    its neighbours go on. Any other failure leaves the producer unusable, and the process ends.
    """

    def __init__(self, kafka: Kafka, *, client: str, wait_seconds: float) -> None:
        self._kafka = kafka
        self._client = client
        self._wait_seconds = wait_seconds
        self._limits: dict[str, int] = {}
        self._one_by_one = asyncio.Lock()

    async def start(self) -> None:
        milliseconds = int(self._wait_seconds * 1000)
        with away():
            self._admin = AIOKafkaAdminClient(
                client_id=self._client,
                request_timeout_ms=milliseconds,
                **client_options(self._kafka),
            )
            self._producer = AIOKafkaProducer(
                client_id=self._client,
                request_timeout_ms=milliseconds,
                acks="all",
                enable_idempotence=True,
                linger_ms=0,
                max_request_size=REQUEST_BYTES_MAX,
                max_batch_size=BATCH_BYTES_MAX,
                **client_options(self._kafka),
            )
            await asyncio.wait_for(self._admin.start(), self._wait_seconds)
            await asyncio.wait_for(self._producer.start(), self._wait_seconds)

    async def stop(self) -> None:
        # An idempotent producer flushes for ever when the broker is away.
        await stopped(self._producer.stop(), self._admin.close())

    async def append(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> RecordMetadata:
        """Returns when the broker has the record. Raises as `send` and its result do."""
        sent = await self.send(topic, key, value, headers=headers, partition=partition)
        return await sent

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Headers = (),
        partition: int | None = None,
    ) -> "asyncio.Future[RecordMetadata]":
        """Hands the record over, in order; await what it gives for the acknowledgement.

        Raises `TooLargeError`, `NoTopicError` or `AwayError`.
        """
        listed: list[tuple[str, bytes | None]] = list(headers)
        size = DefaultRecordBatchBuilder.estimate_size_in_bytes(key, value, listed)
        limit = await self._room(topic, size)
        record = {"key": key, "value": value, "headers": listed, "partition": partition}
        if limit > BATCH_BYTES_MAX:
            return await self._handed_over(topic, size, record)
        # A batch of several good records could be too large for this topic.
        async with self._one_by_one:
            sent = await self._handed_over(topic, size, record)
            await asyncio.wait([sent])
            return sent

    async def _handed_over(
        self, topic: str, size: int, record: Mapping[str, object]
    ) -> "asyncio.Future[RecordMetadata]":
        # A timeout here gives way to nobody, so that two records in a row share a batch.
        with away():
            async with asyncio.timeout(self._wait_seconds):
                future = await self._producer.send(topic, **record)
        return asyncio.ensure_future(self._acknowledged(topic, size, future))

    async def _acknowledged(
        self, topic: str, size: int, future: "asyncio.Future[RecordMetadata]"
    ) -> RecordMetadata:
        try:
            with away():
                async with asyncio.timeout(self._wait_seconds):
                    return await future
        except _TOO_LARGE as error:
            # The limit was lowered meanwhile, or a neighbour in the batch is to blame.
            self._limits.pop(topic, None)
            await self._room(topic, size)
            raise AwayError(f"{topic} refused a batch that this record was in") from error

    async def _room(self, topic: str, size: int) -> int:
        """The topic's limit, if a record of this size is below it."""
        known = self._limits.get(topic, 0)
        if size > known:
            self._limits[topic] = known = await self._limit(topic)
        if size > min(known, REQUEST_BYTES_MAX):
            raise TooLargeError(f"{size} bytes, and {topic} takes {known}")
        return known

    async def _limit(self, topic: str) -> int:
        wanted = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": None})
        with away():
            asked = self._admin.describe_configs([wanted])
            response: Any = (await asyncio.wait_for(asked, self._wait_seconds))[0]
        error_code, message, _, _, entries = response.resources[0]
        if error_code == _UNKNOWN_TOPIC:
            raise NoTopicError(f"there is no topic {topic}")
        if error_code != 0:
            raise AwayError(f"the limit of {topic} is not known: {message}")
        return int(entries[0][1])


class Broker:
    """Questions to the broker: which topics, how far, who committed what, what lies where."""

    def __init__(self, kafka: Kafka, *, client: str, wait_seconds: float) -> None:
        self._kafka = kafka
        self._client = client
        self._wait_seconds = wait_seconds
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        milliseconds = int(self._wait_seconds * 1000)
        with away():
            self._admin = AIOKafkaAdminClient(
                client_id=self._client,
                request_timeout_ms=milliseconds,
                **client_options(self._kafka),
            )
            self._consumer = reader(self._kafka, client=self._client, max_wait_ms=50)
            await asyncio.wait_for(self._admin.start(), self._wait_seconds)
            await asyncio.wait_for(self._consumer.start(), self._wait_seconds)

    async def stop(self) -> None:
        await stopped(self._consumer.stop(), self._admin.close())

    async def cluster_id(self) -> str:
        with away():
            asked = self._admin.describe_cluster()
            return str((await asyncio.wait_for(asked, self._wait_seconds))["cluster_id"])

    async def partitions(self, prefixes: tuple[str, ...]) -> Mapping[str, int]:
        """The topics that exist with one of these beginnings, and how many partitions they have."""
        with away():
            described = await asyncio.wait_for(self._admin.describe_topics(), self._wait_seconds)
        return {
            one["topic"]: len(one["partitions"])
            for one in described
            if one["topic"].startswith(prefixes)
        }

    async def ends(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The offset that the next record of each will have."""
        with away():
            asked = self._consumer.end_offsets(list(partitions))
            return await asyncio.wait_for(asked, self._wait_seconds)

    async def starts(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The lowest offset that each still has."""
        with away():
            asked = self._consumer.beginning_offsets(list(partitions))
            return await asyncio.wait_for(asked, self._wait_seconds)

    async def committed(self, group: str) -> Mapping[TopicPartition, int]:
        """The offsets a group has committed: every record below is behind it."""
        try:
            with away():
                asked = self._admin.list_consumer_group_offsets(group)
                known = await asyncio.wait_for(asked, self._wait_seconds)
        except GroupCoordinatorNotAvailableError:  # So it is before anybody has committed.
            return {}
        return {partition: one.offset for partition, one in known.items() if one.offset >= 0}

    async def record_at(self, partition: TopicPartition, offset: int) -> ConsumerRecord | None:
        """The record at that offset; none where the offset holds no record."""
        async with self._reading:
            starts, ends = await self.starts([partition]), await self.ends([partition])
            if not starts[partition] <= offset < ends[partition]:
                return None
            self._consumer.assign([partition])
            self._consumer.seek(partition, offset)
            try:
                with away():
                    return await asyncio.wait_for(self._first(partition, offset), 20)
            finally:
                self._consumer.assign([])

    async def _first(self, partition: TopicPartition, offset: int) -> ConsumerRecord | None:
        while await self._consumer.position(partition) <= offset:
            got = await self._consumer.getmany(
                partition, timeout_ms=int(POLL_SECONDS * 1000), max_records=1
            )
            for record in got.get(partition, ()):
                return record if record.offset == offset else None
        return None


def moment_of(milliseconds: int) -> datetime:
    """The time that a record carries."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def reader(kafka: Kafka, *, client: str, max_wait_ms: int, min_bytes: int = 1) -> AIOKafkaConsumer:
    """A consumer without a group: its owner assigns, seeks, and keeps the positions itself.

    The broker answers when it has `min_bytes`, and at the latest after `max_wait_ms`.
    """
    return AIOKafkaConsumer(
        client_id=client,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=max_wait_ms,
        fetch_min_bytes=min_bytes,
        # Asked for the ends of many topics, it gets to know one topic a retry.
        retry_backoff_ms=RETRY_MILLISECONDS,
        fetch_max_bytes=16 * 1024 * 1024,
        max_partition_fetch_bytes=1024 * 1024,
        check_crcs=True,
        **client_options(kafka),
    )


async def stopped(*stopping: Awaitable[None]) -> None:
    """Lets clients go one after the other; their broker may not answer any more."""
    for one in stopping:
        with suppress(TimeoutError, KafkaError, OSError):
            await asyncio.wait_for(one, STOP_SECONDS_MAX)


@contextmanager
def away() -> Iterator[None]:
    """What Kafka's client raises, in one word; but what its caller can answer goes through."""
    try:
        yield
    except (*_TOO_LARGE, *_OWN_WORDS):
        raise
    except UnknownTopicOrPartitionError as error:
        raise NoTopicError("there is no such topic or partition") from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise AwayError(f"Kafka is away: {in_short(error)}") from error
