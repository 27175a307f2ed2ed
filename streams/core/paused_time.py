"""Working time with pauses: what lies within a pause counts as little as what lies outside hours.

Pauses are half-open and may overlap. A budget that is used up where a pause begins ends there; an
empty one, at the first working instant that no pause covers.
"""

from collections.abc import Iterable
from datetime import datetime

from streams.core.working_time import (
    WorkingCalendar,
    add_working_micros,
    instant_of,
    moment_of,
    require_budget,
    worked_micros,
)

_MICROS = 1_000_000

Pause = tuple[datetime, datetime]
_Span = tuple[int, int]


class ReversedPauseError(ValueError):
    """A pause that ends before it starts; `index` is its place among those given."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(f"pause {index} ends before it starts")


def add_paused(
    start: datetime, budget_seconds: int, calendar: WorkingCalendar, pauses: Iterable[Pause]
) -> datetime:
    """The moment at which the budget is used up.

    Raises `ReversedPauseError`; `NoWorkingTimeError` where the calendar does not hold as much;
    `ValueError` for a budget below zero or over ten years.
    """
    require_budget(budget_seconds)
    at, left = instant_of(start), budget_seconds * _MICROS
    for pause_start, pause_end in _joined(pauses):
        if pause_end <= at:
            continue
        if pause_start > at:
            worked = worked_micros(at, pause_start, calendar)
            if 0 < worked >= left:
                break
            left -= worked
        at = pause_end
    return moment_of(add_working_micros(at, left, calendar))


def paused_seconds(
    start: datetime, end: datetime, calendar: WorkingCalendar, pauses: Iterable[Pause]
) -> int:
    """Working time from start to end outside the pauses, in whole seconds; 0 where end is earlier.

    Raises as `paused_micros` does.
    """
    return paused_micros(start, end, calendar, pauses) // _MICROS


def paused_micros(
    start: datetime, end: datetime, calendar: WorkingCalendar, pauses: Iterable[Pause]
) -> int:
    """The same in microseconds.

    Raises `ReversedPauseError`; `NoWorkingTimeError` where the two are over a century apart.
    """
    first, last = instant_of(start), instant_of(end)
    joined = _joined(pauses)
    if last <= first:
        return 0
    spans = ((max(one, first), min(other, last)) for one, other in joined)
    paused = sum(worked_micros(one, other, calendar) for one, other in spans if one < other)
    return worked_micros(first, last, calendar) - paused


def _joined(pauses: Iterable[Pause]) -> list[_Span]:
    """In order, and none over another."""
    spans: list[_Span] = []
    for index, (start, end) in enumerate(pauses):
        if end < start:
            raise ReversedPauseError(index)
        spans.append((instant_of(start), instant_of(end)))
    joined: list[_Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined
