"""Which new cases may be looked at: they have settled, and all that came before them is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from streams.core.terms import AllTerms, Terms
from streams.linker.projection import Place

# By then whoever has the case has begun with it, and knows better. It is also what a linker that
# comes to a log for the first time leaves alone.
LATE_MAX = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A case that is to be looked at, under the policy that routed it."""

    place: Place
    terms: Terms
    settled_at: datetime

    @property
    def key(self) -> tuple[int, int]:
        return (self.place.log_partition, self.place.log_offset)


def to_look_at(places: Iterable[Place], known: AllTerms, now: datetime) -> list[Fresh]:
    """Those that are to be looked at, the oldest first; the others never are."""
    found: list[Fresh] = []
    for place in places:
        terms = known.get(place.policy_version) if place.policy_version else None
        rule = terms.policy.duplicates if terms else None
        if terms is not None and rule is not None and place.recorded_at > now - LATE_MAX:
            settled_at = place.recorded_at + timedelta(seconds=rule.settling_seconds)
            found.append(Fresh(place=place, terms=terms, settled_at=settled_at))
    return sorted(found, key=lambda one: (one.place.recorded_at, one.place.case_id))


def settled(
    waiting: Sequence[Fresh], *, read_until: datetime | None, now: datetime, hold_max: timedelta
) -> list[Fresh]:
    """Those of which nothing earlier is still to come; one that is held for too long goes on."""
    return [
        one
        for one in waiting
        if one.settled_at <= now
        and (
            (read_until is not None and one.place.recorded_at < read_until)
            or one.settled_at <= now - hold_max
        )
    ]


def next_offsets(pages: Mapping[int, Sequence[Place]], left: Iterable[Fresh]) -> Mapping[int, int]:
    """From where each partition is to be read next: the first that is left, or behind the page."""
    first: dict[int, int] = {}
    for one in left:
        partition, offset = one.key
        first[partition] = min(offset, first.get(partition, offset))
    return {
        partition: first.get(partition, page[-1].log_offset + 1)
        for partition, page in pages.items()
    }
