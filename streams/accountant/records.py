"""What waits in Kafka for its consumers, and when the first of it came, as the broker says it."""

import time
from collections.abc import Mapping
from datetime import datetime

from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from schemas import logs
from schemas.kafka import Kafka
from schemas.topics import ROUTER_GROUPS
from streams.away import AwayError
from streams.core.lag import FOLLOWED, Place, Waiting, consumer_of, waiting
from streams.kafka import Broker, NoTopicError, away, moment_of

# What one partition may hold up the others for: its topic may be gone, or its leader.
PLACE_SECONDS_MAX = 0.3

_log = logs.logger()


class Records(Broker):
    """A broker that is asked for the times of records, too."""

    def __init__(self, kafka: Kafka, *, client: str, wait_seconds: float) -> None:
        super().__init__(kafka, client=client, wait_seconds=wait_seconds)
        self._unread: set[str] = set()

    async def waiting(self, projected: Mapping[Place, int]) -> dict[Place, Waiting]:
        """What waits in each partition that somebody handles, of the topics that are there now."""
        listed = await self.partitions(FOLLOWED)
        places = [
            TopicPartition(topic, number)
            for topic, partitions in listed.items()
            if consumer_of(topic) is not None
            for number in range(partitions)
        ]
        handled = dict(projected)
        for group in ROUTER_GROUPS.values():
            for place, offset in (await self.committed(group)).items():
                handled[place.topic, place.partition] = offset
        starts, ends = await self.starts(places), await self.ends(places)
        return {
            (place.topic, place.partition): waiting(
                handled.get((place.topic, place.partition)), starts[place], ends[place]
            )
            for place in places
        }

    async def times(self, wanted: Mapping[Place, int], seconds: float) -> dict[Place, datetime]:
        """When the first record of each at or above that offset came, as far as time allows."""
        if not wanted:
            return {}
        places = {place: TopicPartition(*place) for place in wanted}
        give_up_at = time.monotonic() + seconds
        found: dict[Place, datetime] = {}
        self._consumer.assign(list(places.values()))
        try:
            for place, one in places.items():
                self._consumer.seek(one, wanted[place])
            for place, one in places.items():
                left = give_up_at - time.monotonic()
                at = await self._time(one, min(left, PLACE_SECONDS_MAX)) if left > 0 else None
                if at is not None:
                    found[place] = at
        finally:
            self._consumer.assign([])
        return found

    async def _time(self, place: TopicPartition, seconds: float) -> datetime | None:
        """None where it cannot be said: it was deleted by now, or we may not read there."""
        try:
            with away():
                got = await self._consumer.getmany(
                    place, timeout_ms=int(seconds * 1000), max_records=1
                )
        except (AwayError, NoTopicError, OffsetOutOfRangeError) as error:
            self._say(place.topic, error)
            return None
        self._unread.discard(place.topic)
        return next((moment_of(one.timestamp) for one in got.get(place, ())), None)

    def _say(self, topic: str, error: Exception) -> None:
        """Once, until it can be read again: a right that is missing is missing at every look."""
        if topic not in self._unread:
            self._unread.add(topic)
            why = type(error.__cause__ or error).__name__
            _log.warning("the oldest record was not read", topic=topic, error=why)
