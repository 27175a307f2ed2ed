"""Which earlier case a new one reports again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.policy import Budget
from schemas.vocabulary import CaseId, Category, Municipality
from streams.core.duplicates import (
    Compared,
    address_words,
    duplicate_of,
    tells_where,
    where_to_look,
)
from streams.core.transitions import STATES, State
from tests.alike import HERE, RULE, compared, north_of, ruled
from tests.builders import NOON, after

FIRST = compared("first")
NEW = compared("new", at=after(180), spot=north_of(HERE, 14))
HOUSE = "خیابان امام، پلاک ۱۲"


def parent(case: Compared, *others: Compared) -> CaseId | None:
    found = duplicate_of(case, others, ruled())
    return found and found.parent


def test_what_is_near_and_soon_after_of_one_subject_follows_the_first() -> None:
    found = duplicate_of(NEW, [FIRST], ruled())

    assert found is not None
    assert (found.parent, found.parent_recorded_at) == ("first", NOON)
    assert found.because == "same subject, 14 m away, 3 minutes later"


def test_a_persian_city_reads_it_in_persian() -> None:
    found = duplicate_of(NEW, [FIRST], ruled(language="fa"))

    assert found is not None
    assert found.because == "همان موضوع، در ۱۴ متری، ۳ دقیقه بعد"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.9, "in the same second"),
        (1, "1 second later"),
        (59, "59 seconds later"),
        (60, "1 minute later"),
        (7_199, "1 hour later"),
        (2 * 86_400, "2 days later"),
    ],
)
def test_how_much_later_it_was_is_said_in_the_largest_unit(seconds: float, words: str) -> None:
    found = duplicate_of(replace(NEW, recorded_at=after(seconds)), [FIRST], ruled())

    assert found is not None
    assert found.because == f"same subject, 14 m away, {words}"


@pytest.mark.parametrize(
    "other",
    [
        replace(FIRST, municipality=Municipality("boston")),
        replace(FIRST, category=Category("CIV-01")),
        replace(FIRST, category=None),
        replace(FIRST, historical=True),
        replace(FIRST, erased=True),
        replace(FIRST, recorded_at=after(181)),
        replace(FIRST, recorded_at=NEW.recorded_at, case_id=CaseId("newer")),
        replace(FIRST, recorded_at=NEW.recorded_at - timedelta(days=3, seconds=1)),
        replace(FIRST, spot=north_of(HERE, 75)),
        replace(FIRST, spot=None),
        replace(NEW, recorded_at=NOON),  # Itself, however it came there.
    ],
)
def test_what_is_another_thing_is_not_followed(other: Compared) -> None:
    assert parent(NEW, other) is None


@pytest.mark.parametrize("metres", [0, 59, 73.9])
def test_as_near_as_the_policy_says_is_near_enough(metres: float) -> None:
    assert parent(NEW, replace(FIRST, spot=north_of(HERE, metres))) == "first"


def test_the_budget_ends_at_its_last_instant() -> None:
    at_the_end = replace(FIRST, recorded_at=NEW.recorded_at - timedelta(days=3))

    assert parent(NEW, at_the_end) == "first"


@pytest.mark.parametrize("state", STATES)
def test_only_what_the_department_has_to_do_is_followed(state: State) -> None:
    followed = parent(NEW, replace(FIRST, state=state))

    assert (followed is not None) == (state in {"routed", "acknowledged", "started"})


@pytest.mark.parametrize("state", STATES)
def test_only_what_the_department_has_to_do_follows(state: State) -> None:
    follows = parent(replace(NEW, state=state), FIRST)

    assert (follows is not None) == (state in {"routed", "acknowledged", "started"})
    assert (where_to_look(replace(NEW, state=state), ruled()) is not None) == (follows is not None)


@pytest.mark.parametrize(
    "changed", [{"historical": True}, {"erased": True}, {"parent": CaseId("x")}]
)
def test_the_past_the_forgotten_and_the_linked_follow_nothing(changed: dict[str, bool]) -> None:
    assert parent(replace(NEW, **changed), FIRST) is None


def test_without_a_rule_nothing_follows() -> None:
    assert duplicate_of(NEW, [FIRST], ruled(None)) is None
    assert where_to_look(NEW, ruled(None)) is None


def test_the_first_is_followed_and_not_the_nearest() -> None:
    nearer = compared("nearer", at=after(60), spot=NEW.spot)

    assert parent(NEW, nearer, FIRST) == "first"


def test_what_follows_another_leads_to_it_however_far_that_is() -> None:
    first = replace(FIRST, spot=north_of(HERE, -50))
    between = replace(compared("between", at=after(60)), state="linked", parent=first.case_id)

    found = duplicate_of(NEW, [between, first], ruled())

    assert found is not None
    assert found.parent == "first"
    assert found.because == "same subject, 14 m from another report of it, 3 minutes later"


@pytest.mark.parametrize(
    "first",
    [
        replace(FIRST, state="resolved"),
        replace(FIRST, state="handed-over"),
        replace(FIRST, erased=True),
        replace(FIRST, historical=True),
        replace(FIRST, recorded_at=after(500)),
    ],
)
def test_what_follows_a_case_that_is_not_to_be_followed_leads_nowhere(first: Compared) -> None:
    between = replace(compared("between", at=after(60)), state="linked", parent=first.case_id)

    assert parent(NEW, between, first) is None


def test_what_came_later_leads_nowhere_though_it_follows_what_came_before() -> None:
    first = replace(FIRST, spot=north_of(HERE, -50))
    later = replace(compared("later", at=after(200)), state="linked", parent=first.case_id)

    assert parent(NEW, later, first) is None


def test_what_leads_to_nobody_or_in_a_circle_leads_nowhere() -> None:
    one = replace(compared("one"), state="linked", parent=CaseId("two"))
    two = replace(compared("two"), state="linked", parent=CaseId("one"))

    assert parent(NEW, one) is None
    assert parent(NEW, one, two) is None


def test_the_parts_of_one_report_are_told_apart() -> None:
    whole = compared("whole")
    part, other = (
        replace(compared(name, at=after(10)), part_of=whole.case_id) for name in ("a", "b")
    )

    assert parent(other, whole, part) is None
    assert parent(replace(compared("of-a-part", at=after(20)), part_of=part.case_id), part) is None


def test_a_part_follows_what_another_has_reported() -> None:
    part = replace(compared("part", at=after(10)), part_of=CaseId("whole"))
    another = replace(compared("another"), part_of=CaseId("elsewhere"))

    assert parent(part, FIRST) == "first"
    assert parent(part, another) == "another"


def test_a_report_does_not_follow_by_another_what_it_was_split_from() -> None:
    whole = compared("whole")
    between = replace(compared("between", at=after(5)), state="linked", parent=whole.case_id)
    part = replace(compared("part", at=after(10)), part_of=whole.case_id)

    assert parent(part, between, whole) is None


def test_without_a_place_on_the_map_the_address_tells() -> None:
    first = compared("first", spot=None, address=HOUSE)
    new = compared("new", at=after(60), address="  خيابان   امام  - پلاك 12")

    found = duplicate_of(new, [first], ruled())

    assert found is not None
    assert found.because == "same subject, same address, 1 minute later"


def test_two_places_on_the_map_tell_more_than_an_address() -> None:
    first = compared("first", spot=north_of(HERE, 300), address=HOUSE)

    assert parent(compared("new", at=after(60), address=HOUSE), first) is None


@pytest.mark.parametrize(
    ("address", "tells"),
    [
        (None, False),
        ("", False),
        ("خیابان امام", False),
        ("۱۲", False),
        ("امام ۱۲", True),
        ("خیابان امام خمینی", True),
        ("!!! ,,, ???", False),
    ],
)
def test_an_address_tells_where_by_a_number_or_by_words_enough(
    address: str | None, *, tells: bool
) -> None:
    first = compared("first", spot=None, address=address)
    new = compared("new", at=after(1), spot=None, address=address)

    assert tells_where(address_words(address)) == tells
    assert (parent(new, first) == "first") == tells


def test_another_house_is_another_address() -> None:
    first = compared("first", spot=None, address="خیابان امام پلاک ۱۲")
    new = compared("new", at=after(1), address="خیابان امام پلاک ۲")

    assert parent(new, first) is None


def test_working_time_counts_where_the_policy_says_so() -> None:
    """Noon is a Tuesday; this city works on Mondays until half an hour later, by UTC."""
    rule = replace(RULE, within=Budget(seconds=3_600, working_time=True))
    in_time, before = (compared("early", at=NOON - timedelta(hours=one)) for one in (24, 25))

    assert duplicate_of(NEW, [in_time], ruled(rule)) is not None
    assert duplicate_of(NEW, [before], ruled(rule)) is None
