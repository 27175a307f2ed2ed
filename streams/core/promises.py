"""What is promised for one clock: its deadline, and when to warn before it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from schemas.facts import Promise, WarningPoint
from schemas.policy import Budget
from schemas.vocabulary import ClockKind
from streams.core.working_time import WorkingCalendar, add_working_time


def promise(
    kind: ClockKind,
    started_at: datetime,
    budget: Budget,
    calendar: WorkingCalendar,
    warn_percents: Iterable[int],
) -> Promise:
    """The promise for a clock that starts now; warnings count the same time as the deadline."""
    return Promise(
        kind=kind,
        started_at=started_at,
        deadline=_after(started_at, budget.seconds, budget, calendar),
        budget_seconds=budget.seconds,
        working_time=budget.working_time,
        warnings=tuple(
            WarningPoint(
                percent=percent,
                at=_after(started_at, budget.seconds * percent // 100, budget, calendar),
            )
            for percent in sorted(set(warn_percents))
        ),
    )


def _after(start: datetime, seconds: int, budget: Budget, calendar: WorkingCalendar) -> datetime:
    if budget.working_time:
        return add_working_time(start, seconds, calendar)
    return start.astimezone(UTC) + timedelta(seconds=seconds)
