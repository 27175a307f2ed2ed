"""An outside channel's way in: each message checked, appended, and acknowledged by Kafka."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.codec import UndecodableError, encode, headers
from schemas.kafka import Kafka
from schemas.messages import Submission
from schemas.places import Place, Reporter
from schemas.topics import INBOX_BYTES_MAX
from schemas.vocabulary import CHANNELS, Category, Channel, Municipality
from services.kafka import KafkaAwayError, TopicError, admin, append, partitions, producer
from streams.core.admission import refusal

ATTEMPT_SECONDS = 5.0
PAUSE_SECONDS = 0.5
HEADERS_BYTES = 4_096  # Room for the record's own headers under the inbox's limit.


class AdapterRefusedError(ValueError):
    """The message, or the adapter's set-up, is not one that Peygir takes; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where the message lies in the inbox. From here on Peygir answers for it."""

    inbox: str
    partition: int
    offset: int


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # an adapter is a process of somebody else


class Intake:
    """One channel's inbox. The inbox is the author: nobody else may write to it.

    `submit` gives back when Kafka has the message, and tries for `patience_seconds` while it is
    away; the same `reference` again is the same case.
    """

    def __init__(
        self,
        *,
        kafka: Kafka,
        inbox: str,
        municipality: str,
        channel: Channel,
        patience_seconds: float = 60.0,
        now: Callable[[], datetime] = _now,
    ) -> None:
        if not inbox.startswith(f"intake-{municipality}-"):
            raise AdapterRefusedError(f"{inbox} is not an inbox of {municipality}")
        if channel not in CHANNELS:
            raise AdapterRefusedError(f"{channel} is not a channel: {', '.join(CHANNELS)}")
        self._kafka = kafka
        self._inbox = inbox
        self._municipality = Municipality(municipality)
        self._channel: Channel = channel
        self._patience_seconds = patience_seconds
        self._now = now
        self._producer: KafkaProducer | None = None

    def __enter__(self) -> Self:
        """Looks for the inbox first: the library itself is silent about a missing topic."""
        client = admin(self._kafka, wait_seconds=ATTEMPT_SECONDS)
        try:
            partitions(client, self._inbox)
        except TopicError as error:
            raise AdapterRefusedError(f"{error}; is the adapter in the policy?") from error
        finally:
            client.close()
        self._producer = producer(
            self._kafka, wait_seconds=ATTEMPT_SECONDS, bytes_max=INBOX_BYTES_MAX
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._producer is not None:
            try:
                self._producer.close(timeout=ATTEMPT_SECONDS)
            except KafkaError:
                return  # What was acknowledged is there; nothing else was promised.

    def submit(
        self,
        *,
        text: str,
        reference: str,
        reporter: Reporter | None = None,
        place: Place | None = None,
        category: str | None = None,
        occurred_at: datetime | None = None,
    ) -> Receipt:
        """The receipt, once Kafka has the message.

        Raises `AdapterRefusedError` for a message that cannot be taken, and `KafkaAwayError` when
        Kafka did not take it in time: then submit it again.
        """
        message = Submission(
            municipality=self._municipality,
            channel=self._channel,
            text=text,
            reference=reference,
            category=None if category is None else Category(category),
            place=place,
            reporter=reporter,
            occurred_at=occurred_at,
        )
        return self._append(message, self._checked(message))

    def _checked(self, message: Submission) -> bytes:
        if message.occurred_at is not None and message.occurred_at.utcoffset() is None:
            raise AdapterRefusedError("occurred_at: has no zone")
        wrong = refusal(message, [self._municipality], self._now())
        if wrong is not None:
            pointer, words = wrong
            field = "reference" if pointer == "/source_ref" else pointer.strip("/")
            raise AdapterRefusedError(f"{field}: {words}")
        try:
            value = encode(message)
        except UndecodableError as error:
            raise AdapterRefusedError("text: holds half of a surrogate pair") from error
        if len(value) > INBOX_BYTES_MAX - HEADERS_BYTES:
            raise AdapterRefusedError(f"text: the message has {len(value)} bytes, too many")
        return value

    def _append(self, message: Submission, value: bytes) -> Receipt:
        assert self._producer is not None, "used in a `with` block"
        attributes = headers(
            message.type,
            event_id=message.reference,
            subject=message.reference,
            source=self._inbox,
            at=self._now(),
        )
        give_up_at = time.monotonic() + self._patience_seconds
        while True:
            try:
                partition, offset = append(
                    self._producer,
                    self._inbox,
                    key=message.reference,
                    value=value,
                    headers=attributes,
                )
            except KafkaAwayError:
                if time.monotonic() + PAUSE_SECONDS > give_up_at:
                    raise
                time.sleep(PAUSE_SECONDS)
            except TopicError as error:
                raise AdapterRefusedError(str(error)) from error
            else:
                return Receipt(inbox=self._inbox, partition=partition, offset=offset)
