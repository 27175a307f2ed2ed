"""Which case a report goes to, where one follows another."""

from dataclasses import replace

import httpx
import pytest

from tests.fact_callers import WAIT, say
from tests.fact_city import BOSTON, FactCity, case_number, code_number

PROBLEM = "application/problem+json"
PATH = "/intake/v1/cases/{case_id}/facts"


def linked(city: FactCity, case: str, parent: str, *, key: str = "l") -> httpx.Response:
    return say(city.caller(), case, "linked", by="operator", key=key, headers=WAIT, parent=parent)


def test_an_earlier_case_is_followed_by_its_id_or_its_code() -> None:
    city = FactCity()
    first, second, third = city.open(1), city.open(2), city.open(3)

    assert linked(city, second, first).status_code == 200
    spoken = f"{code_number(1)[:5]}-{code_number(1)[5:10]}-{code_number(1)[10:]}"
    assert linked(city, third, spoken).status_code == 200

    assert {city.cases[one].parent for one in (second, third)} == {first}
    recorded = city.cases[first].submitted
    assert recorded is not None
    assert {one.parent_recorded_at for one in city.said} == {recorded.recorded_at}
    assert not any(code_number(1).encode() in value for value, _ in city.raw)


def test_who_would_follow_a_follower_follows_whom_it_follows() -> None:
    city = FactCity()
    first, second, third = city.open(1), city.open(2), city.open(3)

    linked(city, second, first)
    linked(city, third, second)

    assert city.cases[third].parent == first


def test_two_cases_that_are_linked_to_each_other_make_no_circle() -> None:
    city = FactCity()
    first, second = city.open(1), city.open(2)

    assert linked(city, second, first, key="1").status_code == 200
    answer = linked(city, first, second, key="2")

    assert (answer.status_code, answer.json()["code"]) == (409, "follows-itself")


def test_two_that_are_linked_to_each_other_at_once_make_no_circle_either() -> None:
    city = FactCity(slow=True)
    first, second = city.open(1), city.open(2)
    caller = city.caller()

    for case, parent in ((first, second), (second, first)):
        say(caller, case, "linked", by="operator", parent=parent)
    city.catch_up()

    assert (city.cases[first].parent, city.cases[second].parent) == (None, first)


@pytest.mark.parametrize("parent", ["abroad", "nobody", "code"])
def test_a_parent_that_is_not_here_is_refused_in_words(parent: str) -> None:
    city = FactCity()
    case, abroad = city.open(1), city.open(2, municipality=BOSTON)
    named = {"abroad": abroad, "nobody": case_number(9), "code": code_number(2)}[parent]

    answer = linked(city, case, named)

    assert (answer.status_code, answer.json()["code"]) == (409, "no-such-case")
    assert answer.json()["detail_fa"]
    assert city.said == []


def test_a_code_of_two_cases_names_no_parent() -> None:
    city = FactCity()
    city.open(1, code=7)
    city.open(2, code=7)
    case = city.open(3)

    answer = linked(city, case, code_number(7))

    assert answer.status_code == 409
    assert "case id" in answer.json()["detail"]


def test_a_circle_in_the_projection_is_left_again() -> None:
    city = FactCity()
    first, second, third = city.open(1), city.open(2), city.open(3)
    city.cases[first] = replace(city.cases[first], parent=second)
    city.cases[second] = replace(city.cases[second], parent=first)

    assert linked(city, third, first).status_code == 409


def test_a_channel_says_what_a_citizen_says_of_the_case_that_theirs_follows() -> None:
    city = FactCity()
    first, second = city.open(1, author="other-app"), city.open(2)
    linked(city, second, first)
    city.said.clear()
    caller = city.caller()

    answer = say(caller, second, "information-received", by="channel", headers=WAIT)
    noted = say(caller, second, "noted", by="channel", key="n", headers=WAIT, note="آدرس دقیق")

    assert (answer.status_code, noted.status_code) == (200, 200)
    assert answer.json()["case_id"] == second
    assert answer.json()["href"] == "/api/v1/track"
    assert [(one.case_id, one.reporter_of) for one in city.said] == [
        (first, second),
        (second, None),
    ]
    assert say(caller, second, "information-received", by="channel").json() == answer.json()


def test_a_channel_does_no_departments_work() -> None:
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "resolved", by="channel")

    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


def test_a_channel_that_may_read_speaks_for_its_own_citizens_alone() -> None:
    city = FactCity()
    theirs, anothers = city.open(1, author="kiosk"), city.open(2)
    caller = city.caller()

    assert say(caller, theirs, "noted", by="kiosk", note="سلام").status_code == 202
    answer = say(caller, anothers, "noted", by="kiosk", note="سلام")

    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
