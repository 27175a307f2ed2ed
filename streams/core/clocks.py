"""What happens to a case's clocks: they start, stand still, go on, stop, and are promised anew."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.fact_parts import PauseTerms, Promise
from schemas.vocabulary import ClockKind, Department, FactId, PolicyVersion
from streams.core.case import Case, Clock, Lapsed, Waiting
from streams.core.ids import caused_by
from streams.core.promises import Counting, put_off
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
        clocks = (*clocks, _paused(one, case.waiting))
    return clocks


def paused(case: Case, pause: PauseTerms, *, since: datetime, by: FactId) -> Case:
    """The case waiting. A clock whose deadline had passed by then is not stopped any more."""
    # What was said late may be over before it counts as begun.
    until = max(pause.until, since)
    waiting = Waiting(why=pause.why, since=since, until=until, clocks=pause.clocks, set_by=by)
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


def lapsed(case: Case, *, by: FactId, terms: AllTerms) -> Case:
    """The case when the timer has said that its pause is over.

    A notice is not a verdict: what turns out to have been said before then finds the pause as it
    was.
    """
    assert case.waiting is not None, "only a pause is over"
    known = Lapsed(waiting=case.waiting, clocks=case.clocks)
    return replace(resumed(case, at=case.waiting.until, by=by, terms=terms), lapsed=known)


def settled(case: Case, at: datetime, terms: AllTerms) -> Case:
    """The case as it stands at that moment: a pause that is over by then has ended by itself."""
    case = _reconsidered(case, at)
    waiting = case.waiting
    if waiting is None or at < waiting.until:
        return case
    return resumed(case, at=waiting.until, by=pause_ended_id(waiting), terms=terms)


def lapsed_still(case: Case, before: Case, terms: AllTerms) -> Case:
    """The case after a fact of a time before its pause was over, which the timer has told already.

    If the pause went on after the fact, it is over all the same, and what was told since holds.
    """
    known = before.lapsed
    if known is None or case.waiting != known.waiting:
        return case
    over = lapsed(case, by=pause_ended_id(known.waiting), terms=terms)
    told = {(one.kind, one.cycle, one.set_by, one.promise): one for one in before.clocks}
    clocks = tuple(
        told.get((one.kind, one.cycle, one.set_by, one.promise), one) if one.open else one
        for one in over.clocks
    )
    return replace(over, clocks=clocks)


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


def promised_anew(
    clock: Clock, promise: Promise, setting: Setting, waiting: Waiting | None
) -> Clock:
    """The same clock with another promise in the place of its own.

    What was announced of a moment that has passed under the new one too stays announced. A breach
    that would not have been one is voided. If the case waits, the new deadline says whether the
    clock stands still.
    """
    late = clock.state == "breached" and promise.deadline <= setting.at
    renewed = replace(
        clock,
        promise=promise,
        set_by=setting.by,
        policy_version=setting.policy_version,
        department=setting.department,
        state="breached" if late else "running",
        breach=clock.breach if late else None,
        announced=clock.announced & _warned_by(promise, setting.at),
        escalated=clock.escalated if late else frozenset(),
        voided=clock.voided or (clock.state == "breached" and not late),
    )
    return _paused(renewed, waiting)


def _paused(clock: Clock, waiting: Waiting | None) -> Clock:
    """Standing still, if the case waits for what stops it and its deadline had not passed."""
    if waiting is None or clock.kind not in waiting.clocks or not clock.open:
        return clock
    if clock.promise.deadline <= waiting.since:
        return clock
    # What was announced though the pause came before it does not count.
    return replace(
        clock,
        state="paused",
        announced=clock.announced & _warned_by(clock.promise, waiting.since),
        breach=None,
        voided=clock.voided or clock.state == "breached",
    )


def _warned_by(promise: Promise, at: datetime) -> frozenset[int]:
    return frozenset(one.percent for one in promise.warnings if one.at <= at)


def _resumed(clock: Clock, waiting: Waiting, at: datetime, terms: AllTerms) -> Clock:
    if at <= waiting.since:
        return replace(clock, state="running", escalated=frozenset[int]())
    pause = (waiting.since, at)
    version = clock.policy_version
    calendar = terms_of(version, terms).calendar_of(clock.department) if version else None
    return replace(
        clock,
        state="running",
        pauses=(*clock.pauses, pause),
        promise=put_off(clock.promise, pause, Counting(calendar=calendar)),
        escalated=frozenset[int](),
    )


def _reconsidered(case: Case, at: datetime) -> Case:
    """The case in its pause again, if that was not over at the moment, whatever the timer said."""
    known = case.lapsed
    if known is None:
        return case
    if at >= known.waiting.until:
        return replace(case, lapsed=None)
    before = {(clock.kind, clock.cycle): clock for clock in known.clocks}
    clocks = tuple(_standing_again(clock, before[clock.kind, clock.cycle]) for clock in case.clocks)
    return replace(case, clocks=clocks, waiting=known.waiting, lapsed=None)


def _standing_again(clock: Clock, before: Clock) -> Clock:
    if before.state != "paused":
        return clock
    return replace(before, voided=clock.voided or clock.state == "breached")


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
        breach=None if met else clock.breach,
        voided=clock.voided or (met and clock.state == "breached"),
    )
