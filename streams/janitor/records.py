"""Records by their age, and their deletion, as the broker does it."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import (
    KafkaError,
    OffsetOutOfRangeError,
    PolicyViolationError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.structs import TopicPartition

from schemas import logs
from streams.away import AwayError, in_short
from streams.kafka import Broker, away

# What one topic may answer while the others are well.
_REFUSED = (
    OffsetOutOfRangeError,
    PolicyViolationError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
_log = logs.logger()

Offsets = Mapping[TopicPartition, int]


class Records(Broker):
    """A broker that is asked for ages too, and told to delete."""

    async def first_since(self, places: Collection[TopicPartition], moment: datetime) -> Offsets:
        """The first offset of each whose record came at that moment or later."""
        # In this order: what came meanwhile is young.
        ends = await self.ends(places)
        wanted = dict.fromkeys(places, int(moment.timestamp() * 1000))
        with away():
            asked = self._consumer.offsets_for_times(wanted)
            found = await asyncio.wait_for(asked, self._wait_seconds)
        return {
            place: ends[place] if (one := found.get(place)) is None else one.offset
            for place in places
        }

    async def delete_below(self, offsets: Offsets) -> Offsets:
        """Deletes, topic by topic; gives what is deleted. One topic that refuses stops no other."""
        deleted: dict[TopicPartition, int] = {}
        for topic in sorted({place.topic for place in offsets}):
            below = {place: end for place, end in offsets.items() if place.topic == topic}
            try:
                await self._delete(below.items())
            except _REFUSED as error:
                _log.error("not deleted", topic=topic, error=type(error).__name__)
            else:
                deleted |= below
        return deleted

    async def _delete(self, below: Iterable[tuple[TopicPartition, int]]) -> None:
        wanted = {place: RecordsToDelete(before_offset=end) for place, end in below}
        asked = self._admin.delete_records(wanted)
        try:
            await asyncio.wait_for(asked, self._wait_seconds)
        except _REFUSED:
            raise
        except (KafkaError, OSError, TimeoutError) as error:
            raise AwayError(f"Kafka is away: {in_short(error)}") from error
