"""How much of its time a promise had used when it was kept at last, or too late."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import ClockKind, Department
from streams.core.case import Case, Clock
from streams.core.counting import answers
from streams.core.paused_time import paused_micros
from streams.core.promises import ROUND_THE_CLOCK
from streams.core.terms import AllTerms
from streams.core.working_time import NoWorkingTimeError, WorkingCalendar

TOO_MUCH = math.nextafter(1.0, math.inf)
"""Of a promise that ended late, though no working time has passed since its deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """The part that was used, 1 being all of it, by who held the case when the clock stopped."""

    clock: ClockKind
    department: Department
    ratio: float


def elapsed(before: Case, after: Case, terms: AllTerms) -> Iterator[Elapsed]:
    """Of each clock that has stopped between two states of a case.

    What had no time at all, or rests on terms that are not at hand, has no such part.
    """
    if after.clocks is before.clocks or after.historical:
        return
    known = {(one.kind, one.cycle) for one in before.clocks if one.stopped_at is not None}
    for clock in after.clocks:
        if clock.stopped_at is None or (clock.kind, clock.cycle) in known:
            continue
        ratio = _ratio(clock, clock.stopped_at, terms)
        if ratio is not None:
            yield Elapsed(clock=clock.kind, department=answers(after, clock), ratio=ratio)


def _ratio(clock: Clock, stopped_at: datetime, terms: AllTerms) -> float | None:
    """To its deadline, it is exactly 1 or less for what was kept, and more for what was not."""
    calendar = _counts(clock, terms)
    if calendar is None:
        return None
    start = clock.promise.started_at
    try:
        allowed = paused_micros(start, clock.promise.deadline, calendar, clock.pauses)
        used = paused_micros(start, stopped_at, calendar, clock.pauses)
    except NoWorkingTimeError:
        return None
    if allowed == 0:
        return None
    return max(used / allowed, TOO_MUCH) if clock.state == "missed" else used / allowed


def _counts(clock: Clock, terms: AllTerms) -> WorkingCalendar | None:
    """The time that counts, by the version that promised it."""
    if not clock.promise.working_time:
        return ROUND_THE_CLOCK
    version = terms.get(clock.policy_version) if clock.policy_version else None
    return version.calendar_of(clock.department) if version else None
