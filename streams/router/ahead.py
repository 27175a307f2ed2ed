"""Imports, read a batch ahead of Faust: a city's past is long, and somebody waits for it.

Faust delivers every record all the same, one at a time, and is told of none before its facts are
acknowledged. Who is stopped in between does a batch again: the same facts, by the same ids.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas.fact_parts import Source
from schemas.kafka import Kafka
from schemas.trace_context import of_headers
from streams.kafka import away, moment_of, reader
from streams.router.outlet import Incoming

RECORDS_AHEAD_MAX = 64
WAIT_MS = 200  # For a fetch that is under way; the last record of an inbox waits in vain.

Handle = Callable[[Incoming], Awaitable[None]]


class Following(Protocol):
    async def after(self, incoming: Incoming) -> Sequence[Incoming]:
        """Some of the records that follow it in its partition, in order, without a gap."""
        ...


class Ahead:
    """Handles a record and some that follow it together; those are passed over when they come."""

    def __init__(self, following: Following, handle: Handle) -> None:
        self._following = following
        self._handle = handle
        self._done: dict[int, set[int]] = {}

    async def handle(self, incoming: Incoming) -> None:
        """When it returns, all that comes of the record is acknowledged."""
        done = self._done.setdefault(incoming.source.partition, set())
        if incoming.source.offset in done:
            done.discard(incoming.source.offset)
            return
        batch = _of_different_cases([incoming, *await self._following.after(incoming)])
        await asyncio.gather(*(self._handle(one) for one in batch))
        self._done[incoming.source.partition] = {one.source.offset for one in batch[1:]}


class KafkaFollowing:
    """Reads each partition with a reader of its own, which has no group and commits nothing."""

    def __init__(self, kafka: Kafka, *, client: str) -> None:
        self._kafka = kafka
        self._client = client
        self._readers: dict[TopicPartition, AIOKafkaConsumer] = {}
        self._next: dict[TopicPartition, int] = {}

    async def after(self, incoming: Incoming) -> Sequence[Incoming]:
        """Raises `AwayError`."""
        source = incoming.source
        place = TopicPartition(source.inbox, source.partition)
        with away():
            try:
                records = await self._records(place, source.offset + 1)
            except OffsetOutOfRangeError:  # Handled long ago and deleted: there is no hurry.
                self._next.pop(place, None)
                return []
        return [_incoming(one, source.generation) for one in records]

    async def close(self) -> None:
        for consumer in self._readers.values():
            await consumer.stop()

    async def _records(self, place: TopicPartition, offset: int) -> Sequence[ConsumerRecord]:
        consumer = self._readers.get(place)
        if consumer is None:
            consumer = reader(self._kafka, client=self._client, max_wait_ms=WAIT_MS)
            await consumer.start()
            consumer.assign([place])
            self._readers[place] = consumer
        behind = offset - self._next.get(place, offset + 1)
        if not 0 <= behind <= RECORDS_AHEAD_MAX:
            consumer.seek(place, offset)
            self._next[place] = offset
        got = await consumer.getmany(place, timeout_ms=WAIT_MS, max_records=RECORDS_AHEAD_MAX)
        records = got.get(place, [])
        if records:
            self._next[place] = records[-1].offset + 1
        # A fetch that came too late for the record before brings that one too.
        return [record for record in records if record.offset >= offset]


def _of_different_cases(batch: Sequence[Incoming]) -> Sequence[Incoming]:
    """As far as no case comes twice: the facts of one case are appended one message at a time."""
    seen: set[bytes | None] = set()
    for number, one in enumerate(batch):
        if one.key in seen:
            return batch[:number]
        seen.add(one.key)
    return batch


def _incoming(record: ConsumerRecord, generation: int) -> Incoming:
    return Incoming(
        source=Source(
            inbox=record.topic,
            generation=generation,
            partition=record.partition,
            offset=record.offset,
        ),
        at=moment_of(record.timestamp),
        value=record.value or b"",
        key=record.key,
        trace=of_headers(record.headers),
    )
