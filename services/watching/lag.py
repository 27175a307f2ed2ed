"""How far each consumer is behind, by what Kafka and Postgres say themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.kafka import Kafka
from schemas.topics import CASE_FACTS
from services.watching.ask_kafka import Asked, Offsets, Positions
from services.watching.ask_postgres import FAILURES, Parked, tables
from streams.core.lag import (
    OUTBOX,
    Behind,
    Oldest,
    Place,
    Source,
    Waiting,
    by_source,
    unread,
    waiting,
)

READ_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """What waits in each source, and what departments' topics did not take.

    `unknown` says why the projector and the dispatcher are left out, where they are.
    """

    behind: Mapping[Source, Behind]
    parked: Sequence[Parked] = ()
    unknown: str | None = None

    def blocked(self, now: datetime, over_seconds: float) -> bool:
        """Whether something waits for longer, or nobody knows for how long, or was not taken."""
        late = (
            one.records and (one.since is None or one.seconds(now) > over_seconds)
            for one in self.behind.values()
        )
        return bool(self.parked) or any(late)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What Postgres knows of; nothing where it does not answer."""

    projected: Offsets = field(default_factory=dict[Place, int])
    behind: Mapping[Source, Behind] = field(default_factory=dict[Source, Behind])
    parked: Sequence[Parked] = ()
    unknown: str | None = None


async def look(kafka: Kafka, url: str) -> Lag:
    """Raises `KafkaAwayError`."""
    work = await _work(url)
    asked = Asked(kafka)
    try:
        waits = _waits(asked.positions(), work)
        firsts = [(*place, offset) for place, offset in unread(waits, {}).items()]
        read = asked.records(firsts, READ_SECONDS_MAX)
    finally:
        asked.close()
    oldest = {
        (topic, partition): Oldest(first=offset, since=one.at, exact=True)
        for (topic, partition, offset), one in read.items()
    }
    behind = {**by_source(waits, oldest), **work.behind}
    return Lag(behind=behind, parked=work.parked, unknown=work.unknown)


async def _work(url: str) -> _Work:
    try:
        async with tables(url) as asked:
            return _Work(
                projected=await asked.read_to(),
                behind={OUTBOX: await asked.outbox()},
                parked=await asked.parked(),
            )
    except FAILURES as error:
        return _Work(unknown=f"Postgres does not answer ({type(error).__name__})")


def _waits(seen: Positions, work: _Work) -> Mapping[Place, Waiting]:
    handled = {**seen.committed, **work.projected}
    return {
        place: waiting(handled.get(place), seen.starts[place], seen.ends[place])
        for place in seen.ends
        if work.unknown is None or place[0] != CASE_FACTS
    }
