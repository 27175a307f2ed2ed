"""Which notices are owed for a case's clocks, and when the next one is."""

from collections.abc import Iterator
from datetime import datetime

from schemas.facts import Breached, Notice, Warned
from streams.core.case import Case, Clock
from streams.core.ids import caused_by


def next_due_at(clock: Clock) -> datetime | None:
    """When the clock's next notice is due; none when nothing more is to be said."""
    if clock.state != "running":
        return None
    owed = (one.at for one in clock.promise.warnings if one.percent not in clock.announced)
    return min((*owed, clock.promise.deadline))


def notices_due(case: Case, now: datetime, *, unconfirmed: bool = False) -> tuple[Notice, ...]:
    """Every notice owed at `now`, in the order they were due. Asked again, they are the same.

    A deadline is kept by what is done at that very moment, so a breach is owed only after it.
    """
    owed = [
        notice
        for clock in case.clocks
        if clock.state == "running"
        for notice in _owed(case, clock, now, unconfirmed=unconfirmed)
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


def _owed(case: Case, clock: Clock, now: datetime, *, unconfirmed: bool) -> Iterator[Notice]:
    assert case.routed is not None, "a clock was set by a routing"
    for point in clock.promise.warnings:
        if point.at <= now and point.percent not in clock.announced:
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
                unconfirmed=unconfirmed,
            )
    if clock.promise.deadline < now:
        yield Breached(
            fact_id=caused_by(clock.set_by, clock.kind, "breached"),
            case_id=case.case_id,
            recorded_at=now,
            cause=clock.set_by,
            clock=clock.kind,
            due_at=clock.promise.deadline,
            department=case.routed.department,
            unconfirmed=unconfirmed,
        )
