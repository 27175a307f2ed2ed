"""Up to which moment a source is read, told from what its end was at which moment."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

SIGHTINGS_MAX = 256

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The ends of one source with the moments they were seen, both rising.

    A sighting `(end, at)` says: whatever the source held at `at` stands below `end`. So `at` is
    read from the clock before the end is asked for.
    """

    sightings: tuple[tuple[int, datetime], ...] = ()

    def seen(self, end: int, at: datetime) -> "Horizon":
        """With one more sighting. A source that does not grow needs but one."""
        kept = self.sightings
        if kept and end < kept[-1][0]:
            kept = ()  # The source went back: what was seen of it is about another life.
        if kept and at <= kept[-1][1]:
            return self
        if kept and end == kept[-1][0]:
            kept = kept[:-1]
        return Horizon(_thinned((*kept, (end, at))))

    def read_until(self, reached: int) -> datetime | None:
        """The latest moment whose records are all below `reached`; none if there is none."""
        passed = [at for end, at in self.sightings if end <= reached]
        return passed[-1] if passed else None

    def without_passed(self, reached: int) -> "Horizon":
        """Without the sightings that a later passed one makes needless."""
        passed = sum(end <= reached for end, _ in self.sightings)
        return Horizon(self.sightings[max(passed - 1, 0) :])


@dataclass(frozen=True)
class Horizons(Generic[S]):
    """The horizons of many sources: log partitions, inbox partitions."""

    known: Mapping[S, Horizon] = field(default_factory=dict[S, Horizon])

    def seen(self, ends: Mapping[S, int], at: datetime) -> "Horizons[S]":
        """With the ends that were asked for at or after `at`. What is not named is forgotten."""
        return Horizons(
            {source: self._of(source).seen(end, at) for source, end in ends.items()},
        )

    def read_until(self, sources: Iterable[S], reached: Mapping[S, int]) -> datetime | None:
        """The moment up to which all of them are read; none while one is not.

        A source that nothing is known of holds the moment back: it is not read at all.
        """
        moments = [self._of(source).read_until(reached.get(source, 0)) for source in sources]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    def without_passed(self, reached: Mapping[S, int]) -> "Horizons[S]":
        """Smaller, and the same: `reached` never goes back."""
        return Horizons(
            {
                source: horizon.without_passed(reached.get(source, 0))
                for source, horizon in self.known.items()
            }
        )

    def _of(self, source: S) -> Horizon:
        return self.known.get(source, Horizon())


def _thinned(sightings: tuple[tuple[int, datetime], ...]) -> tuple[tuple[int, datetime], ...]:
    """Every other one when there are too many: the horizon grows coarser, and never wrong.

    The oldest stays, since it is passed first, and so does the newest.
    """
    if len(sightings) <= SIGHTINGS_MAX:
        return sightings
    return (*sightings[:-1:2], sightings[-1])
