"""What changes when another body has to do it, and when that one answers."""

from dataclasses import replace

from schemas.facts import time_that_counts
from schemas.living import HandedOver, HandedOverAnswered
from streams.core import clocks
from streams.core.case import Case, HandOver
from streams.core.terms import AllTerms
from streams.core.transitions import State


def handed(
    case: Case, fact: HandedOver | HandedOverAnswered, state: State, terms: AllTerms
) -> tuple[Case, State]:
    """The case after it, and its state: what the body takes stays with it, all else comes back.

    Raises `UnknownTermsError`.
    """
    if isinstance(fact, HandedOver):
        return _over(case, fact, terms), state
    assert case.handed_over is not None, "what is not handed over is not answered"
    known = replace(
        case.handed_over,
        answer=fact.answer,
        reference=fact.reference or case.handed_over.reference,
    )
    if fact.answer == "accepted":
        return replace(case, handed_over=known), case.state
    at = case.not_before(time_that_counts(fact))
    back = replace(case, handed_over=known)
    if case.waiting is not None and case.waiting.set_by == case.handed_over.set_by:
        back = clocks.resumed(back, at=at, by=fact.fact_id, terms=terms)
    return back, state


def _over(case: Case, fact: HandedOver, terms: AllTerms) -> Case:
    """Whoever hands it over has looked at it; its wait, if there is one, is for the body now."""
    at = case.not_before(time_that_counts(fact))
    answered = clocks.stopped(case, ("first-response",), at=time_that_counts(fact), terms=terms)
    given = replace(
        case,
        clocks=answered,
        handed_over=HandOver(body=fact.body, reference=fact.reference, set_by=fact.fact_id),
    )
    if fact.pause is None:
        return given
    awake = clocks.resumed(given, at=at, by=fact.fact_id, terms=terms)
    return clocks.paused(awake, fact.pause, since=at, by=fact.fact_id)
