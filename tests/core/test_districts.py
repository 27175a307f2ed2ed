"""A department of one district has what there would be another's, and promises it in its hours."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.calendar import Hours
from schemas.facts import Routed
from schemas.places import Place
from schemas.policy import Budget, BudgetRule, DepartmentPolicy, DistrictRule, Policy
from schemas.sealed import Sealed
from schemas.vocabulary import CaseId, Department, District
from streams.core.decide import Identity, decide
from streams.core.in_force import ready, with_version
from streams.core.terms import Terms, terms
from tests.builders import CENTRE, PARKS, source, submission
from tests.policies import category, policy

EAST, FAR = Department("parks-east"), Department("parks-far")
# A Monday, 14:00 in Tehran: the city works on until 16:00, the east has not begun.
AT = datetime(2026, 11, 30, 10, 30, tzinfo=UTC)
IDENTITY = Identity(
    case_id=CaseId("c" * 32),
    tracking_code="1" * 15,
    digest="d",
    content=Sealed(kid="k", nonce="", data=""),
)
EASTWARD = DistrictRule(district=District("2"), department=PARKS, goes_to=EAST)


def city(*rules: DistrictRule, budgets: tuple[BudgetRule, ...] = ()) -> Policy:
    """The small policy, whose trees are promised in working time, and two departments more.

    That of the east works on Tuesdays alone.
    """
    plain = policy()
    (calendar,) = plain.calendars
    tuesdays = replace(
        calendar,
        calendar_id="tuesdays",
        monday=(),
        saturday=(),
        tuesday=(Hours(opens=9 * 3600, closes=17 * 3600),),
    )
    more = tuple(
        DepartmentPolicy(
            department=one, title_fa=f"{one}-fa", title_en=f"{one}-en", contact="1", calendar_id=own
        )
        for one, own in ((EAST, "tuesdays"), (FAR, None))
    )
    tree = category("GRN-02", PARKS, "درخت", seconds=3_600, working_time=True)
    return replace(
        plain,
        calendars=(calendar, tuesdays),
        departments=(*plain.departments, *more),
        categories=(tree, *plain.categories[1:]),
        districts=rules,
        budgets=budgets,
    )


def rules(*rows: tuple[str, Department, Department]) -> Terms:
    return terms(
        city(
            *(
                DistrictRule(district=District(where), department=one, goes_to=other)
                for where, one, other in rows
            )
        )
    )


def routed(made: Policy, district: str | None, *, to_centre: str | None = None) -> Routed:
    there = replace(
        submission(), place=Place(district=None if district is None else District(district))
    )
    published = with_version({}, ready(made))
    return decide(there, IDENTITY, source(), AT, published, to_centre=to_centre).routed


@pytest.mark.parametrize("typed", ["2", " ۲ ", "٢"])
def test_what_is_a_departments_is_anothers_in_one_district(typed: str) -> None:
    known = rules(("2", PARKS, EAST))

    assert known.in_district(PARKS, District(typed)) == EAST
    assert known.in_district(CENTRE, District(typed)) == CENTRE


@pytest.mark.parametrize("district", [None, "", "3", "22"])
def test_elsewhere_it_stays_with_the_department(district: str | None) -> None:
    known = rules(("2", PARKS, EAST))

    assert known.in_district(PARKS, None if district is None else District(district)) == PARKS


def test_a_district_is_read_without_regard_to_how_it_is_typed() -> None:
    known = rules(("منطقة كرج شمالي", PARKS, EAST), ("North", PARKS, FAR))

    assert known.in_district(PARKS, District("منطقة  کرج شمالی")) == EAST
    assert known.in_district(PARKS, District("NORTH")) == FAR


def test_one_rule_may_lead_to_the_next_and_a_circle_ends() -> None:
    chain = rules(("2", PARKS, EAST), ("2", EAST, FAR), ("3", FAR, PARKS))
    circle = rules(("2", PARKS, EAST), ("2", EAST, PARKS))

    assert chain.in_district(PARKS, District("2")) == FAR
    assert chain.in_district(EAST, District("2")) == FAR
    assert circle.in_district(PARKS, District("2")) in {PARKS, EAST}


def test_a_message_from_a_district_is_routed_to_its_department_and_says_why() -> None:
    fact = routed(city(EASTWARD), "۲")

    assert fact.department == EAST
    assert fact.category == "GRN-02"
    assert fact.reason.startswith("واژه‌های «درخت» موضوع «GRN-02» را نشان داد؛")
    assert "«parks-east-fa»" in fact.reason
    assert "۲" not in fact.reason


def test_an_english_city_says_it_in_english() -> None:
    fact = routed(replace(city(EASTWARD), language="en"), "2")

    assert fact.reason == (
        "the words «درخت» speak for “GRN-02”; in this district it is “parks-east-en”’s"
    )


@pytest.mark.parametrize("district", [None, "3"])
def test_from_elsewhere_it_is_routed_as_ever(district: str | None) -> None:
    assert routed(city(EASTWARD), district) == routed(city(), district)


def test_the_promises_are_of_the_calendar_of_the_department_that_has_it() -> None:
    here, east = routed(city(EASTWARD), "1"), routed(city(EASTWARD), "2")

    assert here.promises[0].deadline == datetime(2026, 11, 30, 11, 30, tzinfo=UTC)
    assert east.promises[0].deadline == datetime(2026, 12, 1, 6, 30, tzinfo=UTC)


def test_a_budget_for_the_department_counts_where_a_district_makes_it_its() -> None:
    minute = Budget(seconds=60, working_time=False)
    made = city(EASTWARD, budgets=(BudgetRule(department=EAST, first_response=minute),))

    assert routed(made, "2").promises[0].budget_seconds == 60
    assert routed(made, "1").promises[0].budget_seconds == 3_600


def test_what_goes_to_the_centre_unread_stays_there_in_any_district() -> None:
    fact = routed(city(EASTWARD), "2", to_centre="it failed before")

    assert (fact.department, fact.reason) == (CENTRE, "it failed before")
