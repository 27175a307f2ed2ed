"""What an effective fact changes in its case."""

from dataclasses import replace
from typing import assert_never

from schemas.facts import (
    Acknowledged,
    Breached,
    ClosedWithoutAction,
    Closing,
    DeadlineSet,
    Notice,
    Progress,
    ReporterErased,
    Resolved,
    Routed,
    Submitted,
    Warned,
    time_that_counts,
)
from schemas.vocabulary import ClockKind
from streams.core.case import Case, Clock, Positioned
from streams.core.transitions import State


def applied(case: Case, positioned: Positioned) -> Case:
    """The case after a fact that was judged to be effective; its version is not moved here."""
    fact = positioned.fact
    match fact:
        case Submitted():
            return replace(
                case, state="submitted", submitted=fact, submitted_offset=positioned.offset
            )
        case Routed():
            return _routed(case, fact)
        case DeadlineSet():
            return _with_deadline(case, fact)
        case Warned() | Breached():
            return _noticed(case, fact)
        case Acknowledged() | Resolved() | ClosedWithoutAction():
            return _progressed(case, fact)
        case ReporterErased():
            return replace(case, erased_at=fact.recorded_at)
        case _:
            assert_never(fact)


def _routed(case: Case, fact: Routed) -> Case:
    clocks = tuple(
        Clock(promise=one, set_by=fact.fact_id, silent=case.historical) for one in fact.promises
    )
    return replace(case, state="routed", routed=fact, clocks=clocks)


def _noticed(case: Case, fact: Notice) -> Case:
    if isinstance(fact, Breached):
        return _with_clock(case, fact.clock, breached=True)
    return _with_clock(case, fact.clock, announced=frozenset({fact.percent}))


def _progressed(case: Case, fact: Progress) -> Case:
    match fact:
        case Acknowledged():
            stopped = _stopped(case, fact, ("first-response",))
            return replace(stopped, state="acknowledged")
        case Resolved():
            return _closed(case, fact, "resolved")
        case ClosedWithoutAction():
            return _closed(case, fact, "closed")
        case _:
            assert_never(fact)


def _with_deadline(case: Case, fact: DeadlineSet) -> Case:
    """The clock with the deadline that was stated, in place of the one that it had."""
    others = (clock for clock in case.clocks if clock.kind != fact.promise.kind)
    clock = Clock(promise=fact.promise, set_by=fact.fact_id, silent=case.historical)
    return replace(case, clocks=(*others, clock))


def _closed(case: Case, fact: Closing, state: State) -> Case:
    """Closed, with all clocks judged. Another system may say that it closed what was not open."""
    assert case.submitted is not None, "what is closed was submitted"
    closed_at = time_that_counts(fact)
    return replace(
        _stopped(case, fact, ("first-response", "resolution")),
        state=state,
        closed_at=closed_at,
        times_reversed=closed_at < time_that_counts(case.submitted),
    )


def _with_clock(
    case: Case, kind: ClockKind, *, announced: frozenset[int] = frozenset(), breached: bool = False
) -> Case:
    def changed(clock: Clock) -> Clock:
        if clock.kind != kind:
            return clock
        state = "breached" if breached else clock.state
        return replace(clock, state=state, announced=clock.announced | announced)

    return replace(case, clocks=tuple(changed(clock) for clock in case.clocks))


def _stopped(case: Case, fact: Progress, kinds: tuple[ClockKind, ...]) -> Case:
    """The clocks with those kinds stopped, each judged by the time of the fact that counts."""
    stopped_at = time_that_counts(fact)

    def stopped(clock: Clock) -> Clock:
        if clock.kind not in kinds or not clock.open:
            return clock
        met = stopped_at <= clock.promise.deadline
        return replace(
            clock,
            state="met" if met else "missed",
            stopped_at=stopped_at,
            voided=met and clock.state == "breached",
        )

    return replace(case, clocks=tuple(stopped(clock) for clock in case.clocks))
