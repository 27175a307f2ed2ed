"""What happens to a case's clocks: they start, stand still, go on, stop, and are promised anew."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.fact_parts import PauseTerms, Promise
from schemas.vocabulary import ClockKind, Department, FactId, PolicyVersion
from streams.core.case import Case, Clock, Waiting
from streams.core.ids import caused_by
from streams.core.promises import Counting, dated
from streams.core.terms import AllTerms, terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Which fact sets a deadline, when that counts, and on whose promise."""

    by: FactId
    at: datetime
    department: Department
    policy_version: PolicyVersion | None


def begun(case: Case, promises: Iterable[Promise], setting: Setting) -> tuple[Clock, ...]:
    """All clocks with one more for each promise."""
    clocks = case.clocks
    for promise in promises:
        cycle = sum(clock.kind == promise.kind for clock in clocks)
        one = Clock(
            promise=promise,
            set_by=setting.by,
            department=setting.department,
            policy_version=setting.policy_version,
            cycle=cycle,
            silent=case.historical,
        )
        clocks = (*clocks, one)
    return clocks


def paused(case: Case, pause: PauseTerms, *, since: datetime, by: FactId) -> Case:
    """The case waiting. A clock whose deadline had passed by then is not stopped any more."""
    waiting = Waiting(why=pause.why, since=since, until=pause.until, clocks=pause.clocks, set_by=by)
    clocks = tuple(_paused(clock, waiting) for clock in case.clocks)
    return replace(case, clocks=clocks, waiting=waiting)


def resumed(case: Case, *, at: datetime, by: FactId, terms: AllTerms) -> Case:
    """The case as it goes on, with every deadline moved by what its clocks stood still for."""
    waiting = case.waiting
    if waiting is None:
        return case
    clocks = tuple(
        replace(_resumed(clock, waiting, at, terms), set_by=by)
        if clock.state == "paused"
        else clock
        for clock in case.clocks
    )
    return replace(case, clocks=clocks, waiting=None)


def settled(case: Case, at: datetime, terms: AllTerms) -> Case:
    """The case as it stands at that moment: a pause that is over by then has ended by itself."""
    waiting = case.waiting
    if waiting is None or at < waiting.until:
        return case
    return resumed(case, at=waiting.until, by=pause_ended_id(waiting), terms=terms)


def pause_ended_id(waiting: Waiting) -> FactId:
    return caused_by(waiting.set_by, "pause-ended")


def stopped(
    case: Case, kinds: Iterable[ClockKind], *, at: datetime, terms: AllTerms
) -> tuple[Clock, ...]:
    """All clocks, those of these kinds stopped, each judged by that moment."""
    wanted = frozenset(kinds)
    return tuple(
        _stopped(_still(clock, case.waiting, at, terms), at)
        if clock.kind in wanted and clock.open
        else clock
        for clock in case.clocks
    )


def promised_anew(clock: Clock, promise: Promise, setting: Setting) -> Clock:
    """The same clock with another promise in the place of its own.

    What was announced of a moment that has passed under the new one too stays announced. A breach
    that would not have been one is voided.
    """
    late = clock.state == "breached" and promise.deadline <= setting.at
    passed = frozenset(one.percent for one in promise.warnings if one.at <= setting.at)
    return replace(
        clock,
        promise=promise,
        set_by=setting.by,
        policy_version=setting.policy_version,
        department=setting.department,
        state=clock.state if late or clock.state == "paused" else "running",
        announced=clock.announced & passed,
        escalated=clock.escalated if late else frozenset(),
        voided=clock.voided or (clock.state == "breached" and not late),
    )


def _paused(clock: Clock, waiting: Waiting) -> Clock:
    running = clock.open and clock.promise.deadline > waiting.since
    if clock.kind not in waiting.clocks or not running:
        return clock
    # Announced though it was kept until then: the pause came before the deadline.
    return replace(clock, state="paused", voided=clock.voided or clock.state == "breached")


def _resumed(clock: Clock, waiting: Waiting, at: datetime, terms: AllTerms) -> Clock:
    end = max(waiting.since, min(at, waiting.until))
    pauses = (*clock.pauses, (waiting.since, end))
    version = clock.policy_version
    calendar = terms_of(version, terms).calendar_of(clock.department) if version else None
    promise = dated(clock.promise, Counting(calendar=calendar, pauses=pauses))
    return replace(
        clock, state="running", pauses=pauses, promise=promise, escalated=frozenset[int]()
    )


def _still(clock: Clock, waiting: Waiting | None, at: datetime, terms: AllTerms) -> Clock:
    """A clock that is stopped while it stands still has stood still until then."""
    if clock.state != "paused" or waiting is None:
        return clock
    return _resumed(clock, waiting, at, terms)


def _stopped(clock: Clock, at: datetime) -> Clock:
    met = at <= clock.promise.deadline
    return replace(
        clock,
        state="met" if met else "missed",
        stopped_at=at,
        voided=clock.voided or (met and clock.state == "breached"),
    )
