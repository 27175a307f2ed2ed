"""How far all that citizens said is read: what comes after may be the same as what came before."""

from collections.abc import Mapping
from datetime import datetime

from aiokafka.structs import TopicPartition

from streams.core.firing import SETTLING
from streams.core.horizons import Horizons
from streams.kafka import Broker

INTAKE = "intake-"


class Sources:
    """The ends of citizens' inboxes as they were seen, against how far they are accounted for."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._horizons: Horizons[TopicPartition] = Horizons()

    async def look(self, now: datetime) -> None:
        """Asks where every inbox ends; `now` was read from the clock before."""
        counts = await self._broker.partitions((INTAKE,))
        places = [
            TopicPartition(inbox, one) for inbox, count in counts.items() for one in range(count)
        ]
        self._horizons = self._horizons.seen(await self._broker.ends(places), now - SETTLING)

    def read_until(self, marks: Mapping[TopicPartition, int]) -> datetime | None:
        """Before which moment every message of a citizen's is a case that can be found."""
        self._horizons = self._horizons.without_passed(marks)
        return self._horizons.read_until(self._horizons.known.keys(), marks)
