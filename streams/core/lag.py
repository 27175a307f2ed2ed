"""How far each consumer is behind: how much waits for it, where, and since when the oldest does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.topics import CASE_FACTS, IMPORTS, REPAIRS

Place = tuple[str, int]
"""A topic and one of its partitions."""
Source = tuple[str, str]
"""A consumer, and where it takes its records from."""

CONSUMERS: Mapping[str, str] = {
    CASE_FACTS: "projector",
    IMPORTS: "router-imports",
    REPAIRS: "router-repairs",
}
CONSUMERS_OF_INBOXES: Mapping[str, str] = {
    "intake-": "router-intake",
    "progress-": "router-progress",
}
OUTBOX: Source = ("dispatcher", "outbox")
# What begins like this is looked at; a topic of which nobody is the consumer is left out.
FOLLOWED = (*CONSUMERS, *CONSUMERS_OF_INBOXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits in one partition, from the offset `first` on."""

    first: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Oldest:
    """Since when the record at `first` waits: by its own time, or since it was seen to."""

    first: int
    since: datetime
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What waits in one source, and since when its oldest does; nothing where none does."""

    records: int = 0
    since: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """A clock that was set back makes nothing wait for less than no time."""
        return 0.0 if self.since is None else max((now - self.since).total_seconds(), 0.0)


def consumer_of(topic: str) -> str | None:
    for begins, consumer in CONSUMERS_OF_INBOXES.items():
        if topic.startswith(begins):
            return consumer
    return CONSUMERS.get(topic)


def waiting(handled: int | None, start: int, end: int) -> Waiting:
    """Who has handled nothing yet begins at what is there; what is deleted waits for nobody."""
    first = max(handled or 0, start)
    return Waiting(first=first, records=max(end - first, 0))


def unread(waits: Mapping[Place, Waiting], known: Mapping[Place, Oldest]) -> dict[Place, int]:
    """Whose first record is to be read for its time; what is known and has not moved is not."""
    return {
        place: one.first
        for place, one in waits.items()
        if one.records and not _is_known(one, known.get(place))
    }


def learned(
    waits: Mapping[Place, Waiting],
    known: Mapping[Place, Oldest],
    read: Mapping[Place, datetime],
    now: datetime,
) -> dict[Place, Oldest]:
    """Since when the first record of each partition waits, by what was read of it by now.

    What could not be read has waited at least since it was first seen to.
    """
    return {
        place: _oldest(one, known.get(place), read.get(place), now)
        for place, one in waits.items()
        if one.records
    }


def by_source(
    waits: Mapping[Place, Waiting], oldest: Mapping[Place, Oldest]
) -> Mapping[Source, Behind]:
    """The partitions of each topic together; the one that waits longest says how long."""
    places: dict[Source, list[Place]] = {}
    for place in waits:
        consumer = consumer_of(place[0])
        if consumer is not None:
            places.setdefault((consumer, place[0]), []).append(place)
    return {
        source: Behind(
            records=sum(waits[one].records for one in its),
            since=min((oldest[one].since for one in its if one in oldest), default=None),
        )
        for source, its in places.items()
    }


def _is_known(one: Waiting, known: Oldest | None) -> bool:
    return known is not None and known.exact and known.first == one.first


def _oldest(one: Waiting, known: Oldest | None, read: datetime | None, now: datetime) -> Oldest:
    if read is not None:
        return Oldest(first=one.first, since=read, exact=True)
    if known is not None and known.first == one.first:
        return known
    return Oldest(first=one.first, since=now, exact=False)
