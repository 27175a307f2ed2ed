"""The inbox of imports, as the one who fills it sees it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from schemas.codec import headers
from schemas.kafka import Kafka
from schemas.topics import IMPORTS, INBOX_BYTES_MAX
from schemas.vocabulary import CaseId
from services.kafka import admin, in_words, partitions, producer, reader

LINGER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Message:
    """One row on its way: whose it is in the file, its case, and its bytes."""

    reference: str
    case_id: CaseId
    value: bytes


class KafkaInbox:
    """Appends messages and waits until they are acknowledged. Raises `KafkaAwayError`."""

    def __init__(self, kafka: Kafka, *, wait_seconds: float, now: Callable[[], datetime]) -> None:
        self._kafka = kafka
        self._now = now
        self._writer: KafkaProducer = producer(
            kafka, wait_seconds=wait_seconds, bytes_max=2 * INBOX_BYTES_MAX
        )
        self._wait_seconds = wait_seconds

    def append(self, messages: Sequence[Message]) -> list[tuple[str, int, int]]:
        """Reference, partition and offset of each, once all are acknowledged."""
        try:
            sent = [(one.reference, self._send(one)) for one in messages]
            self._writer.flush(timeout=self._wait_seconds + LINGER_SECONDS)
            placed = [(reference, one.get(timeout=self._wait_seconds)) for reference, one in sent]
        except KafkaError as error:
            raise in_words(error, IMPORTS) from error
        return [(reference, at.partition, at.offset) for reference, at in placed]

    def ends(self) -> Mapping[int, int]:
        """Where each partition ends now."""
        client = admin(self._kafka)
        try:
            places = [TopicPartition(IMPORTS, one) for one in range(partitions(client, IMPORTS))]
        finally:
            client.close()
        consumer = reader(self._kafka, places)
        try:
            return {place.partition: end for place, end in consumer.end_offsets(places).items()}
        finally:
            consumer.close()

    def close(self) -> None:
        self._writer.close(timeout=self._wait_seconds)

    def _send(self, message: Message):  # noqa: ANN202  # kafka-python's future
        return self._writer.send(
            IMPORTS,
            message.value,
            key=message.case_id.encode(),
            headers=headers(
                "imported-case.v1",
                event_id=message.case_id,
                subject=message.case_id,
                source="peygir import",
                at=self._now(),
            ),
        )
