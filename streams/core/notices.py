"""Which notices are owed for a case's clocks, and when the next one is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.fact_parts import EscalationPoint, WarningPoint
from schemas.facts import Breached, ClockNotice, Escalated, Notice, PauseEnded, Warned
from schemas.vocabulary import Department
from streams.core.case import Case, Clock, Waiting
from streams.core.clocks import pause_ended_id
from streams.core.ids import caused_by


def next_due_at(case: Case, clock: Clock) -> datetime | None:
    """When the clock's next notice is due; none when nothing more is to be said.

    A clock that stands still has its pause's end to be told of. What has been said stays said,
    though it was refused: else the moment would stay due, and nothing would be owed for it.
    """
    if clock.silent or case.parent is not None:
        return None
    owed = [
        point.at
        for point in _warnings(case, clock)
        if point.percent not in clock.announced
        and not _was_said(case, clock, "warned", str(point.percent))
    ]
    if clock.state == "running" and not _was_said(case, clock, "breached"):
        owed.append(clock.promise.deadline)
    waiting = case.waiting if clock.state == "paused" else None
    if waiting is not None and pause_ended_id(waiting) not in case.refused:
        owed.append(waiting.until)
    owed.extend(
        step.at
        for step in _escalations(clock)
        if step.step not in clock.escalated
        and not _was_said(case, clock, "escalated", str(step.step))
    )
    return min(owed, default=None)


def notices_due(
    case: Case, *, up_to: datetime, now: datetime, confirmed_to: datetime | None = None
) -> tuple[Notice, ...]:
    """Every notice that was due before `up_to`, in that order. Asked again, their ids are the same.

    All that was done before `up_to` is in `case`; what is due between it and `now` has to wait.
    A notice that was due at `confirmed_to` or later says that this is not so for it.
    A deadline is kept by what is done at that very moment, so a breach is owed only after it.
    What a clock has to say after a pause is owed when the end of the pause is in `case`.
    """
    assert up_to <= now, "nothing is announced early"
    if case.parent is not None or case.historical or case.department is None:
        return ()
    said = _Said(case=case, now=now, sure=up_to if confirmed_to is None else confirmed_to)
    owed = [
        notice
        for notice in said.every()
        if notice.due_at < up_to and notice.fact_id not in case.effective | case.refused
    ]
    return tuple(sorted(owed, key=lambda notice: notice.due_at))


def overtaken(case: Case, notice: Warned | Escalated) -> bool:
    """Whether a higher step was due already when the notice was recorded.

    Then only that one is announced, and this one is kept for the record.
    """
    clock = next(
        (one for one in case.clocks if one.set_by == notice.cause and one.kind == notice.clock),
        None,
    )
    if clock is None:
        return True
    if isinstance(notice, Warned):
        warnings = (one.at for one in clock.promise.warnings if one.percent > notice.percent)
        later = (*warnings, clock.promise.deadline)
    else:
        later = tuple(one.at for one in clock.promise.escalations if one.step > notice.step)
    return any(at <= notice.recorded_at for at in later)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """All that a case ever has to say as it stands, due or not, as it would be said `now`."""

    case: Case
    now: datetime
    sure: datetime

    def every(self) -> Iterator[Notice]:
        for clock in self.case.clocks:
            yield from self._of(clock)
        if self.case.waiting is not None:
            yield self._pause_ended(self.case.waiting)

    def _of(self, clock: Clock) -> Iterator[ClockNotice]:
        for point in _warnings(self.case, clock):
            yield self._warned(clock, point)
        if clock.state == "running":
            yield self._breached(clock)
        # A breach and what follows from it may be owed at once, after an outage.
        # What was voided is not followed by anything, though its deadline may have passed.
        if clock.state == "breached" or (
            clock.state == "running" and not _was_said(self.case, clock, "breached")
        ):
            for point in clock.promise.escalations:
                yield self._escalated(clock, point)

    def _warned(self, clock: Clock, point: WarningPoint) -> Warned:
        return Warned(
            fact_id=caused_by(clock.set_by, clock.kind, "warned", str(point.percent)),
            case_id=self.case.case_id,
            recorded_at=self.now,
            cause=clock.set_by,
            clock=clock.kind,
            percent=point.percent,
            due_at=point.at,
            deadline=clock.promise.deadline,
            department=self._told(clock),
            unconfirmed=point.at >= self.sure,
        )

    def _breached(self, clock: Clock) -> Breached:
        return Breached(
            fact_id=caused_by(clock.set_by, clock.kind, "breached"),
            case_id=self.case.case_id,
            recorded_at=self.now,
            cause=clock.set_by,
            clock=clock.kind,
            due_at=clock.promise.deadline,
            department=self._told(clock),
            unconfirmed=clock.promise.deadline >= self.sure,
        )

    def _escalated(self, clock: Clock, point: EscalationPoint) -> Escalated:
        return Escalated(
            fact_id=caused_by(clock.set_by, clock.kind, "escalated", str(point.step)),
            case_id=self.case.case_id,
            recorded_at=self.now,
            cause=clock.set_by,
            clock=clock.kind,
            step=point.step,
            role=point.role,
            due_at=point.at,
            deadline=clock.promise.deadline,
            department=self._told(clock),
            told=point.department,
            unconfirmed=point.at >= self.sure,
        )

    def _pause_ended(self, waiting: Waiting) -> PauseEnded:
        assert self.case.department is not None, "only what has a department waits"
        return PauseEnded(
            fact_id=pause_ended_id(waiting),
            case_id=self.case.case_id,
            recorded_at=self.now,
            cause=waiting.set_by,
            due_at=waiting.until,
            department=self.case.department,
            unconfirmed=waiting.until >= self.sure,
        )

    def _told(self, clock: Clock) -> Department:
        """Whoever holds the case now is told of the citizen's clocks; of its own, each itself."""
        assert self.case.department is not None, "what has clocks has a department"
        return clock.department if clock.kind == "holding" else self.case.department


def _was_said(case: Case, clock: Clock, *what: str) -> bool:
    fact_id = caused_by(clock.set_by, clock.kind, *what)
    return fact_id in case.effective or fact_id in case.refused


def _warnings(case: Case, clock: Clock) -> tuple[WarningPoint, ...]:
    """Those that the clock has to say in its state: what was due before it stood still, then."""
    if clock.silent:
        return ()
    if clock.state == "running":
        return clock.promise.warnings
    if clock.state == "paused" and case.waiting is not None:
        since = case.waiting.since
        return tuple(one for one in clock.promise.warnings if one.at <= since)
    return ()


def _escalations(clock: Clock) -> tuple[EscalationPoint, ...]:
    return clock.promise.escalations if clock.state == "breached" else ()
