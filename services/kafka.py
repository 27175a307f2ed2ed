"""How the edges reach Kafka through kafka-python: appending, reading positions, probing.

The producer is not idempotent on purpose. Measured with kafka-python 3.0.12: once a delivery has
timed out, its idempotent producer never sends to that partition again, also when the broker is
back. A message that a retry writes twice is harmless here, since its case id is the same.
"""

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import (
    AuthorizationError,
    CoordinatorNotAvailableError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)
from kafka.structs import TopicPartition

from schemas.codec import Headers
from schemas.kafka import Kafka, client_options

RECONNECT_MS_MAX = 500
POLL_MS = 250
FOUND_MS_MAX = 10_000  # Then a person is told that no broker answers; what follows tries again.
RECORDS_POLLED_MAX = 500
COMMITTED = "__consumer_offsets"
PAUSE_SECONDS = 0.2

# The library logs every retry of a broker that is away; we say it once, in words.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


class KafkaAwayError(RuntimeError):
    """The broker did not acknowledge, or did not answer, in time; the text is for an operator."""


class TopicError(RuntimeError):
    """The topic is missing, forbidden, or does not take the record; the text says which."""


def producer(kafka: Kafka, *, wait_seconds: float, bytes_max: int) -> KafkaProducer:
    """A producer whose every send is acknowledged by all replicas, or failed within the wait."""
    wait_ms = int(wait_seconds * 1000)
    # The stubs at hand describe an older kafka-python.
    newer: dict[str, Any] = {"bootstrap_timeout_ms": wait_ms}
    with _reachable(kafka):
        return KafkaProducer(
            acks="all",
            enable_idempotence=False,
            delivery_timeout_ms=wait_ms,
            request_timeout_ms=max(wait_ms // 2, 1),
            max_block_ms=wait_ms,
            max_request_size=bytes_max,
            allow_auto_create_topics=False,
            reconnect_backoff_max_ms=RECONNECT_MS_MAX,
            metrics_enabled=False,
            **newer,
            **client_options(kafka),
        )


def append(
    writer: KafkaProducer, topic: str, *, key: str, value: bytes, headers: Headers
) -> tuple[int, int]:
    """Partition and offset of the record, once acknowledged.

    Raises `KafkaAwayError` or `TopicError`.
    """
    try:
        sent = writer.send(topic, value, key=key.encode(), headers=headers)
        placed = sent.get(timeout=writer.config["delivery_timeout_ms"] / 1000 + 1)
    except KafkaError as error:
        raise in_words(error, topic) from error
    return placed.partition, placed.offset


def in_words(error: BaseException, topic: str) -> KafkaAwayError | TopicError:
    """What a Kafka error means for the caller."""
    match error:
        case MessageSizeTooLargeError() | RecordListTooLargeError():
            return TopicError(f"the message is larger than {topic} takes")
        case AuthorizationError():
            return TopicError(f"the topic {topic} may not be used with these credentials")
        case UnknownTopicOrPartitionError():
            return TopicError(f"there is no topic {topic}")
        case _:
            return KafkaAwayError(f"Kafka did not acknowledge in time ({type(error).__name__})")


def admin(kafka: Kafka, *, wait_seconds: float = 30) -> KafkaAdminClient:
    """Raises `KafkaAwayError`."""
    wait_ms = int(wait_seconds * 1000)
    newer: dict[str, Any] = {"bootstrap_timeout_ms": wait_ms}
    with _reachable(kafka):
        return KafkaAdminClient(request_timeout_ms=wait_ms, **newer, **client_options(kafka))


def partitions(client: KafkaAdminClient, topic: str) -> int:
    """How many partitions the topic has. Raises `TopicError`: kafka-python says nothing itself."""
    from_code = {3: "there is no topic", 29: "no right to see the topic"}
    found = client.describe_topics([topic])
    if not found:
        raise TopicError(f"there is no topic {topic}")
    code = found[0]["error_code"]
    if code:
        raise TopicError(f"{from_code.get(code, f'Kafka error {code} for the topic')} {topic}")
    return len(found[0]["partitions"])


def committed(
    client: KafkaAdminClient, groups: Sequence[str], *, wait_seconds: float
) -> Mapping[tuple[str, int], int]:
    """How far these groups have come, by topic and partition.

    None has come anywhere before the first has committed.
    A broker that has just started, or is busy, knows for a moment no coordinator: it is asked again
    for so long. Raises `KafkaError`.
    """
    # The stubs at hand describe an older kafka-python.
    newer: Any = client
    until = time.monotonic() + wait_seconds
    while True:
        try:
            found = newer.list_group_offsets(list(groups))
        except CoordinatorNotAvailableError:
            if COMMITTED not in {one["name"] for one in client.describe_topics()}:
                return {}
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return {
                (place.topic, place.partition): one.offset
                for offsets in found.values()
                for place, one in offsets.items()
                if one.offset >= 0
            }


def reader(kafka: Kafka, assigned: Sequence[TopicPartition]) -> KafkaConsumer:
    """A reader by position, without a group. Raises `KafkaAwayError`."""
    # The stubs at hand describe an older kafka-python.
    newer: dict[str, Any] = {"bootstrap_timeout_ms": FOUND_MS_MAX}
    with _reachable(kafka):
        consumer = KafkaConsumer(
            enable_auto_commit=False,
            group_id=None,
            auto_offset_reset="earliest",
            reconnect_backoff_max_ms=RECONNECT_MS_MAX,
            max_poll_records=RECORDS_POLLED_MAX,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **newer,
            **client_options(kafka),
        )
    consumer.assign(list(assigned))
    return consumer


def moment_of(milliseconds: int) -> datetime:
    """The time that a record carries."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def read_to_end(consumer: KafkaConsumer) -> Iterator[Any]:
    """Every record up to the ends seen now, from where the reader stands."""
    ends = consumer.end_offsets(list(consumer.assignment()))
    while any((consumer.position(one) or 0) < end for one, end in ends.items()):
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            yield from records


@contextlib.contextmanager
def _reachable(kafka: Kafka) -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, ValueError) as error:
        raise KafkaAwayError(
            f"Kafka at {kafka} cannot be reached ({type(error).__name__})"
        ) from error
