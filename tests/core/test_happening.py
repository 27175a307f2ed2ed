"""Which event of a case is counted by which fact, and whose it is."""

from dataclasses import replace

import pytest

from schemas.facts import Fact
from schemas.notices import Escalated
from schemas.vocabulary import FactId
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.happening import Rating, happened, rated
from tests.builders import (
    CASE_ID,
    NOON,
    PARKS,
    acknowledged,
    after,
    breached,
    closed_without_action,
    past,
    resolved,
    routed,
    submitted,
    warned,
)
from tests.lived import (
    body_answered,
    confirmed,
    disputed,
    handed_over,
    lively,
    noted,
    split,
    to_be_judged,
    undisputed,
)
from tests.lived import rated as gave
from tests.policies import policy
from tests.steering import (
    ROADS,
    known,
    linked,
    passed_on,
    paused,
    reclassified,
    reopened,
    unlinked,
)

TERMS = known(policy(), lively())
BEGUN = (submitted(), routed())


def events(*facts: Fact) -> list[tuple[str, str, str]]:
    """What is counted of each fact that the fold took for effective, in their order."""
    case, found = Case(case_id=CASE_ID), list[tuple[str, str, str]]()
    for offset, fact in enumerate(facts):
        later, judgement = step(case, Positioned(offset=offset, fact=fact), TERMS)
        one = happened(case, fact, later) if judgement.verdict == "effective" else None
        if one is not None:
            found.append((one.event, one.department, one.priority))
        case = later
    return found


def escalated() -> Escalated:
    promised = routed().promises[0]
    return Escalated(
        fact_id=FactId("notice/escalated"),
        case_id=CASE_ID,
        recorded_at=after(70),
        cause=routed().fact_id,
        clock="first-response",
        step=1,
        role="head",
        due_at=promised.deadline,
        deadline=promised.deadline,
        department=PARKS,
    )


def test_a_life_is_counted_step_by_step_and_what_is_no_step_is_not() -> None:
    life = (*BEGUN, warned(), acknowledged(), resolved(), reopened(after(30)))

    found = events(*life, closed_without_action(at=after(40)))

    assert [event for event, *_ in found] == [
        "routed",
        "acknowledged",
        "resolved",
        "reopened",
        "closed",
    ]
    assert {whose for _, *whose in found for whose in [tuple(whose)]} == {(PARKS, "urgent")}


def test_the_citizens_verdict_is_counted_apart_from_what_the_department_says() -> None:
    done = to_be_judged(resolved(), silent=after(50))

    assert [one[0] for one in events(*BEGUN, done, confirmed(after(30)))][1:] == [
        "resolved",
        "confirmed",
    ]
    assert [one[0] for one in events(*BEGUN, done, undisputed(done, after(60)))][1:] == [
        "resolved",
        "undisputed",
    ]
    not_fixed = closed_without_action(at=after(20))
    assert [one[0] for one in events(*BEGUN, not_fixed, confirmed(after(30)))][1:] == [
        "closed",
        "confirmed",
    ]


def test_a_dispute_is_one_event_and_no_reopening_beside_it() -> None:
    found = events(*BEGUN, resolved(), disputed(after(30)), resolved(at=after(40), offset=9))

    assert [one[:2] for one in found] == [
        ("routed", PARKS),
        ("resolved", PARKS),
        ("disputed", PARKS),
        ("resolved", PARKS),
    ]


def test_what_is_disputed_was_done_by_who_had_it_and_not_by_who_has_it_next() -> None:
    done = replace(Case(case_id=CASE_ID), state="resolved", department=ROADS, priority="urgent")

    one = happened(done, disputed(after(30)), replace(done, state="routed", department=PARKS))

    assert one is not None
    assert one.department == ROADS


def test_what_another_body_does_is_counted_when_it_is_given_away_alone() -> None:
    found = events(
        *BEGUN,
        handed_over(after(5)),
        noted(after(6)),
        body_answered(after(7), "done"),
        split(after(8)),
    )

    assert [one[0] for one in found] == ["routed", "handed-over", "split"]


def test_a_rating_is_of_whoever_has_the_case() -> None:
    case = replace(Case(case_id=CASE_ID), state="resolved", department=PARKS)

    assert rated(gave(after(30), 2), case) == Rating(department=PARKS, stars=2)
    assert rated(confirmed(after(30)), case) is None
    of_the_past = replace(case, submitted=past(submitted(), NOON))
    assert rated(gave(after(30)), of_the_past) is None


def test_passed_on_is_of_who_gave_it_away_and_what_follows_of_who_has_it() -> None:
    found = events(*BEGUN, passed_on(after(5), ROADS), resolved(department=ROADS))

    assert [one[:2] for one in found] == [
        ("routed", PARKS),
        ("passed-on", PARKS),
        ("resolved", ROADS),
    ]


def test_a_step_of_the_ladder_is_one_event() -> None:
    case = replace(Case(case_id=CASE_ID), department=PARKS, priority="urgent")

    one = happened(case, escalated(), case)

    assert one is not None
    assert (one.event, one.department) == ("escalated", PARKS)


def test_events_are_of_the_urgency_that_a_case_has_by_then() -> None:
    found = events(*BEGUN, reclassified(after(5)), resolved())

    assert [(event, priority) for event, _, priority in found] == [
        ("routed", "urgent"),
        ("resolved", "normal"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        (acknowledged(),),
        (acknowledged(offset=9),),
        (resolved(department=ROADS),),
        (paused(after(15), after(25)),),
        (breached(),),
    ],
    ids=["repeated", "said twice", "by another", "no step", "a breach"],
)
def test_what_is_repeated_or_refused_is_not_counted(more: tuple[Fact, ...]) -> None:
    assert [one[0] for one in events(*BEGUN, acknowledged(), *more)] == ["routed", "acknowledged"]


def test_a_linked_case_is_not_worked_on_and_goes_on_when_it_stands_alone_again() -> None:
    found = events(
        *BEGUN, linked(after(10)), resolved(at=after(20)), unlinked(after(30)), acknowledged()
    )

    assert [one[0] for one in found] == ["routed", "acknowledged"]


def test_an_imported_case_is_not_counted() -> None:
    old = past(submitted(), NOON)

    assert not events(old, replace(routed(), cause=old.fact_id), acknowledged(), resolved())
