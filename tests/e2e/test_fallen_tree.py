"""A tree has fallen: from two calls to five stars, each step seen by whoever it concerns."""

from dataclasses import dataclass, field

import pytest

from schemas.vocabulary import Department
from tests.e2e.city import FIRE, PARKS, Moment, Reported, Town, eventually, kinds

pytestmark = pytest.mark.integration

LINKED_WITHIN_SECONDS = 30.0
HERE, NEARLY_HERE = (35.9615, 50.6802), (35.9616, 50.6803)
CALLED = "یک درخت بزرگ وسط خیابان افتاده و راه بسته شده"
CALLED_TOO = "درخت افتاده وسط خیابان، ماشین رد نمی‌شود"


@dataclass(slots=True)
class Tale:
    """The tree, by the two who called, and how it stood step by step for whoever asks later."""

    town: Town
    tree: Reported
    again: Reported
    past: list[Moment] = field(default_factory=list[Moment])

    def it_is(self, state: str, department: Department) -> None:
        self.past.append(self.town.stands(self.tree, state, department))


def test_a_fallen_tree_is_followed_up_to_the_citizens_last_word(town: Town) -> None:
    tale = two_people_call(town)
    departments_pass_it_to_and_fro(tale)
    the_citizen_is_asked_and_answers(tale)
    it_is_done_and_the_citizen_says_that_it_is_not(tale)
    it_is_done_and_they_are_content(tale)

    the_neighbour_sees_how_it_ended(tale)
    the_departments_were_told_in_order(tale)
    the_past_can_be_read(tale)
    each_counts_as_what_it_is(tale)
    town.is_proven()


def two_people_call(town: Town) -> Tale:
    """Nobody has to decide anything: the parks have it, and it is urgent.

    To the city, and to both who called, it is one case.
    """
    tree = town.calls(CALLED, phone="09121110001", at=HERE)
    begun = town.stands(tree, "routed", PARKS)
    again = town.calls(CALLED_TOO, phone="09121110002", at=NEARLY_HERE)
    comes_to_follow(town, again, tree)

    assert town.case(tree)["priority"] == "urgent"
    seen = town.looks_up(again)
    assert (seen["first_tracking_code"], seen["state"]) == (tree.tracking_code, "routed")
    return Tale(town, tree, again, [begun])


def departments_pass_it_to_and_fro(tale: Tale) -> None:
    """The parks think that it is a matter for the fire brigade, who do not."""
    town, tree = tale.town, tale.tree

    away = town.says(
        PARKS, tree, "transfer-requested", why="wrong-department", to=FIRE, note="روی سیم برق است"
    )
    tale.it_is("routed", FIRE)
    back = town.says(
        FIRE, tree, "transfer-requested", why="wrong-department", to=PARKS, note="سیم برق نیست"
    )
    tale.it_is("routed", PARKS)

    assert away.effective
    assert back.effective
    assert town.case(tree)["bounces"] == 2


def the_citizen_is_asked_and_answers(tale: Tale) -> None:
    """While they are asked, the clock waits; with the answer it goes on by itself."""
    town, tree = tale.town, tale.tree

    assert town.says(PARKS, tree, "information-requested", note="کنار کدام پلاک است؟").effective
    tale.it_is("acknowledged", PARKS)
    seen = town.looks_up(tree)
    assert seen["waiting"]["reason"]["id"] == "waiting-for-citizen"
    assert [one["text"] for one in seen["messages"]] == ["کنار کدام پلاک است؟"]

    assert town.touches(tree, "information-received", note="روبه‌روی پلاک ۱۲").effective
    tale.it_is("acknowledged", PARKS)
    assert town.looks_up(tree)["waiting"] is None


def it_is_done_and_the_citizen_says_that_it_is_not(tale: Tale) -> None:
    """A photo shows it; one touch opens it again, at once."""
    town, tree = tale.town, tale.tree

    photo = ["photo:after-1.jpg"]
    assert town.says(PARKS, tree, "resolved", note="تنه برداشته شد", evidence=photo).effective
    tale.it_is("resolved", PARKS)
    assert town.looks_up(tree)["dispute_until"]

    assert town.touches(tree, "disputed").effective
    tale.it_is("routed", PARKS)
    case = town.case(tree)
    assert (case["reopenings"], case["verdict"]) == (1, "disputed")
    resolutions = [one["state"] for one in case["clocks"] if one["kind"] == "resolution"]
    assert resolutions == ["met", "running"]
    assert town.looks_up(tree)["state"] == "routed"


def it_is_done_and_they_are_content(tale: Tale) -> None:
    """The branches go too: one of the two says that it is done, the other gives five stars."""
    town, tree = tale.town, tale.tree

    photo = ["photo:after-2.jpg"]
    assert town.says(PARKS, tree, "resolved", note="شاخه‌ها هم رفت", evidence=photo).effective
    tale.it_is("resolved", PARKS)
    assert town.touches(tale.again, "confirmed").effective
    tale.it_is("resolved", PARKS)
    assert town.touches(tree, "rated", stars=5, note="سپاس از پیگیری شما").effective
    tale.it_is("resolved", PARKS)


def comes_to_follow(town: Town, follower: Reported, first: Reported) -> None:
    """Whoever links duplicates does; and if nobody does, the 137 centre."""
    town.stands_somewhere(follower)

    def follows() -> bool:
        return bool(town.case(follower)["parent"] == first.case_id)

    try:
        eventually(follows, "somebody links the two", seconds=LINKED_WITHIN_SECONDS)
    except AssertionError:
        town.links(follower, first)
        eventually(follows, "the desk has linked the two")


def the_neighbour_sees_how_it_ended(tale: Tale) -> None:
    seen = tale.town.looks_up(tale.again)

    assert seen["first_tracking_code"] == tale.tree.tracking_code
    assert (seen["state"], seen["verdict"], seen["stars"]) == ("resolved", "confirmed", 5)
    # What another citizen wrote is not for them.
    assert "پلاک ۱۲" not in str(seen)
    assert "سپاس" not in str(seen)


def the_departments_were_told_in_order(tale: Tale) -> None:
    town, tree = tale.town, tale.tree
    told = town.told(PARKS, tree)
    by_kind = {one.kind: one for one in told}

    assert kinds(told) == [
        "assigned",
        "withdrawn",
        "assigned",
        "answered",
        "disputed",
        "confirmed",
        "rated",
    ]
    assert kinds(town.told(FIRE, tree)) == ["assigned", "withdrawn"]
    assert by_kind["answered"].text == "روبه‌روی پلاک ۱۲"
    assert (by_kind["rated"].stars, by_kind["rated"].text) == (5, "سپاس از پیگیری شما")
    versions = [one.version for one in told]
    assert versions == sorted(versions)


def the_past_can_be_read(tale: Tale) -> None:
    assert len(tale.past) == 10
    for one in tale.past:
        then = tale.town.case(tale.tree, at=one.at)
        assert (then["state"], then["department"]) == (one.state, one.department), one


def each_counts_as_what_it_is(tale: Tale) -> None:
    """What was closed and not fixed, and what the citizen confirmed, are never one number."""
    town, tree = tale.town, tale.tree
    of_trees = {"category": town.case(tree)["category"]}

    states, verdicts = town.counts("state", **of_trees), town.counts("verdict", **of_trees)

    assert states.get("closed", 0) == 0
    assert states == {"resolved": 1, "linked": 1}
    assert verdicts.get("confirmed") == 1
    assert verdicts.get("disputed", 0) == 0
