"""A department's topics on a real broker, and deliveries laid into them as the dispatcher would."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaProducer
from kafka.structs import TopicPartition

from schemas.codec import encode
from schemas.deliveries import Delivery, DeliveryKind
from schemas.kafka import Kafka
from schemas.topics import LOG_BYTES_MAX, municipal_topics
from schemas.vocabulary import CaseId, FactId, Municipality
from schemas.vocabulary import Department as DepartmentId
from services.kafka import admin, producer, read_to_end, reader
from services.provision.topics import bring_about
from tests.builders import NOON

CITY = Municipality("hashtgerd")


def delivery(number: int, case: str = "c-0", kind: DeliveryKind = "assigned") -> Delivery:
    return Delivery(
        delivery_id=f"d-{number}",
        kind=kind,
        case_id=CaseId(case),
        version=number,
        tracking_code="123456789012345",
        municipality=CITY,
        department=DepartmentId("parks"),
        recorded_at=NOON,
        fact_id=FactId(f"f-{number}"),
        words="assigned",
        text="سطل زباله پر است",
    )


def make_topics(kafka: Kafka, department: str) -> str:
    """The department's topic and its inbox; the name of the first."""
    client = admin(kafka)
    try:
        wanted = municipal_topics(CITY, [DepartmentId(department)], [], department_days=1)
        bring_about(client, wanted, replication=1)
    finally:
        client.close()
    return f"department-{CITY}-{department}"


def lay(kafka: Kafka, topic: str, things: Iterable[Delivery | bytes]) -> None:
    with laying(kafka, topic) as more:
        more(things)


@contextmanager
def laying(kafka: Kafka, topic: str) -> Iterator[Callable[[Iterable[Delivery | bytes]], None]]:
    """What lays more, and returns when it is acknowledged."""
    writer: KafkaProducer = producer(kafka, wait_seconds=20, bytes_max=LOG_BYTES_MAX)

    def more(things: Iterable[Delivery | bytes]) -> None:
        sent: list[Any] = [writer.send(topic, _value(one), key=_key(one)) for one in things]
        for one in sent:
            one.get(timeout=20)

    try:
        yield more
    finally:
        writer.close()


def _value(thing: Delivery | bytes) -> bytes:
    return thing if isinstance(thing, bytes) else encode(thing)


def _key(thing: Delivery | bytes) -> bytes:
    return b"k" if isinstance(thing, bytes) else thing.case_id.encode()


def lying(kafka: Kafka, topic: str) -> list[Any]:
    consumer = reader(kafka, [TopicPartition(topic, 0)])
    try:
        return list(read_to_end(consumer))
    finally:
        consumer.close()
