"""Fakes that pass the same contract suite as the real thing."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.structs import RecordMetadata, TopicPartition

from streams.kafka import NoTopicError, TooLargeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """One record as it lies in a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class FakeLog:
    """A log in memory, with limits on topics and topics that do not exist."""

    limits: dict[str, int] = field(default_factory=dict[str, int])
    missing: set[str] = field(default_factory=set[str])
    records: list[Appended] = field(default_factory=list[Appended])
    _next: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    async def append(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> RecordMetadata:
        return await (await self.send(topic, key, value, headers=headers, partition=partition))

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> "asyncio.Future[RecordMetadata]":
        if topic in self.missing:
            raise NoTopicError(f"there is no topic {topic}")
        if len(value or b"") > self.limits.get(topic, 1 << 20):
            raise TooLargeError(f"{topic} does not take {len(value or b'')} bytes")
        number = partition or 0
        offset = self._next[topic, number]
        self._next[topic, number] += 1
        self.records.append(
            Appended(
                topic=topic,
                partition=number,
                offset=offset,
                key=key,
                value=value,
                headers=tuple(headers),
            )
        )
        done: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        where = TopicPartition(topic, number)
        done.set_result(RecordMetadata(topic, number, where, offset, 0, 0, 0))
        return done

    def values(self, topic: str) -> list[bytes]:
        return [one.value or b"" for one in self.records if one.topic == topic]
