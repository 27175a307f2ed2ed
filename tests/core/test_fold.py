from dataclasses import replace

import pytest

from schemas.facts import Fact
from schemas.vocabulary import CaseId, Department
from streams.core.case import Case, Judged
from streams.core.fold import fold, step
from streams.core.transitions import TRANSITIONS
from tests.builders import (
    CASE_ID,
    NOON,
    acknowledged,
    after,
    breached,
    closed_then,
    closed_without_action,
    deadline_set,
    erased,
    history,
    past,
    promise,
    resolved,
    routed,
    submitted,
    warned,
)

ROADS = Department("fani")


def folded(*facts: Fact) -> Case:
    return fold(CASE_ID, history(*facts))


def verdicts(*facts: Fact) -> list[Judged]:
    case, found = Case(case_id=CASE_ID), list[Judged]()
    for positioned in history(*facts):
        case, judgement = step(case, positioned)
        found.append(judgement.verdict)
    return found


def refusal(*facts: Fact) -> str:
    """Why the last fact was refused, or an empty word if it was not."""
    before = folded(*facts[:-1])
    _, judgement = step(before, history(*facts)[-1])
    return judgement.reason or ""


def test_a_message_becomes_a_routed_case_with_two_running_clocks() -> None:
    case = folded(submitted(), routed())

    assert (case.state, case.department, case.version) == ("routed", "parks", 1)
    assert [(one.kind, one.state) for one in case.clocks] == [
        ("first-response", "running"),
        ("resolution", "running"),
    ]


def test_an_acknowledgement_meets_the_first_response_and_leaves_the_resolution_running() -> None:
    case = folded(submitted(), routed(), acknowledged(at=after(60)))

    assert case.state == "acknowledged"
    assert [one.state for one in case.clocks] == ["met", "running"]


def test_a_resolution_without_an_acknowledgement_stops_both_clocks() -> None:
    case = folded(submitted(), routed(), resolved(at=after(61)))

    assert case.state == "resolved"
    assert [one.state for one in case.clocks] == ["missed", "met"]


def test_the_first_of_two_facts_with_one_id_counts() -> None:
    late = acknowledged(at=after(999))

    assert verdicts(submitted(), routed(), acknowledged(), late) == [
        "effective",
        "effective",
        "effective",
        "duplicate",
    ]


def test_a_refused_fact_that_comes_again_is_a_duplicate() -> None:
    assert verdicts(acknowledged(), submitted(), routed(), acknowledged()) == [
        "refused",
        "effective",
        "effective",
        "duplicate",
    ]


def test_the_same_key_with_other_content_is_refused_and_so_is_its_routing() -> None:
    other = submitted(digest="d2")

    assert verdicts(submitted(), routed(), other, routed(other, department=ROADS)) == [
        "effective",
        "effective",
        "refused",
        "refused",
    ]
    assert "other content" in refusal(submitted(), routed(), other)


def test_a_breach_that_the_inbox_time_disproves_is_voided() -> None:
    case = folded(submitted(), routed(), breached(at=after(65)), acknowledged(at=after(59)))

    assert (case.clocks[0].state, case.clocks[0].voided) == ("met", True)


