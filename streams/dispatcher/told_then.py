"""What was promised for a case when a fact of it was recorded, by the fold of its facts."""

import json

from schemas.codec import decode_fact
from schemas.fact_parts import Promise
from schemas.notices import ClockNotice
from schemas.vocabulary import CaseId
from streams.core.case import Case, Positioned
from streams.core.fold import fold
from streams.core.terms import AllTerms


def as_it_was(case_id: CaseId, history: str | None, terms: AllTerms) -> Case:
    """The case after the last of these facts. Raises `UnknownTermsError`.

    `history` is JSON: the effective facts in log order, each with its position.
    """
    assert history is not None, "what a fact came to is told with those before it"
    facts = (
        Positioned(offset=offset, fact=decode_fact(json.dumps(fact)))
        for offset, fact in json.loads(history)
    )
    return fold(case_id, facts, terms)


def promises_in_force(case: Case) -> tuple[Promise, ...]:
    """What is to be kept by now; a deadline that stands still is none to go by."""
    if case.parent is not None:
        return ()
    return tuple(clock.promise for clock in case.clocks if clock.open and clock.state != "paused")


def promise_of(case: Case, notice: ClockNotice) -> tuple[Promise, ...]:
    """The promise of the clock that the notice is of: the one whose deadline its cause set."""
    clock = case.clock_set_by(notice.cause, notice.clock)
    return () if clock is None else (clock.promise,)
