"""Appending to the inboxes from the event loop: an answer once Kafka has acknowledged, or none.

A send never blocks the loop: topics are made known to the producer by a thread, and until they
are, or when too many messages are under way, the answer is at once that Kafka is away.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from schemas import logs
from schemas.codec import Headers
from schemas.kafka import Kafka
from schemas.topics import INBOX_BYTES_MAX
from services.kafka import KafkaAwayError, in_words, producer

PENDING_MAX = 2_000
KNOWING_SECONDS = 0.2
CLOSE_SECONDS_MAX = 5.0

_log = logs.logger()


class Inboxes(Protocol):
    """Where submissions are appended."""

    async def append(
        self, topic: str, *, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> None:
        """Returns when all replicas have the record. Raises `KafkaAwayError` or `TopicError`.

        Without a partition the key says which, as the client has it.
        """
        ...


class KafkaInboxes:
    """The inboxes in Kafka. `start` at once, whether Kafka is there or not."""

    def __init__(self, kafka: Kafka, topics: Iterable[str], *, wait_seconds: float) -> None:
        self._kafka = kafka
        self._topics = tuple(topics)
        self._wait_seconds = wait_seconds
        self._producer: KafkaProducer | None = None
        self._pending = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="inboxes", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether every inbox was found once."""
        return self._producer is not None

    async def append(
        self, topic: str, *, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> None:
        if self._producer is None:
            raise KafkaAwayError("Kafka has not been reached yet")
        if self._pending >= PENDING_MAX:
            raise KafkaAwayError(f"{PENDING_MAX} messages wait for Kafka already")
        self._pending += 1
        try:
            sent = self._producer.send(
                topic, value, key=key.encode(), headers=headers, partition=partition
            )
            await self._acknowledged(sent)
        except KafkaError as error:
            raise in_words(error, topic) from error
        finally:
            self._pending -= 1

    async def _acknowledged(self, sent: FutureRecordMetadata) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        settle = _settler(loop, done)
        sent.add_callback(lambda _placed: settle(None))
        sent.add_errback(settle)
        # The producer's own timeout comes first; this one is for the day it does not.
        try:
            await asyncio.wait_for(done, self._wait_seconds + 1)
        except TimeoutError as error:
            raise KafkaAwayError("Kafka did not acknowledge in time") from error

    def close(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_SECONDS_MAX)
        if self._producer is not None:
            with contextlib.suppress(KafkaError):
                self._producer.close(timeout=CLOSE_SECONDS_MAX)

    def _connect(self) -> None:
        while not self._stop.is_set():
            try:
                writer = producer(
                    self._kafka, wait_seconds=self._wait_seconds, bytes_max=INBOX_BYTES_MAX
                )
            except KafkaAwayError as error:
                _log.warning("the inboxes are not reached", reason=str(error))
                self._stop.wait(KNOWING_SECONDS)
                continue
            self._make_known(writer)
            return

    def _make_known(self, writer: KafkaProducer) -> None:
        waiting = set(self._topics)
        while waiting and not self._stop.is_set():
            for topic in sorted(waiting):
                with contextlib.suppress(KafkaError):
                    writer.partitions_for(topic)
                    waiting.discard(topic)
            self._stop.wait(KNOWING_SECONDS if waiting else 0)
        # From here on a send that finds no metadata fails instead of holding the event loop.
        writer.config["max_block_ms"] = 0
        self._producer = writer


def _settler(
    loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]
) -> Callable[[BaseException | None], None]:
    """Settles `done` from the producer's thread."""

    def in_loop(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def settle(error: BaseException | None) -> None:
        # A loop that is gone has nobody waiting.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(in_loop, error)

    return settle
