"""How far everything is read that could prevent a notice: the log, and the departments' inboxes."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from aiokafka.structs import TopicPartition

from schemas.topics import CASE_FACTS, PROGRESS_DESK, progress_of
from schemas.vocabulary import Department, Municipality
from streams.core.firing import SETTLING
from streams.core.horizons import Horizons
from streams.kafka import Broker

PROGRESS = "progress-"
# A flood is looked at again and again without a rest: the broker need not be asked each time.
ASKED_AGAIN_AFTER = timedelta(milliseconds=50)
# A new inbox is made before anything is routed to its department, let alone due there.
INBOXES_LISTED_AFTER = timedelta(seconds=1)


class Sources:
    """Ends that were seen of each source, against how far it is read now."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._horizons: Horizons[TopicPartition] = Horizons()
        self._reached: Mapping[TopicPartition, int] = {}
        self._asked: tuple[frozenset[int], datetime] | None = None
        self._inboxes: Mapping[str, int] = {}
        self._listed_at: datetime | None = None

    async def look(self, log_partitions: Collection[int], now: datetime) -> None:
        """Asks where everything ends, unless it did a moment ago; `now` was read before."""
        if self._asked_lately(frozenset(log_partitions), now):
            return
        inboxes = await self._known_inboxes(now)
        asked = [TopicPartition(CASE_FACTS, partition) for partition in log_partitions]
        for inbox, count in inboxes.items():
            asked.extend(TopicPartition(inbox, partition) for partition in range(count))
        self._horizons = self._horizons.seen(await self._broker.ends(asked), now - SETTLING)
        self._asked = (frozenset(log_partitions), now)

    def forget(self, log_partition: int) -> None:
        """What was seen of a partition is worth nothing once another timer has announced there."""
        gone = TopicPartition(CASE_FACTS, log_partition)
        known = self._horizons.known.items()
        self._horizons = Horizons({one: horizon for one, horizon in known if one != gone})
        self._asked = None

    def reached(self, log: Mapping[int, int], inboxes: Mapping[TopicPartition, int]) -> None:
        """How far the projection has read the log, and the accounting the inboxes."""
        ours = {TopicPartition(CASE_FACTS, number): position for number, position in log.items()}
        self._reached = {**inboxes, **ours}
        self._horizons = self._horizons.without_passed(self._reached)

    def read_until(self, log_partition: int, municipality: Municipality) -> datetime | None:
        """Up to which moment all is read that concerns this partition's cases of the city."""
        return self._horizons.read_until(self._of(log_partition, municipality), self._reached)

    def behind(
        self, log_partition: int, municipality: Municipality, due_at: datetime
    ) -> tuple[str, ...]:
        """The names of what is not read past that moment."""
        return tuple(
            f"{source.topic}/{source.partition}"
            for source in self._of(log_partition, municipality)
            if not self._past(source, due_at)
        )

    async def _known_inboxes(self, now: datetime) -> Mapping[str, int]:
        listed_at = self._listed_at
        if listed_at is None or not timedelta() <= now - listed_at < INBOXES_LISTED_AFTER:
            self._inboxes = await self._broker.partitions((PROGRESS,))
            self._listed_at = now
        return self._inboxes

    def _asked_lately(self, log_partitions: frozenset[int], now: datetime) -> bool:
        if self._asked is None or self._asked[0] != log_partitions:
            return False
        return timedelta() <= now - self._asked[1] < ASKED_AGAIN_AFTER

    def _past(self, source: TopicPartition, due_at: datetime) -> bool:
        until = self._horizons.read_until([source], self._reached)
        return until is not None and due_at < until

    def _of(self, log_partition: int, municipality: Municipality) -> Iterator[TopicPartition]:
        """A city whose name begins like another's waits for the other's inboxes too."""
        yield TopicPartition(CASE_FACTS, log_partition)
        # Every installation has the desk's inbox: not to see it is not to know.
        yield TopicPartition(PROGRESS_DESK, 0)
        begins = progress_of(municipality, Department(""))
        # So it is with an inbox that was read before, and that the broker does not show now.
        for source in self._horizons.known.keys() | self._reached.keys():
            if source.topic.startswith(begins):
                yield source
