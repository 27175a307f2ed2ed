"""What changes in a case by what is said of it by those who work on it."""

from dataclasses import replace
from typing import assert_never

from schemas.facts import (
    Acknowledged,
    ClosedWithoutAction,
    Closing,
    Progress,
    Resolved,
    time_that_counts,
)
from schemas.living import (
    Confirmed,
    Disputed,
    EscalationSeen,
    HandedOver,
    HandedOverAnswered,
    Noted,
    Rated,
    Split,
)
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    Started,
    TransferRequested,
    Unlinked,
)
from schemas.vocabulary import CLOCK_KINDS, WAITING_FOR_CITIZEN
from streams.core import clocks, handing, renewing
from streams.core.case import Case, Closed
from streams.core.permissions import role_of
from streams.core.terms import AllTerms
from streams.core.transitions import after

_Work = Acknowledged | Started | Closing
_Wait = Paused | Resumed | InformationRequested | InformationReceived
_Move = TransferRequested | Reopened | Disputed | Linked | Reclassified
_HandOver = HandedOver | HandedOverAnswered


def progressed(case: Case, fact: Progress, terms: AllTerms) -> Case:
    """The case after it. Raises `UnknownTermsError`."""
    if isinstance(fact, Unlinked):
        return _unlinked(case, fact)
    state = after(case.state, fact.type)
    assert state is not None, "what is not allowed in this state is refused"
    if isinstance(fact, _Work):
        changed = _worked(case, fact, terms)
    elif isinstance(fact, _Wait):
        changed = _waited(case, fact, terms)
    elif isinstance(fact, _Move):
        changed = _moved(case, fact, terms)
    elif isinstance(fact, _HandOver):
        changed, state = handing.handed(case, fact, state, terms)
    else:
        changed = _added(case, fact)
    return replace(changed, state=state)


def _added(case: Case, fact: Noted | Split | Confirmed | Rated | EscalationSeen) -> Case:
    """What moves neither the case nor a clock."""
    match fact:
        case Noted():
            return case
        case Split():
            return replace(case, parts=case.parts + len(fact.parts))
        case Confirmed():
            return replace(case, verdict="confirmed")
        case Rated():
            return replace(case, stars=fact.stars)
        case EscalationSeen():
            return replace(case, seen=case.seen | {role_of(fact)})
        case _:
            assert_never(fact)


def _worked(case: Case, fact: _Work, terms: AllTerms) -> Case:
    match fact:
        case Acknowledged() | Started():
            return _answered(case, fact, terms)
        case Resolved() | ClosedWithoutAction():
            return _closed(case, fact, terms)
        case _:
            assert_never(fact)


def _waited(case: Case, fact: _Wait, terms: AllTerms) -> Case:
    at = case.not_before(time_that_counts(fact))
    match fact:
        case Paused():
            return clocks.paused(case, fact.pause, since=at, by=fact.fact_id)
        case InformationRequested():
            asked = _answered(case, fact, terms)
            if fact.pause is None or case.waiting is not None:
                return asked
            return clocks.paused(asked, fact.pause, since=at, by=fact.fact_id)
        case Resumed():
            return clocks.resumed(case, at=at, by=fact.fact_id, terms=terms)
        case InformationReceived():
            if case.waiting is None or case.waiting.why != WAITING_FOR_CITIZEN:
                return case
            return clocks.resumed(case, at=at, by=fact.fact_id, terms=terms)
        case _:
            assert_never(fact)


def _moved(case: Case, fact: _Move, terms: AllTerms) -> Case:
    at = case.not_before(time_that_counts(fact))
    match fact:
        case TransferRequested():
            return renewing.passed_on(case, fact, at, terms)
        case Reopened():
            return renewing.reopened(case, fact, at, terms)
        case Disputed():
            disputed = renewing.reopened(case, fact, at, terms)
            return replace(disputed, verdict="disputed")
        case Reclassified():
            return renewing.reclassified(case, fact, at, terms)
        case Linked():
            apart = clocks.resumed(case, at=at, by=fact.fact_id, terms=terms)
            return replace(apart, parent=fact.parent, state_apart=case.state)
        case _:
            assert_never(fact)


def _unlinked(case: Case, fact: Unlinked) -> Case:
    """Its promises are as they were, and the time that went by meanwhile counts."""
    assert case.state_apart is not None, "only what is linked is unlinked"
    own = tuple(
        replace(clock, set_by=fact.fact_id) if clock.open else clock for clock in case.clocks
    )
    return replace(case, clocks=own, parent=None, state=case.state_apart, state_apart=None)


def _answered(
    case: Case, fact: Acknowledged | Started | InformationRequested, terms: AllTerms
) -> Case:
    kinds = ("first-response",)
    return replace(case, clocks=clocks.stopped(case, kinds, at=time_that_counts(fact), terms=terms))


def _closed(case: Case, fact: Closing, terms: AllTerms) -> Case:
    """Closed, with all clocks judged. Another system may say that it closed what was not open."""
    assert case.submitted is not None, "what is closed was submitted"
    closed_at = time_that_counts(fact)
    return replace(
        case,
        clocks=clocks.stopped(case, CLOCK_KINDS, at=closed_at, terms=terms),
        waiting=None,
        handed_over=None,
        closed_at=closed_at,
        closing=Closed(
            by=fact.fact_id, dispute_until=fact.dispute_until, undisputed_at=fact.undisputed_at
        ),
        verdict=None,
        times_reversed=closed_at < time_that_counts(case.submitted),
    )
