"""What a department says of its cases: appended to its inbox, acknowledged by every replica."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.codec import headers
from schemas.deliveries import Delivery
from schemas.kafka import KafkaAccess
from schemas.topics import INBOX_BYTES_MAX
from schemas.vocabulary import Deed
from services.department.access import ATTEMPT_SECONDS, AccessError, Say, entered, patiently
from services.department.said import TYPE, What, written
from services.kafka import TopicError, in_words, moment_of, producer


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where the report lies. From here on Peygir answers for it.

    `fact_id` is what it is called where it is refused: the inbox is its author.
    """

    inbox: str
    partition: int
    offset: int
    at: datetime
    fact_id: str

    def refused_by(self, delivery: Delivery) -> bool:
        """Whether it is this report that the delivery refuses."""
        return delivery.kind == "refused" and delivery.fact_id == self.fact_id


class Reports:
    """The way into a department's inbox. Any thread may use it."""

    def __init__(
        self,
        access: KafkaAccess,
        inbox: str,
        *,
        patience_seconds: float,
        say: Say,
        now: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._inbox = inbox
        self._patience_seconds = patience_seconds
        self._say = say
        self._now = now
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None

    def send(self, case_id: str, did: Deed, reference: str, what: What) -> Receipt:
        """Raises `ReportError`, `AccessError`, or `KafkaAwayError` when Kafka did not take it."""
        value = written(case_id, did, reference, what)
        placed = patiently(
            lambda: self._placed(case_id, reference, value),
            patience_seconds=self._patience_seconds,
            say=self._say,
        )
        return Receipt(
            inbox=self._inbox,
            partition=placed.partition,
            offset=placed.offset,
            at=moment_of(placed.timestamp),
            fact_id=f"{self._inbox}/{reference}/{did}",
        )

    def close(self) -> None:
        with self._lock:
            if self._producer is None:
                return
            try:
                self._producer.close(timeout=ATTEMPT_SECONDS)
            except KafkaError:
                return  # What was acknowledged is there; nothing else was promised.
            finally:
                self._producer = None

    def _placed(self, case_id: str, reference: str, value: bytes) -> Any:  # noqa: ANN401
        attributes = headers(
            TYPE, event_id=reference, subject=case_id, source=self._inbox, at=self._now()
        )
        writer = self._writer()
        try:
            sent = writer.send(self._inbox, value, key=case_id.encode(), headers=attributes)
            return sent.get(timeout=ATTEMPT_SECONDS + 1)
        except KafkaError as error:
            found = in_words(error, self._inbox)
            if isinstance(found, TopicError):
                raise AccessError(str(found)) from error
            raise found from error

    def _writer(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                # It says in words why nobody gets in, which the producer does not.
                entered(self._access).close()
                self._producer = producer(
                    self._access, wait_seconds=ATTEMPT_SECONDS, bytes_max=INBOX_BYTES_MAX
                )
            return self._producer
