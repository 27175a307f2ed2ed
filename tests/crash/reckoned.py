"""Which notices a case owes, reckoned apart from the fold, for promises that count all time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.fact_parts import PauseTerms, Promise
from schemas.facts import Acknowledged, Fact, Progress, Resolved, Routed
from schemas.notices import Breached, Escalated, Notice, PauseEnded, Undisputed, Warned
from schemas.steering import Paused, Resumed
from schemas.vocabulary import ClockKind

Said = tuple[str, str, int, datetime]
"""Of which clock, what, which step of it, and when it was due."""


@dataclass(slots=True)
class Owed:
    """What must have been said, what may have been, and the verdict on each clock."""

    must: set[Said] = field(default_factory=set[Said])
    may: set[Said] = field(default_factory=set[Said])
    verdicts: dict[ClockKind, str] = field(default_factory=dict[ClockKind, str])


@dataclass(slots=True)
class _Wait:
    since: datetime
    terms: PauseTerms
    end: datetime | None = None


@dataclass(slots=True)
class _Work:
    """What was reported of a case, by the times at which it reached its inbox."""

    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    waits: list[_Wait] = field(default_factory=list[_Wait])
    ended: set[datetime] = field(default_factory=set[datetime])

    @property
    def waiting(self) -> _Wait | None:
        return self.waits[-1] if self.waits and self.waits[-1].end is None else None

    def report(self, fact: Progress) -> None:
        at, waiting = fact.recorded_at, self.waiting
        if waiting is not None and at >= waiting.terms.until:
            waiting.end, waiting = waiting.terms.until, None
            self.ended.add(self.waits[-1].terms.until)
        if self.resolved_at is not None:
            return
        if isinstance(fact, Acknowledged):
            self.answered_at = self.answered_at or at
        elif isinstance(fact, Paused) and waiting is None:
            self.waits.append(_Wait(at, fact.pause))
        elif isinstance(fact, Resumed) and waiting is not None:
            waiting.end = at
        elif isinstance(fact, Resolved):
            self.resolved_at, self.answered_at = at, self.answered_at or at
            if waiting is not None:
                waiting.end = at

    def stopped_at(self, kind: ClockKind) -> datetime | None:
        return self.answered_at if kind == "first-response" else self.resolved_at


def owed(facts: Sequence[Fact]) -> Owed:
    """By a case's facts in the order of the log."""
    routed = next(fact for fact in facts if isinstance(fact, Routed))
    work, found = _Work(), Owed()
    for fact in _once(facts):
        if isinstance(fact, Progress):
            work.report(fact)
    for until in work.ended:
        found.may.add(("all", "pause-ended", 0, until))
    if work.waiting is not None:
        until = work.waiting.terms.until
        work.waiting.end = until
        found.must.add(("all", "pause-ended", 0, until))
    for promise in routed.promises:
        _add(found, promise, work)
    return found


def said(notice: Notice) -> Said:
    match notice:
        case Warned():
            return notice.clock, "warned", notice.percent, notice.due_at
        case Breached():
            return notice.clock, "breached", 0, notice.due_at
        case Escalated():
            return notice.clock, "escalated", notice.step, notice.due_at
        case PauseEnded():
            return "all", "pause-ended", 0, notice.due_at
        case Undisputed():
            return "all", "undisputed", 0, notice.due_at


def _once(facts: Iterable[Fact]) -> Iterator[Fact]:
    seen: set[str] = set()
    for fact in facts:
        if fact.fact_id not in seen:
            seen.add(fact.fact_id)
            yield fact


def _add(found: Owed, promise: Promise, work: _Work) -> None:
    kind, stopped_at = promise.kind, work.stopped_at(promise.kind)
    waits: list[_Wait] = []
    for wait in work.waits:
        runs = stopped_at is None or stopped_at > wait.since
        if kind in wait.terms.clocks and runs and _deadline(promise, waits) > wait.since:
            waits.append(wait)
    deadline = _deadline(promise, waits)
    for point in promise.warnings:
        at = _moment(promise, promise.budget_seconds * point.percent // 100, waits)
        _sort_in(found, (kind, "warned", point.percent, at), stopped_at)
    _sort_in(found, (kind, "breached", 0, deadline), stopped_at)
    for step in promise.escalations:
        at = deadline + timedelta(seconds=step.after_seconds)
        _sort_in(found, (kind, "escalated", step.step, at), stopped_at)
    met = stopped_at is not None and stopped_at <= deadline
    late = "breached" if stopped_at is None else "missed"
    found.verdicts[kind] = "met" if met else late


def _sort_in(found: Owed, one: Said, stopped_at: datetime | None) -> None:
    """What was due before the clock stopped may have been said by then, or not any more."""
    if stopped_at is None:
        found.must.add(one)
    elif one[3] < stopped_at:
        found.may.add(one)


def _deadline(promise: Promise, waits: Iterable[_Wait]) -> datetime:
    return _moment(promise, promise.budget_seconds, waits)


def _moment(promise: Promise, seconds: int, waits: Iterable[_Wait]) -> datetime:
    moment = promise.started_at + timedelta(seconds=seconds)
    for wait in waits:
        if moment > wait.since and wait.end is not None:
            moment += wait.end - wait.since
    return moment
