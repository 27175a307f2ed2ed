"""Why a fact has no effect on its case; none where it has one."""

from typing import assert_never

from schemas.facts import (
    BreachVoided,
    DeadlineSet,
    Fact,
    Order,
    ReporterErased,
    Routed,
    Submitted,
)
from schemas.notices import Notice
from streams.core.case import Case
from streams.core.notice_refusals import of_a_notice
from streams.core.progress_refusals import of_progress
from streams.core.refusal import Refusal, refused_for
from streams.core.terms import AllTerms
from streams.core.transitions import after

FACTS_OF_A_CASE_MAX = 2_000  # A sender gone wild fills its own case, never the whole projection.


def full(case: Case) -> bool:
    """Whether nothing more has any effect on it."""
    return len(case.effective) >= FACTS_OF_A_CASE_MAX


def refusal(case: Case, fact: Fact, terms: AllTerms) -> Refusal | None:
    """Raises `UnknownTermsError` where it rests on a policy that is not among the terms."""
    if full(case):
        return refused_for("full", count=FACTS_OF_A_CASE_MAX)
    if isinstance(fact, Submitted):
        return refused_for("key-taken") if case.known else None
    if isinstance(fact, Routed):
        return _of_a_routing(case, fact)
    if isinstance(fact, Notice):
        return of_a_notice(case, fact)
    if isinstance(fact, Order):
        return _of_an_order(case, fact)
    return of_progress(case, fact, terms)


def _of_a_routing(case: Case, routed: Routed) -> Refusal | None:
    if routed.cause not in case.effective:
        return refused_for("cause-refused")
    return _of_the_state(case, routed)


def _of_an_order(case: Case, fact: Order) -> Refusal | None:
    match fact:
        case DeadlineSet():
            return _of_a_deadline(case, fact)
        case BreachVoided():
            return _of_a_voiding(case, fact)
        case ReporterErased():
            return _of_an_erasure(case, fact)
        case _:
            assert_never(fact)


def _of_a_deadline(case: Case, fact: DeadlineSet) -> Refusal | None:
    clock = case.clock(fact.promise.kind)
    # A pause may end by itself, and set a deadline without a fact that says so.
    set_by = None if clock is None else clock.set_by
    if case.routed is None or fact.cause not in case.effective | {set_by}:
        return refused_for("cause-refused")
    if fact.promise.working_time and fact.policy_version is None:
        return refused_for("promised-by-none")
    if fact.replaces is not None and set_by != fact.replaces:
        return refused_for("deadline-replaced")
    if clock is not None and not clock.open:
        return refused_for("clock-state", clock=clock.state)
    return _of_the_state(case, fact)


def _of_a_voiding(case: Case, fact: BreachVoided) -> Refusal | None:
    clock = case.clock(fact.clock)
    if clock is not None and clock.state != "breached":
        return refused_for("clock-state", clock=clock.state)
    if clock is None or clock.breach != fact.cause:
        return refused_for("other-breach")
    return _of_the_state(case, fact)


def _of_an_erasure(case: Case, fact: ReporterErased) -> Refusal | None:
    if case.erased_at is not None:
        return refused_for("erased-already")
    if after(case.state, fact.type) is None:
        return refused_for("no-such-case")
    return None


def _of_the_state(case: Case, fact: Order | Routed) -> Refusal | None:
    if after(case.state, fact.type) is None:
        return refused_for("state", state=case.state)
    return None
