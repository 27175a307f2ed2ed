"""What is promised for one clock: its deadline, when to warn before it, whom to tell after it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from schemas.calendar import Calendar, Hours, OffsetChange
from schemas.fact_parts import EscalationPoint, Promise, WarningPoint
from schemas.policy import Budget, EscalationStep
from schemas.vocabulary import ClockKind, Department
from streams.core.paused_time import Pause, add_paused
from streams.core.working_time import (
    WorkingCalendar,
    add_working_micros,
    compile_calendar,
    instant_of,
    moment_of,
    worked_micros,
)

_ALL_DAY = (Hours(opens=0, closes=86_400),)
ROUND_THE_CLOCK = compile_calendar(
    Calendar(
        calendar_id="round-the-clock",
        zone="UTC",
        offsets=(OffsetChange(since=datetime(1970, 1, 1, tzinfo=UTC), offset_seconds=0),),
        monday=_ALL_DAY,
        tuesday=_ALL_DAY,
        wednesday=_ALL_DAY,
        thursday=_ALL_DAY,
        friday=_ALL_DAY,
        saturday=_ALL_DAY,
        sunday=_ALL_DAY,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a promise rests on: the policy's budget, and the department that has to keep it."""

    budget: Budget
    calendar: WorkingCalendar
    warn_percents: tuple[int, ...]
    escalation: tuple[EscalationStep, ...] = ()
    deputy: Department | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Time as a clock counts it: of working hours or of all, without what it was paused for.

    `calendar` may be absent where no working time was promised.
    """

    calendar: WorkingCalendar | None
    pauses: tuple[Pause, ...] = ()

    def after(self, start: datetime, seconds: int, *, working_time: bool) -> datetime:
        """The moment at which so much is used up, in UTC."""
        if not working_time and not self.pauses:
            return start.astimezone(UTC) + timedelta(seconds=seconds)
        return add_paused(start, seconds, self.hours(working_time=working_time), self.pauses)

    def unpaused(self) -> "Counting":
        """No pause moves what follows a deadline: by then it is too late to wait for anybody."""
        return replace(self, pauses=())

    def hours(self, *, working_time: bool) -> WorkingCalendar:
        """The calendar that says which time there is to count."""
        if not working_time:
            return ROUND_THE_CLOCK
        assert self.calendar is not None, "working time is promised by a policy that has a calendar"
        return self.calendar


def promise(
    kind: ClockKind, started_at: datetime, grounds: Grounds, pauses: tuple[Pause, ...] = ()
) -> Promise:
    """The promise for a clock that starts then; warnings count the same time as the deadline."""
    budget, counting = grounds.budget, Counting(calendar=grounds.calendar, pauses=pauses)
    late = counting.unpaused()

    def used(seconds: int) -> datetime:
        return counting.after(started_at, seconds, working_time=budget.working_time)

    deadline = used(budget.seconds)
    return Promise(
        kind=kind,
        started_at=started_at,
        deadline=deadline,
        budget_seconds=budget.seconds,
        working_time=budget.working_time,
        warnings=tuple(
            WarningPoint(percent=percent, at=used(budget.seconds * percent // 100))
            for percent in sorted(set(grounds.warn_percents))
        ),
        escalations=tuple(
            EscalationPoint(
                step=number,
                role=step.role,
                at=late.after(deadline, step.after.seconds, working_time=step.after.working_time),
                after_seconds=step.after.seconds,
                working_time=step.after.working_time,
                department=grounds.deputy if step.role == "deputy" else None,
            )
            for number, step in enumerate(grounds.escalation, start=1)
        ),
    )


def put_off(promised: Promise, pause: Pause, counting: Counting) -> Promise:
    """The same promise after one more pause.

    What was left of the time to each moment when the pause began is left of it when it ends: so
    also where another system set the moment, and no budget would come to it.
    """
    start = instant_of(max(pause[0], promised.started_at))
    end = instant_of(pause[1])
    hours = counting.hours(working_time=promised.working_time)

    def later(moment: datetime) -> datetime:
        at = instant_of(moment)
        if at <= start or end <= start:
            return moment
        return moment_of(add_working_micros(end, worked_micros(start, at, hours), hours))

    deadline, late = later(promised.deadline), counting.unpaused()
    return replace(
        promised,
        deadline=deadline,
        warnings=tuple(replace(one, at=later(one.at)) for one in promised.warnings),
        escalations=tuple(
            replace(one, at=late.after(deadline, one.after_seconds, working_time=one.working_time))
            for one in promised.escalations
        ),
    )
