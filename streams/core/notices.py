"""Which notices are owed for a case's clocks, and when the next one is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.fact_parts import EscalationPoint, WarningPoint
from schemas.notices import Breached, ClockNotice, Escalated, Notice, PauseEnded, Undisputed, Warned
from schemas.vocabulary import Department, FactId
from streams.core.case import Case, Clock, Closed, Waiting
from streams.core.clocks import pause_ended_id
from streams.core.ids import caused_by
from streams.core.refusals import full


def next_due_at(case: Case, clock: Clock) -> datetime | None:
    """When the clock's next notice is due; none when nothing more is to be said.

    A clock that stands still has its pause's end to be told of; if a pause stops none, the last
    clock has, stopped or not; it tells also that a closing was not disputed. What has been said
    stays said, though it was refused: else the moment
    would stay due, and nothing would be owed for it.
    """
    if _silent(case):
        return None
    owed = [point.at for point in _warnings(case, clock)]
    if _may_breach(case, clock):
        owed.append(clock.promise.deadline)
    elif clock.state == "breached":
        owed.extend(point.at for point in _escalations(case, clock))
    closing = case.closing
    if closing is not None and _may_be_undisputed(case, closing) and clock in case.clocks[-1:]:
        assert closing.undisputed_at is not None, "what may be undisputed has its moment"
        owed.append(closing.undisputed_at)
    waiting = case.waiting
    if waiting is not None and _may_end(case, waiting) and clock in _telling(case):
        owed.append(waiting.until)
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
    if _silent(case):
        return ()
    said = _Said(case=case, now=now, sure=up_to if confirmed_to is None else confirmed_to)
    owed = [notice for notice in said.every() if notice.due_at < up_to]
    return tuple(sorted(owed, key=lambda notice: notice.due_at))


def overtaken(case: Case, notice: Warned | Escalated) -> bool:
    """Whether a higher step was due already when the notice was recorded.

    Then only that one is announced, and this one is kept for the record.
    """
    clock = case.clock_set_by(notice.cause, notice.clock)
    if clock is None:
        return True
    if isinstance(notice, Warned):
        warnings = (one.at for one in clock.promise.warnings if one.percent > notice.percent)
        later = (*warnings, clock.promise.deadline)
    else:
        later = tuple(one.at for one in clock.promise.escalations if one.step > notice.step)
    # A clock that stands still has not come further than to where its pause began.
    standing = clock.state == "paused" and case.waiting
    reached = standing.since if standing else notice.recorded_at
    return any(at <= reached for at in later)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """All that a case ever has to say as it stands, due or not, as it would be said `now`."""

    case: Case
    now: datetime
    sure: datetime

    def every(self) -> Iterator[Notice]:
        for clock in self.case.clocks:
            yield from self._of(clock)
        if self.case.waiting is not None and _may_end(self.case, self.case.waiting):
            yield self._pause_ended(self.case.waiting)
        if self.case.closing is not None and _may_be_undisputed(self.case, self.case.closing):
            yield self._undisputed(self.case.closing)

    def _of(self, clock: Clock) -> Iterator[ClockNotice]:
        for point in _warnings(self.case, clock):
            yield self._warned(clock, point)
        if _may_breach(self.case, clock):
            yield self._breached(clock)
        # A breach and what follows from it may be owed at once, after an outage.
        # What was voided is not followed by anything, though its deadline may have passed.
        if clock.state == "breached" or _may_breach(self.case, clock):
            for point in _escalations(self.case, clock):
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

    def _undisputed(self, closing: Closed) -> Undisputed:
        assert self.case.department is not None, "only what has a department is closed"
        assert closing.undisputed_at is not None, "what may be undisputed has its moment"
        return Undisputed(
            fact_id=undisputed_id(closing),
            case_id=self.case.case_id,
            recorded_at=self.now,
            cause=closing.by,
            due_at=closing.undisputed_at,
            department=self.case.department,
            unconfirmed=closing.undisputed_at >= self.sure,
        )

    def _told(self, clock: Clock) -> Department:
        """Whoever holds the case now is told of the citizen's clocks; of its own, each itself."""
        assert self.case.department is not None, "what has clocks has a department"
        return clock.department if clock.kind == "holding" else self.case.department


def _was_said(case: Case, clock: Clock, *what: str) -> bool:
    fact_id = caused_by(clock.set_by, clock.kind, *what)
    return fact_id in case.effective or fact_id in case.refused


def _silent(case: Case) -> bool:
    """Whether nobody is told of it, or nothing would have an effect on it any more."""
    return case.parent is not None or case.historical or case.department is None or full(case)


def _warnings(case: Case, clock: Clock) -> Iterator[WarningPoint]:
    """Those that the clock has to say in its state: what was due before it stood still, then."""
    if clock.state == "running":
        reached = None
    elif clock.state == "paused" and case.waiting is not None:
        reached = case.waiting.since
    else:
        return
    for point in clock.promise.warnings:
        if point.percent in clock.announced or (reached is not None and point.at > reached):
            continue
        if not _was_said(case, clock, "warned", str(point.percent)):
            yield point


def _may_breach(case: Case, clock: Clock) -> bool:
    return clock.state == "running" and not _was_said(case, clock, "breached")


def _escalations(case: Case, clock: Clock) -> Iterator[EscalationPoint]:
    for point in clock.promise.escalations:
        said = _was_said(case, clock, "escalated", str(point.step))
        if point.step not in clock.escalated and not said:
            yield point


def _may_end(case: Case, waiting: Waiting) -> bool:
    return pause_ended_id(waiting) not in case.refused


def undisputed_id(closing: Closed) -> FactId:
    return caused_by(closing.by, "undisputed")


def _may_be_undisputed(case: Case, closing: Closed) -> bool:
    """Whether the citizen's silence is waited for, and has not been told of."""
    if closing.undisputed_at is None or case.verdict is not None:
        return False
    return undisputed_id(closing) not in case.refused


def _telling(case: Case) -> tuple[Clock, ...]:
    """The clocks at whose time the end of a pause is told."""
    still = tuple(clock for clock in case.clocks if clock.state == "paused")
    return still or case.clocks[-1:]
