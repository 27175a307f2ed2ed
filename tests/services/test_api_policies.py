"""What is published, as the API shows it: the policy in force, and every version ever."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.policy import DistrictRule
from schemas.vocabulary import Department, District
from services.api.policies import municipality
from tests.builders import NOON
from tests.edges import CITY_KEY, ELSEWHERE_KEY, PARKS_KEY, bearer
from tests.policy.hashtgerd import hashtgerd
from tests.reading import POLICIES, READ, get

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
FIRST, SECOND, BOSTON = POLICIES


def shown(path: str, key: dict[str, str] | None = None, *, days: int = 0) -> dict[str, Any]:
    answer = get(NOWHERE, f"/api/v1/{path}", key or READ, now=NOON + timedelta(days=days))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_municipalities_are_those_with_a_policy() -> None:
    found = shown("municipalities")["municipalities"]

    assert [(one["id"], one["policy_version"]) for one in found] == [
        ("boston", BOSTON.version),
        ("hashtgerd", SECOND.version),
    ]
    assert found[1]["title_fa"] == "هشتگرد"


def test_what_is_in_force_follows_the_moment() -> None:
    assert shown("municipalities", days=-2)["municipalities"][1]["policy_version"] == FIRST.version
    before = shown("municipalities", days=-2_000)["municipalities"]
    assert before[1]["policy_version"] == FIRST.version


def test_departments_are_shown_as_a_tree_without_their_contacts() -> None:
    departments = shown("departments?municipality=hashtgerd")["departments"]

    assert [one["id"] for one in departments] == [one.department for one in SECOND.departments]
    assert all({"parent", "deputy", "title_fa", "title_en"} <= set(one) for one in departments)
    assert not any("contact" in one for one in departments)
    assert [one["id"] for one in departments if one["is_centre"]] == [SECOND.centre]


def test_categories_are_shown_with_what_is_promised() -> None:
    categories = shown("categories?municipality=hashtgerd")["categories"]

    tree = next(one for one in categories if one["id"] == "GRN-02")
    assert tree["department"] == "parks"
    assert tree["first_response"] == {"seconds": 60, "working_time": False}
    assert tree["priority"] == "normal"


def test_every_version_is_listed_and_can_be_read_in_full_by_its_name() -> None:
    listed = shown("policies?municipality=hashtgerd")["policies"]

    assert [(one["version"], one["in_force"]) for one in listed] == [
        (FIRST.version, False),
        (SECOND.version, True),
    ]
    for one in listed:
        answer = get(NOWHERE, one["href"], READ)
        assert answer.json()["version"] == one["version"]
        assert "immutable" in answer.headers["cache-control"]
        assert "contact" not in answer.text


def of_hashtgerd(path: str) -> dict[str, Any]:
    answer = get(NOWHERE, f"/api/v1/{path}", READ, policies=(hashtgerd(),))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_department_is_shown_with_its_calendar_holding_time_and_ladder() -> None:
    found = {one["id"]: one for one in of_hashtgerd("departments")["departments"]}

    parks, external = found["parks"], found["external"]
    assert parks["calendar"] == "city"
    assert parks["holding"] == {"seconds": 288_000, "working_time": True}
    assert [one["role"] for one in parks["escalation"]] == ["head", "deputy", "mayor"]
    assert parks["escalation"][0]["after"] == {"seconds": 3_600, "working_time": True}
    assert external["holding"] is None


def test_a_category_is_shown_with_what_is_promised_otherwise_for_it() -> None:
    found = {one["id"]: one for one in of_hashtgerd("categories")["categories"]}

    assert [one["channel"] for one in found["CMP-01"]["other_budgets"]] == ["phone", "phone"]
    assert found["CLN-02"]["other_budgets"] == [
        {
            "channel": "phone",
            "department": None,
            "first_response": {"seconds": 3_600, "working_time": False},
            "resolution": None,
        }
    ]
    assert found["SUG-01"]["other_budgets"] == []


def test_a_municipality_is_shown_with_its_reasons_to_pause() -> None:
    (found,) = of_hashtgerd("municipalities")["municipalities"]

    citizen = found["pauses"][0]
    assert citizen["id"] == "waiting-for-citizen"
    assert citizen["longest"] == {"seconds": 144_000, "working_time": True}
    assert citizen["clocks"] == ["resolution", "holding"]
    assert citizen["title_fa"]


def test_a_municipality_is_shown_with_what_its_cases_may_go_through() -> None:
    (found,) = of_hashtgerd("municipalities")["municipalities"]

    water = found["bodies"][0]
    assert (water["id"], water["contact"]) == ("water", "duty@water.example")
    assert water["pause"] in {one["id"] for one in found["pauses"]}
    assert found["transfers_max"] == 3
    assert found["dispute_within"] == {"seconds": 30 * 86_400, "working_time": False}
    assert found["silence"] == {"seconds": 144_000, "working_time": True}
    assert found["duplicates"]["metres_max"] == 60
    assert found["districts"] == []


def test_what_a_district_changes_is_shown() -> None:
    rule = DistrictRule(
        district=District("2"), department=Department("parks"), goes_to=Department("fani")
    )

    found = municipality(replace(hashtgerd(), districts=(rule,)))

    assert found["districts"] == [{"district": "2", "department": "parks", "goes_to": "fani"}]


def test_a_city_that_says_nothing_of_it_is_shown_so() -> None:
    found = {one["id"]: one for one in shown("municipalities")["municipalities"]}["hashtgerd"]

    assert (found["bodies"], found["transfers_max"], found["duplicates"]) == ([], 3, None)
    assert (found["dispute_within"], found["silence"]) == (None, None)


def test_a_category_is_shown_with_what_a_resolution_is_shown_by() -> None:
    found = {one["id"]: one["shown"] for one in of_hashtgerd("categories")["categories"]}

    assert (found["CIV-01"], found["CIV-08"], found["SUG-01"]) == (["photo"], ["note", "photo"], [])


def test_a_version_in_full_has_its_clocks_and_marks_estimated_holidays() -> None:
    found = of_hashtgerd(f"policies/{hashtgerd().version}")

    assert len(found["budgets"]) == len(hashtgerd().budgets) > 0
    assert len(found["pauses"]) == len(hashtgerd().pauses) > 0
    closed = {one["day"]: one["estimated"] for one in found["calendars"][0]["closed_dates"]}
    assert closed["2027-06-16"] is True
    assert closed["2027-03-21"] is False


@pytest.mark.parametrize(
    "path",
    [
        "departments?municipality=nowhere",
        "categories?municipality=nowhere",
        "policies?municipality=nowhere",
        "policies/hashtgerd/2020-01-01T00:00:00Z",
        "policies/nowhere/2026-01-01T00:00:00Z",
        "policies/hashtgerd",
    ],
)
def test_what_is_not_published_is_not_found(path: str) -> None:
    assert get(NOWHERE, f"/api/v1/{path}", READ).status_code == 404


def test_a_key_reads_the_policies_that_it_has_to_do_with() -> None:
    for key, known in (
        (CITY_KEY, "hashtgerd"),
        (PARKS_KEY, "hashtgerd"),
        (ELSEWHERE_KEY, "boston"),
    ):
        found = shown("municipalities", bearer(key))["municipalities"]
        assert [one["id"] for one in found] == [known]
    foreign = f"/api/v1/policies/{BOSTON.version}"
    assert get(NOWHERE, foreign, bearer(CITY_KEY)).status_code == 404
    assert (
        get(NOWHERE, "/api/v1/departments?municipality=boston", bearer(PARKS_KEY)).status_code
        == 404
    )


def test_before_the_policies_are_read_the_caller_may_come_again() -> None:
    answer = get(NOWHERE, "/api/v1/municipalities", READ, policies=None)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "path",
    [
        "departments?municipalty=hashtgerd",
        "categories?municipality=hashtgerd&language=fa",
        "policies?department=parks",
        "municipalities?municipality=hashtgerd",
        f"policies/{FIRST.version}?at=now",
    ],
)
def test_a_misspelt_parameter_is_refused_and_not_passed_over(path: str) -> None:
    answer = get(NOWHERE, f"/api/v1/{path}", READ)

    name = path.partition("?")[2].split("&")[-1].partition("=")[0]
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/query/{name}"]
