import pytest

from schemas.facts import Fact
from schemas.vocabulary import CaseId, Department
from streams.core.case import Case, Verdict
from streams.core.fold import fold, step
from streams.core.transitions import TRANSITIONS
from tests.builders import (
    CASE_ID,
    acknowledged,
    after,
    breached,
    history,
    promise,
    resolved,
    routed,
    submitted,
    warned,
)

ROADS = Department("fani")


def folded(*facts: Fact) -> Case:
    return fold(CASE_ID, history(*facts))


def verdicts(*facts: Fact) -> list[Verdict]:
    case, found = Case(case_id=CASE_ID), list[Verdict]()
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
    monkeypatch.setattr("streams.core.fold.FACTS_OF_A_CASE_MAX", 2)

    assert "already has 2" in refusal(submitted(), routed(), acknowledged())


def test_clocks_of_another_case_are_left_alone() -> None:
    stranger = CaseId("b" * 32)
    slow = routed(promises=(promise("resolution", seconds=600),))

    case = fold(stranger, history(submitted(stranger)))
    assert case.clocks == ()
    assert folded(submitted(), slow, acknowledged()).clocks[0].state == "running"
