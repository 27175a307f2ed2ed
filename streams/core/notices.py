"""Which notices are owed for a case's clocks, and when the next one is."""

from collections.abc import Iterator
from datetime import datetime

from schemas.facts import Breached, Notice, Warned
from streams.core.case import Case, Clock
from streams.core.ids import caused_by


def next_due_at(clock: Clock) -> datetime | None:
    """When the clock's next notice is due; none when nothing more is to be said."""
    if clock.state != "running" or clock.silent:
        return None
    owed = (one.at for one in clock.promise.warnings if one.percent not in clock.announced)
    return min((*owed, clock.promise.deadline))


def notices_due(
    case: Case, *, up_to: datetime, now: datetime, confirmed_to: datetime | None = None
) -> tuple[Notice, ...]:
    """Every notice that was due before `up_to`, in that order. Asked again, their ids are the same.

    All that was done before `up_to` is in `case`; what is due between it and `now` has to wait.
    A notice that was due at `confirmed_to` or later says that this is not so for it.
    A deadline is kept by what is done at that very moment, so a breach is owed only after it.
    """
    assert up_to <= now, "nothing is announced early"
    sure = up_to if confirmed_to is None else confirmed_to
    owed = [
        notice
        for clock in case.clocks
        if clock.state == "running" and not clock.silent
        for notice in _steps(case, clock, now=now, sure=sure)
        if notice.due_at < up_to and notice.fact_id not in case.effective | case.refused
    ]
    return tuple(sorted(owed, key=lambda notice: notice.due_at))


def overtaken(case: Case, warned: Warned) -> bool:
    """Whether a higher step was due already when the warning was recorded.

    Then only that one is announced, and this one is kept for the record.
    """
    clock = case.clock(warned.clock)
    if clock is None:
        return True
    later = (one.at for one in clock.promise.warnings if one.percent > warned.percent)
    return any(at <= warned.recorded_at for at in (*later, clock.promise.deadline))


def _steps(case: Case, clock: Clock, *, now: datetime, sure: datetime) -> Iterator[Notice]:
    """All that the clock ever has to say, due or not, as it would be said `now`."""
    assert case.routed is not None, "a clock was set by a routing"
    for point in clock.promise.warnings:
        yield Warned(
            fact_id=caused_by(clock.set_by, clock.kind, "warned", str(point.percent)),
            case_id=case.case_id,
            recorded_at=now,
            cause=clock.set_by,
            clock=clock.kind,
            percent=point.percent,
            due_at=point.at,
            deadline=clock.promise.deadline,
            department=case.routed.department,
            unconfirmed=point.at >= sure,
        )
    yield Breached(
        fact_id=caused_by(clock.set_by, clock.kind, "breached"),
        case_id=case.case_id,
        recorded_at=now,
        cause=clock.set_by,
        clock=clock.kind,
        due_at=clock.promise.deadline,
        department=case.routed.department,
        unconfirmed=clock.promise.deadline >= sure,
    )
