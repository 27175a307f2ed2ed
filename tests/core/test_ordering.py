"""What our desk orders: the same order twice is once, and nothing absurd is promised."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.fact_parts import EscalationPoint, Promise, WarningPoint
from schemas.facts import BreachVoided, DeadlineSet, Fact
from schemas.messages import DeadlineOrder, Erasure
from schemas.vocabulary import Author, CaseId, FactId, Municipality, PolicyVersion
from streams.core.case import Positioned
from streams.core.fold import fold, step
from streams.core.ids import replacing_id
from streams.core.in_force import Published, ready, with_version
from streams.core.ordering import erased, ordered
from streams.core.refused import RefusedError
from streams.core.terms import terms
from tests.builders import (
    CASE_ID,
    CITY,
    NOON,
    after,
    breached,
    history,
    promise,
    routed,
    source,
    submitted,
)
from tests.policies import policy

PUBLISHED: Published = with_version({}, ready(policy()))
VERSION = policy().version
ROUTED = routed()
ORDER = DeadlineOrder(
    case_id=CASE_ID,
    municipality=CITY,
    reference="snow",
    author=Author("operator"),
    promise=promise("first-response", seconds=600),
    policy_version=VERSION,
    replaces=ROUTED.fact_id,
    reason="closed for snow",
)


def facts(order: DeadlineOrder, offset: int = 3) -> tuple[BreachVoided | DeadlineSet, ...]:
    return ordered(order, source(offset, inbox="progress-desk"), after(100), PUBLISHED)


def test_an_order_sets_the_deadline_in_the_place_of_the_one_that_it_names() -> None:
    (said,) = facts(ORDER)

    assert isinstance(said, DeadlineSet)
    assert said.fact_id == replacing_id(
        said.case_id, ROUTED.fact_id, "first-response", "deadline-set", VERSION
    )
    assert (said.cause, said.replaces, said.policy_version) == (
        ROUTED.fact_id,
        ROUTED.fact_id,
        VERSION,
    )
    assert (said.source.more, said.recorded_at) == (None, after(100))


def test_the_breach_is_voided_first_and_the_outcome_is_the_deadline() -> None:
    breach = breached(ROUTED)
    voided, anew = facts(replace(ORDER, voids=breach.fact_id))

    assert isinstance(voided, BreachVoided)
    assert voided.fact_id == replacing_id(
        voided.case_id, ROUTED.fact_id, "first-response", "breach-voided", VERSION
    )
    assert (voided.cause, voided.source.more, anew.source.more) == (breach.fact_id, True, None)

    known = {VERSION: terms(policy())}
    before: list[Fact] = [submitted(), ROUTED, breach]
    case = fold(CASE_ID, history(*before, voided, anew), known)
    clock = case.clock("first-response")
    assert clock is not None
    assert (clock.state, clock.voided, clock.set_by) == ("running", True, anew.fact_id)


def test_a_breach_of_an_earlier_deadline_that_still_stands_is_voided() -> None:
    """Promised anew while late, and late again by that: the breach that was announced stands."""
    known = {VERSION: terms(policy())}
    breach = breached(ROUTED)
    (still_late,) = facts(replace(ORDER, promise=promise("first-response", seconds=90)))
    order = replace(ORDER, replaces=still_late.fact_id, voids=breach.fact_id)

    case = fold(CASE_ID, history(submitted(), ROUTED, breach, still_late, *facts(order)), known)

    clock = case.clock("first-response")
    assert clock is not None
    assert (clock.state, clock.voided, clock.promise) == ("running", True, ORDER.promise)


def test_an_order_done_twice_changes_nothing() -> None:
    known = {VERSION: terms(policy())}
    (once,), (again,) = facts(ORDER, 3), facts(ORDER, 4)
    case = fold(CASE_ID, history(submitted(), ROUTED, once), known)

    after_both, judgement = step(case, Positioned(offset=9, fact=again), known)

    assert (once.fact_id, judgement.verdict) == (again.fact_id, "duplicate")
    assert after_both == case


def but(**change: Any) -> Promise:  # noqa: ANN401  # a field of any type
    return replace(ORDER.promise, **change)


def warned_at(percent: int, seconds: int) -> Promise:
    points = (WarningPoint(percent=percent, at=after(seconds)),)
    return replace(ORDER.promise, warnings=points)


def escalated_at(seconds: int, **more: Any) -> Promise:  # noqa: ANN401  # a field of any type
    point = EscalationPoint(
        step=1, role="head", at=after(seconds), after_seconds=60, working_time=False
    )
    return replace(ORDER.promise, escalations=(replace(point, **more),))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"case_id": CaseId("")}, "/case_id: is empty"),
        ({"reference": ""}, "/reference: is empty"),
        ({"author": Author("\x00")}, "/author: holds a NUL"),
        ({"reason": " "}, "/reason: is empty"),
        ({"reason": "r" * 501}, "/reason: is longer than 500"),
        ({"replaces": FactId("f" * 2_001)}, "/replaces: is longer"),
        ({"voids": FactId("another/breached")}, "/voids: is no breach"),
        ({"voids": FactId("x\x00/first-response/breached")}, "/voids: holds a NUL"),
        ({"municipality": Municipality("atlantis")}, "/municipality: is not served here"),
        ({"policy_version": PolicyVersion("never")}, "/policy_version: is none"),
        ({"promise": but(budget_seconds=-1)}, "/promise/budget_seconds"),
        ({"promise": but(budget_seconds=10**12)}, "/promise/budget_seconds"),
        (
            {"promise": replace(ORDER.promise, deadline=NOON.replace(year=9999))},
            "/promise/deadline",
        ),
        ({"promise": but(deadline=after(-1))}, "/promise/deadline"),
        (
            {"promise": replace(ORDER.promise, started_at=NOON.replace(year=1))},
            "/promise/started_at",
        ),
        ({"promise": warned_at(0, 10)}, "/promise/warnings: do not rise"),
        ({"promise": warned_at(101, 10)}, "/promise/warnings: do not rise"),
        ({"promise": warned_at(50, 601)}, "/promise/warnings/0/at"),
        (
            {"promise": replace(ORDER.promise, warnings=warned_at(50, 9).warnings * 2)},
            "do not rise",
        ),
        ({"promise": but(warnings=warned_at(50, 9).warnings * 21)}, "20 steps"),
        ({"promise": escalated_at(599)}, "/promise/escalations/0/at"),
        ({"promise": escalated_at(660, step=0)}, "/promise/escalations: do not rise"),
        ({"promise": escalated_at(660, after_seconds=-1)}, "/promise/escalations/0/after_seconds"),
        ({"promise": escalated_at(660, department="\x00")}, "/promise/escalations/0/department"),
    ],
)
def test_what_no_clock_may_run_is_refused_with_the_field(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        facts(replace(ORDER, **change))

    assert words in str(refused.value)
    assert "atlantis" not in str(refused.value)


def test_a_promise_that_warns_and_escalates_in_order_is_taken() -> None:
    whole = replace(escalated_at(660), warnings=warned_at(50, 300).warnings)

    (said,) = facts(replace(ORDER, promise=whole))

    assert isinstance(said, DeadlineSet)
    assert said.promise == whole


@pytest.mark.parametrize("field", ["case_id", "reference", "author"])
@pytest.mark.parametrize("value", ["", "\x00", "x" * 501])
def test_an_order_to_forget_names_a_case_itself_and_its_author(field: str, value: str) -> None:
    order = Erasure(case_id=CASE_ID, reference="letter-1", author=Author("operator"))
    assert erased(order, source(inbox="progress-desk"), NOON).recorded_at == NOON

    with pytest.raises(RefusedError, match=f"/{field}: "):
        erased(replace(order, **{field: value}), source(inbox="progress-desk"), NOON)
