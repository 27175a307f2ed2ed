"""How far the routers are and what lies in their inboxes, asked of Kafka without the accountant."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from schemas.kafka import Kafka
from schemas.topics import ROUTER_GROUPS
from services.kafka import KafkaAwayError, admin, committed, moment_of, reader
from streams.core.lag import FOLLOWED, Place, consumer_of

# The stubs at hand describe an older kafka-python: its newer questions are not in them.
Client = Any
EARLIEST, LATEST = -2, -1
WAIT_SECONDS = 10.0
POLL_MS = 200

Offsets = Mapping[Place, int]
Position = tuple[str, int, int]
"""A topic, one of its partitions, an offset in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """What lies in each partition that somebody handles, and how far the routers have come."""

    committed: Offsets
    starts: Offsets
    ends: Offsets


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Where a record lies, and when it came."""

    offset: int
    at: datetime


class Asked:
    """One connection for all the questions of a look. Raises `KafkaAwayError`."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._client: Client = admin(kafka, wait_seconds=WAIT_SECONDS)

    def close(self) -> None:
        self._client.close()

    def positions(self) -> Positions:
        """The routers' first: what they commit meanwhile seems to wait, and nothing seems done."""
        with _answered():
            groups = [*ROUTER_GROUPS.values()]
            handled = committed(self._client, groups, wait_seconds=WAIT_SECONDS)
            places = [
                (one["name"], number)
                for one in self._client.describe_topics()
                if one["name"].startswith(FOLLOWED) and consumer_of(one["name"]) is not None
                for number in range(len(one["partitions"]))
            ]
            return Positions(
                committed=handled,
                starts=self._offsets(places, EARLIEST),
                ends=self._offsets(places, LATEST),
            )

    def ends(self, topics: Mapping[str, int]) -> Offsets:
        """Of every partition of these topics, by how many they have."""
        with _answered():
            places = [(topic, one) for topic, count in topics.items() for one in range(count)]
            return self._offsets(places, LATEST)

    def records(self, wanted: Iterable[Position], seconds: float) -> Mapping[Position, Record]:
        """The first record at or above each of these positions, as far as time allows."""
        places: dict[Place, deque[int]] = {}
        for topic, partition, offset in sorted(wanted):
            places.setdefault((topic, partition), deque()).append(offset)
        if not places:
            return {}
        consumer = reader(self._kafka, [TopicPartition(*place) for place in places])
        try:
            with _answered():
                return dict(_found(consumer, places, time.monotonic() + seconds))
        finally:
            consumer.close()

    def _offsets(self, places: Iterable[Place], what: int) -> Offsets:
        asked = {TopicPartition(*place): what for place in places}
        found = self._client.list_partition_offsets(asked) if asked else {}
        return {(place.topic, place.partition): one.offset for place, one in found.items()}


def _found(
    consumer: Client, wanted: dict[Place, deque[int]], until: float
) -> Iterator[tuple[Position, Record]]:
    for place, offsets in wanted.items():
        consumer.seek(TopicPartition(*place), offsets[0])
    while wanted and time.monotonic() < until:
        for place, records in consumer.poll(timeout_ms=POLL_MS).items():
            offsets = wanted.get((place.topic, place.partition), deque())
            for record in records:
                while offsets and offsets[0] <= record.offset:
                    asked = (place.topic, place.partition, offsets.popleft())
                    yield asked, Record(offset=record.offset, at=moment_of(record.timestamp))
            if offsets:
                consumer.seek(place, offsets[0])
            else:
                wanted.pop((place.topic, place.partition), None)
                consumer.pause(place)


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise KafkaAwayError(f"Kafka answered, and then failed ({type(error).__name__})") from error