def test_a_breach_that_was_right_is_missed_and_stands() -> None:
    case = folded(submitted(), routed(), breached(), acknowledged(at=after(65)))

    assert (case.clocks[0].state, case.clocks[0].voided) == ("missed", False)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([acknowledged()], "no such case"),
        ([submitted(), acknowledged()], "no department yet"),
        ([submitted(), routed(), acknowledged(department=ROADS)], "belongs to parks"),
        ([submitted(), routed(), acknowledged(if_version=0)], "version 1, not 0"),
        ([submitted(), routed(), resolved(), acknowledged(offset=9)], "is resolved"),
        ([submitted(), routed(), acknowledged(), acknowledged(offset=9)], "is acknowledged"),
        ([submitted(), routed(), warned(at=after(29))], "early"),
        ([submitted(), routed(), breached(at=after(59))], "early"),
        ([submitted(), routed(), warned(percent=33)], "no such warning"),
        ([submitted(), routed(), acknowledged(), warned()], "clock is met"),
        ([submitted(), routed(), breached(), warned(percent=80)], "clock is breached"),
        ([submitted(), breached()], "not the case's"),
        ([routed()], "not here"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(facts: list[Fact], words: str) -> None:
    assert words in refusal(*facts)


def test_the_right_version_is_let_through() -> None:
    assert folded(submitted(), routed(), acknowledged(if_version=1)).state == "acknowledged"


def test_counted_time_never_steps_back_and_notices_never_move_it() -> None:
    early = resolved(at=after(5))
    case = folded(submitted(), routed(), acknowledged(at=after(50)), warned(at=after(55)), early)

    assert case.counted_at == after(50)


def test_every_state_of_the_table_can_be_reached() -> None:
    reached = {state for steps in TRANSITIONS.values() for state in steps.values()}

    assert reached | {"unknown"} == set(TRANSITIONS)


def test_a_case_takes_no_facts_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.core.refusals.FACTS_OF_A_CASE_MAX", 2)

    assert "already has 2" in refusal(submitted(), routed(), acknowledged())


def test_clocks_of_another_case_are_left_alone() -> None:
    stranger = CaseId("b" * 32)
    slow = routed(promises=(promise("resolution", seconds=600),))

    case = fold(stranger, history(submitted(stranger)))
    assert case.clocks == ()
    assert folded(submitted(), slow, acknowledged()).clocks[0].state == "running"


def test_what_is_closed_without_action_is_never_counted_as_resolved() -> None:
    case = folded(submitted(), routed(), closed_without_action(at=after(61)))

    assert case.state == "closed"
    assert case.closed_at == after(61)
    assert [one.state for one in case.clocks] == ["missed", "met"]
    assert refusal(submitted(), routed(), closed_without_action(), resolved()) == (
        "the case is closed"
    )


def test_a_stated_deadline_takes_the_place_of_the_promised_one() -> None:
    case = folded(submitted(), routed(), deadline_set(seconds=900))

    clock = case.clock("resolution")
    assert clock is not None
    assert clock.promise.deadline == after(900)
    assert clock.set_by == deadline_set(seconds=900).fact_id
    assert case.due_at == after(60)


def test_a_stated_deadline_does_not_start_a_clock_that_has_stopped() -> None:
    stopped = (submitted(), routed(), acknowledged())

    assert refusal(*stopped, deadline_set(kind="first-response")) == "the clock is met"


def test_a_stated_deadline_rests_on_a_routing_that_counted() -> None:
    other = routed(submitted(digest="d2"))

    assert "refused" in refusal(submitted(), routed(), deadline_set(other))


def test_another_systems_past_is_judged_by_its_own_times_and_nobody_is_told() -> None:
    message = past(submitted(at=after(5_000)), after(-1_000))
    routing = routed(message, promises=())
    stated = deadline_set(routing, seconds=-500)
    done = closed_then(resolved(at=after(5_000)), after(-600))

    case = folded(message, routing, stated, done)

    assert [(one.state, one.silent, one.stopped_at) for one in case.clocks] == [
        ("met", True, after(-600))
    ]
    assert (case.historical, case.times_reversed, case.closed_at) == (True, False, after(-600))
    announced = replace(
        breached(at=after(6_000)), cause=stated.fact_id, clock="resolution", due_at=after(-500)
    )
    assert "past" in refusal(message, routing, stated, announced)


def test_a_case_closed_before_it_was_opened_is_kept_and_marked() -> None:
    message = past(submitted(), NOON)
    done = closed_then(resolved(at=after(5_000)), after(-1))

    case = folded(message, routed(message, promises=()), done)

    assert (case.state, case.times_reversed) == ("resolved", True)


def test_an_erasure_changes_nothing_but_that_it_is_one() -> None:
    before = folded(submitted(), routed())
    case = folded(submitted(), routed(), erased(at=after(30)))

    assert case.erased_at == after(30)
    assert (case.state, case.clocks) == (before.state, before.clocks)
    assert refusal(erased()) == "there is no such case"
    assert refusal(submitted(), erased(), erased(reference="letter-2")) == "it is erased already"
    assert folded(submitted(), routed(), resolved(), erased()).state == "resolved"


def test_a_case_closed_at_the_moment_it_was_opened_is_not_marked() -> None:
    message = past(submitted(), NOON)
    done = closed_then(resolved(at=after(5_000)), NOON)

    assert not folded(message, routed(message, promises=()), done).times_reversed
