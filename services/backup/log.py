"""The log as a backup reads it and a restore writes it: every record, in order, by its offset."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, RecordMetadata, TopicPartition

from schemas.kafka import Kafka, client_options
from schemas.topics import LOG_BYTES_MAX
from services.backup.errors import BehindError, BrokenError
from services.backup.records import Kept

ANSWER_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 5.0
POLL_MS = 200
# A fetch that waits for more holds up whatever is asked of the broker next.
FETCH_WAIT_MS = 20
RETRY_MS = 5  # Asked for many topics, the client gets to know one of them a retry.
RECORDS_MAX = 5_000
# Below what the smallest of the topics takes, so that no batch is refused for its sum.
BATCH_BYTES_MAX = LOG_BYTES_MAX // 2
REQUEST_BYTES_MAX = 4 * LOG_BYTES_MAX + 64 * 1024
UNACKNOWLEDGED_MAX = 5_000

Offsets = Mapping[TopicPartition, int]


class Reading:
    """A log that is read by position, without a group."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def ends(self, places: Collection[TopicPartition]) -> Offsets:
        with answered():
            return await asyncio.wait_for(
                self._consumer.end_offsets(list(places)), ANSWER_SECONDS_MAX
            )

    async def starts(self, places: Collection[TopicPartition]) -> Offsets:
        with answered():
            return await asyncio.wait_for(
                self._consumer.beginning_offsets(list(places)), ANSWER_SECONDS_MAX
            )

    async def records(
        self, place: TopicPartition, start: int, end: int
    ) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """Every record that the partition still has between the two, some at a time."""
        if start >= end:
            return
        self._consumer.assign([place])
        self._consumer.seek(place, start)
        position, waited_since = start, time.monotonic()
        while position < end:
            if time.monotonic() - waited_since > ANSWER_SECONDS_MAX:
                raise BehindError(f"{place.topic}/{place.partition} gives nothing from {position}")
            with answered():
                asked = self._consumer.getmany(place, timeout_ms=POLL_MS, max_records=RECORDS_MAX)
                found = (await asyncio.wait_for(asked, ANSWER_SECONDS_MAX)).get(place, [])
                position = await self._consumer.position(place)
            if found:
                waited_since = time.monotonic()
            if below := [one for one in found if one.offset < end]:
                yield below


@asynccontextmanager
async def reading(kafka: Kafka) -> AsyncIterator[Reading]:
    consumer = AIOKafkaConsumer(
        client_id="peygir-backup",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        retry_backoff_ms=RETRY_MS,
        max_partition_fetch_bytes=8 * LOG_BYTES_MAX,
        check_crcs=True,
        **client_options(kafka),
    )
    try:
        with answered():
            await asyncio.wait_for(consumer.start(), ANSWER_SECONDS_MAX)
        yield Reading(consumer)
    finally:
        await _let_go(consumer)


async def _let_go(consumer: AIOKafkaConsumer) -> None:
    """The client may wait for a fetch that it has cancelled just as it was assigned a partition."""
    with suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(consumer.stop(), STOP_SECONDS_MAX)


class Writing:
    """Appends to partitions and holds each acknowledgement against what was expected."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._sent: deque[tuple[int | None, asyncio.Future[RecordMetadata]]] = deque()

    async def append(self, place: TopicPartition, record: Kept, *, at: int | None) -> None:
        """Raises `BrokenError` where the log gives a record another offset than `at`."""
        with answered():
            sent = await self._producer.send(
                place.topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                partition=place.partition,
                timestamp_ms=record.timestamp,
            )
        self._sent.append((at, sent))
        if len(self._sent) >= UNACKNOWLEDGED_MAX:
            await self._settle(UNACKNOWLEDGED_MAX // 2)

    async def flush(self) -> None:
        await self._settle(0)

    async def _settle(self, left: int) -> None:
        while len(self._sent) > left:
            wanted, sent = self._sent.popleft()
            with answered():
                got = await asyncio.wait_for(sent, ANSWER_SECONDS_MAX)
            if wanted is not None and got.offset != wanted:
                raise BrokenError(
                    f"{got.topic}/{got.partition} gave the offset {got.offset} where the backup "
                    f"has {wanted}: somebody else writes to it. Begin again with an empty one"
                )


@asynccontextmanager
async def writing(kafka: Kafka) -> AsyncIterator[Writing]:
    producer = AIOKafkaProducer(
        client_id="peygir-restore",
        acks="all",
        # Without it a retry could append twice, and every later offset would be another.
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=BATCH_BYTES_MAX,
        max_request_size=REQUEST_BYTES_MAX,
        **client_options(kafka),
    )
    try:
        with answered():
            await asyncio.wait_for(producer.start(), ANSWER_SECONDS_MAX)
        yield Writing(producer)
    finally:
        await producer.stop()


async def cluster_id(kafka: Kafka) -> str:
    admin = AIOKafkaAdminClient(client_id="peygir-backup", **client_options(kafka))
    try:
        with answered():
            await asyncio.wait_for(admin.start(), ANSWER_SECONDS_MAX)
            return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def sizes(kafka: Kafka) -> Mapping[str, int]:
    """Every topic that is there, and how many partitions it has."""
    admin = AIOKafkaAdminClient(client_id="peygir-backup", **client_options(kafka))
    try:
        with answered():
            await asyncio.wait_for(admin.start(), ANSWER_SECONDS_MAX)
            return {
                one["topic"]: len(one["partitions"])
                for one in await admin.describe_topics()
                if not one["topic"].startswith("__")
            }
    finally:
        await admin.close()


@contextmanager
def answered() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise BehindError(f"Kafka does not answer ({type(error).__name__})") from error
