"""What another version of the policy would promise for a case's open clocks, and why otherwise.

Nothing is decided here: each change is shown, and becomes an order only if a person says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.fact_parts import Promise
from schemas.policy import Budget, EscalationStep
from schemas.vocabulary import FactId
from streams.core.case import Case, Clock
from streams.core.clocks import settled
from streams.core.promises import Grounds, promise
from streams.core.renewing import promise_under
from streams.core.terms import AllTerms, Terms, terms_of
from streams.core.working_days import DayReason, DayReasons
from streams.core.working_time import WorkingCalendar

DAYS_COMPARED_MAX = 3_660  # Ten years: no budget is longer.
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """A date that the two calendars tell apart, and what each says of it."""

    day: date
    before: DayReason
    after: DayReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A clock with the promise that would take the place of its own.

    `days`: the dates in its time that the calendars tell apart. `budget_changed`: there is another
    budget. `clock_changed`: the zone has other offsets. `voids`: the breach that was announced of
    a deadline that would still be to come.
    """

    clock: Clock
    promise: Promise
    days: tuple[DayChange, ...] = ()
    budget_changed: bool = False
    clock_changed: bool = False
    voids: FactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """By which version, as of when, and whether the budgets that were promised stay.

    `known`: the versions that the cases were promised by, for their calendars.
    """

    version: Terms
    known: AllTerms
    now: datetime
    keep_budgets: bool = False


def recomputed(case: Case, asked: Recomputation) -> tuple[Change, ...]:
    """What would change for the case's open clocks; its pauses stay taken off.

    Raises `UnknownTermsError` where a clock was promised by a version that is not known.
    """
    now = settled(case, asked.now, asked.known)
    if now.historical or now.parent is not None or now.submitted is None:
        return ()
    changes = (_change(now, clock, asked) for clock in now.clocks if clock.open)
    return tuple(one for one in changes if one is not None)


def _change(case: Case, clock: Clock, asked: Recomputation) -> Change | None:
    if clock.policy_version is None or clock.silent:
        return None
    renewed = _renewed(case, clock, asked)
    differs = renewed is not None and _differs(clock, renewed, asked.now)
    if renewed is None or not (differs or clock.state == "paused"):
        return None
    old = terms_of(clock.policy_version, asked.known).calendar_of(clock.department)
    new = asked.version.calendar_of(clock.department)
    last = max(clock.promise.deadline, renewed.deadline, *_steps(clock), *_pause_end(case, clock))
    counts = _counts_working_time(clock.promise) or _counts_working_time(renewed)
    days = tuple(days_told_apart(old, new, clock.promise.started_at, last)) if counts else ()
    # Where a clock stands still, its deadline is told anew when it goes on, by other dates then.
    if not differs and not days:
        return None
    late = clock.state == "breached" and renewed.deadline > asked.now
    return Change(
        clock=clock,
        promise=renewed,
        days=days,
        budget_changed=_budget(renewed) != _budget(clock.promise),
        clock_changed=counts and old.calendar.offsets != new.calendar.offsets,
        voids=clock.breach if late else None,
    )


def _renewed(case: Case, clock: Clock, asked: Recomputation) -> Promise | None:
    if not asked.keep_budgets:
        return promise_under(case, clock, asked.version)
    calendar = asked.version.calendar_of(clock.department)
    promised = clock.promise
    return promise(clock.kind, promised.started_at, _as_promised(promised, calendar), clock.pauses)


def _as_promised(promised: Promise, calendar: WorkingCalendar) -> Grounds:
    """The budget, the warnings and the ladder of the promise, counted by that calendar."""
    steps = promised.escalations
    return Grounds(
        budget=Budget(seconds=promised.budget_seconds, working_time=promised.working_time),
        calendar=calendar,
        warn_percents=tuple(one.percent for one in promised.warnings),
        escalation=tuple(
            EscalationStep(
                role=one.role,
                after=Budget(seconds=one.after_seconds, working_time=one.working_time),
            )
            for one in steps
        ),
        deputy=next((one.department for one in steps if one.role == "deputy"), None),
    )


def _differs(clock: Clock, renewed: Promise, now: datetime) -> bool:
    """Whether the deadline would be another, or anything that is still to be said."""
    return clock.promise.deadline != renewed.deadline or _to_come(clock.promise, now) != _to_come(
        renewed, now
    )


def _to_come(promised: Promise, now: datetime) -> tuple[object, ...]:
    warnings = tuple((one.percent, one.at) for one in promised.warnings if one.at > now)
    return warnings, tuple(one for one in promised.escalations if one.at > now)


def _steps(clock: Clock) -> Iterator[datetime]:
    return (one.at for one in clock.promise.escalations)


def _pause_end(case: Case, clock: Clock) -> Iterator[datetime]:
    """How late a clock that stands still may go on, with all of its budget left at most."""
    if clock.state == "paused" and case.waiting is not None:
        left = clock.promise.deadline - case.waiting.since
        yield case.waiting.until + max(left, timedelta())


def _counts_working_time(promised: Promise) -> bool:
    return promised.working_time or any(one.working_time for one in promised.escalations)


def _budget(promised: Promise) -> tuple[int, bool]:
    return promised.budget_seconds, promised.working_time


def days_told_apart(
    old: WorkingCalendar, new: WorkingCalendar, first: datetime, last: datetime
) -> Iterator[DayChange]:
    """The dates from one moment to the other that have other hours in the other calendar."""
    before, after = DayReasons(old.calendar), DayReasons(new.calendar)
    day = old.clock.local(first).date()
    end = min(old.clock.local(last).date(), day + DAYS_COMPARED_MAX * _DAY)
    while day <= end:
        number = day.toordinal()
        if old.days.hours(number) != new.days.hours(number):
            yield DayChange(day=day, before=before.of(day), after=after.of(day))
        day += _DAY
