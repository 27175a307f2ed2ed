"""What the linker shows of its work, by municipality where that says something."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from schemas import linker_metrics
from schemas.exposition import Meters
from schemas.vocabulary import Municipality
from streams.core.duplicates import Again, Compared
from streams.linker.settling import Fresh


class Figures:
    def __init__(self, meters: Meters, clock: Callable[[], datetime]) -> None:
        self._meters = meters
        self._clock = clock

    def expect(self, municipalities: Iterable[Municipality]) -> None:
        for municipality in municipalities:
            self._meters.expect(linker_metrics.LINKER_CASES, municipality)

    def compared(self, one: Fresh, case: Compared | None, again: Again | None) -> None:
        if case is None or not case.at_work:
            found = "left"
        else:
            found = "alone" if again is None else "linked"
        self._meters.count(linker_metrics.LINKER_CASES, one.terms.policy.municipality, found)

    def told(self, chosen: Iterable[Fresh]) -> None:
        """The broker has what came of these."""
        now = self._clock()
        for one in chosen:
            late = (now - one.settled_at).total_seconds()
            self._meters.observe(linker_metrics.LINKER_LATENESS_SECONDS, late)

    def followers(self, most: int) -> None:
        self._meters.show_only(linker_metrics.LINKER_FOLLOWERS, {(): most})

    def waiting(self, left: Sequence[Fresh], now: datetime) -> None:
        """What has not settled does not wait."""
        longest = max((now - one.settled_at for one in left), default=timedelta())
        seconds = max(longest.total_seconds(), 0.0)
        self._meters.show_only(linker_metrics.LINKER_WAITING_SECONDS, {(): seconds})

    def forget(self) -> None:
        """Another is the linker: two must not show the same."""
        for metric in (linker_metrics.LINKER_WAITING_SECONDS, linker_metrics.LINKER_FOLLOWERS):
            self._meters.show_only(metric, {})
