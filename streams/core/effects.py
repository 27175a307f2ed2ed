"""What an effective fact changes in its case."""

from dataclasses import replace
from typing import assert_never

from schemas.facts import BreachVoided, DeadlineSet, Order, ReporterErased, Routed, Submitted
from schemas.notices import (
    Breached,
    ClockNotice,
    Escalated,
    Notice,
    PauseEnded,
    Undisputed,
    Warned,
)
from streams.core import clocks
from streams.core.case import Case, Clock, Positioned
from streams.core.clocks import Setting
from streams.core.progressing import progressed
from streams.core.terms import AllTerms


def applied(case: Case, positioned: Positioned, terms: AllTerms) -> Case:
    """The case after a fact that was judged to be effective; its version is not moved here.

    Raises `UnknownTermsError` where the fact rests on a policy that is not among the terms.
    """
    fact = positioned.fact
    if isinstance(fact, Submitted):
        return replace(
            case,
            state="submitted",
            submitted=fact,
            submitted_offset=positioned.offset,
            district=fact.district,
        )
    if isinstance(fact, Routed):
        return _routed(case, fact)
    if isinstance(fact, Notice):
        return _noticed(case, fact, terms)
    if isinstance(fact, Order):
        return _ordered(case, fact)
    return progressed(case, fact, terms)


def _routed(case: Case, fact: Routed) -> Case:
    setting = Setting(
        by=fact.fact_id,
        at=fact.recorded_at,
        department=fact.department,
        policy_version=fact.policy_version,
    )
    return replace(
        case,
        state="routed",
        routed=fact,
        department=fact.department,
        category=fact.category,
        priority=fact.priority,
        problem_report=fact.problem_report,
        clocks=clocks.begun(case, fact.promises, setting),
    )


def _noticed(case: Case, fact: Notice, terms: AllTerms) -> Case:
    if isinstance(fact, PauseEnded):
        return clocks.lapsed(case, by=fact.fact_id, terms=terms)
    if isinstance(fact, Undisputed):
        return replace(case, verdict="undisputed")
    if isinstance(fact, Escalated):
        case = replace(case, told=case.told | {fact.role})
    return _with_clock(case, fact)


def _announced(clock: Clock, fact: ClockNotice) -> Clock:
    match fact:
        case Warned():
            return replace(clock, announced=clock.announced | {fact.percent})
        case Breached():
            return replace(clock, state="breached", breach=fact.fact_id)
        case Escalated():
            return replace(clock, escalated=clock.escalated | {fact.step})
        case _:
            assert_never(fact)


def _ordered(case: Case, fact: Order) -> Case:
    match fact:
        case DeadlineSet():
            return _with_deadline(case, fact)
        case BreachVoided():
            return _voided(case, fact)
        case ReporterErased():
            return replace(case, erased_at=fact.recorded_at)
        case _:
            assert_never(fact)


def _voided(case: Case, fact: BreachVoided) -> Case:
    """The clock as if nobody had spoken of its deadline, which stays what it is."""
    changed = (
        replace(one, state="running", breach=None, voided=True, escalated=frozenset[int]())
        if one is case.clock(fact.clock)
        else one
        for one in case.clocks
    )
    return replace(case, clocks=tuple(changed))


def _with_deadline(case: Case, fact: DeadlineSet) -> Case:
    """The clock with the deadline that was stated, in place of the one that it had."""
    assert case.department is not None, "a deadline is set for a case that was routed"
    current = case.clock(fact.promise.kind)
    setting = Setting(
        by=fact.fact_id,
        at=fact.recorded_at,
        department=current.department if current else case.department,
        policy_version=fact.policy_version,
    )
    if current is None:
        return replace(case, clocks=clocks.begun(case, (fact.promise,), setting))
    renewed = clocks.promised_anew(current, fact.promise, setting, case.waiting)
    return replace(case, clocks=tuple(renewed if one is current else one for one in case.clocks))


def _with_clock(case: Case, notice: ClockNotice) -> Case:
    """The case with what was announced of the clock whose deadline that fact set."""
    changed = (
        _announced(clock, notice)
        if clock.kind == notice.clock and clock.set_by == notice.cause
        else clock
        for clock in case.clocks
    )
    return replace(case, clocks=tuple(changed))
