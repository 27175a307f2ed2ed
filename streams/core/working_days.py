"""When work is done on each day, as intervals of instants, and why then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.calendar import Calendar, Hours
from streams.core.wall_clock import DAY_MICROS, EPOCH_ORDINAL, WallClock

_MICROS = 1_000_000
# No offset is as far as two days from UTC, and no change of it skips more than one.
_DAYS_AROUND = 2

Span = tuple[int, int]
DayKind = Literal["week", "free-weekday", "holiday", "closed-annually", "other-hours", "closed"]
"""*holiday*: closed on that date; *closed*: it has hours of its own, and they are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReason:
    """Why a date has the hours that it has; `estimated` as in `ClosedDate`."""

    kind: DayKind
    reason: str | None = None
    estimated: bool = False


_PLAIN = DayReason(kind="week")
_FREE = DayReason(kind="free-weekday")


class DayReasons:
    """Why any date has its hours, by the rule that `WorkingDays` counts by."""

    __slots__ = ("_annual", "_closed", "_other", "_week")

    def __init__(self, calendar: Calendar) -> None:
        self._week = calendar.week
        self._closed = {one.day: one for one in calendar.closed_dates}
        self._annual = {(one.month, one.day): one for one in calendar.closed_annually}
        self._other = {one.day: one for one in calendar.other_hours}

    def of(self, day: date) -> DayReason:
        own = self._other.get(day)
        if own is not None:
            return DayReason(kind="other-hours" if own.hours else "closed", reason=own.reason)
        closed = self._closed.get(day)
        if closed is not None:
            return DayReason(kind="holiday", reason=closed.reason, estimated=closed.estimated)
        yearly = self._annual.get((day.month, day.day))
        if yearly is not None:
            return DayReason(kind="closed-annually", reason=yearly.reason)
        return _PLAIN if self._week[day.weekday()] else _FREE


class WorkingDays:
    """The hours of any date, in instants."""

    __slots__ = ("_annual", "_clock", "_closed", "_other", "_week")

    def __init__(self, calendar: Calendar, clock: WallClock) -> None:
        self._clock = clock
        self._week = calendar.week
        self._closed = {closed.day.toordinal() for closed in calendar.closed_dates}
        self._annual = {(closed.month, closed.day) for closed in calendar.closed_annually}
        self._other = {other.day.toordinal(): other.hours for other in calendar.other_hours}

    def between(self, lower: int, upper: int) -> list[Span]:
        """Working intervals from `lower` to `upper`, in order, joined where they touch."""
        first = max(1, EPOCH_ORDINAL + lower // DAY_MICROS - _DAYS_AROUND)
        last = min(date.max.toordinal(), EPOCH_ORDINAL + upper // DAY_MICROS + _DAYS_AROUND)
        joined: list[Span] = []
        # A wall time that is moved out of a gap can overtake the next, so order comes by sorting.
        for start, end in sorted(self._spans(first, last)):
            opened, closed = max(start, lower), min(end, upper)
            if closed <= opened:
                continue
            if joined and opened <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(closed, joined[-1][1]))
            else:
                joined.append((opened, closed))
        return joined

    def hours(self, ordinal: int) -> tuple[Hours, ...]:
        """The hours of a date: its own, else none if it is closed, else those of the week."""
        own = self._other.get(ordinal)
        if own is not None:
            return own
        if ordinal in self._closed:
            return ()
        if self._annual:
            day = date.fromordinal(ordinal)
            if (day.month, day.day) in self._annual:
                return ()
        return self._week[(ordinal + 6) % 7]

    def _spans(self, first: int, last: int) -> Iterator[Span]:
        instant = self._clock.instant
        for ordinal in range(first, last + 1):
            midnight = (ordinal - EPOCH_ORDINAL) * DAY_MICROS
            for hours in self.hours(ordinal):
                yield (
                    instant(midnight + hours.opens * _MICROS),
                    instant(midnight + hours.closes * _MICROS),
                )
