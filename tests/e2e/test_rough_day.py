"""A rough day: all that goes wrong between departments, and what becomes of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.messages import ProgressReport
from tests.e2e.city import CENTRE, FIRE, PARKS, ROADS, Reported, Town, eventually, kinds

pytestmark = pytest.mark.integration


def a_tree(town: Town, number: int) -> Reported:
    """A tree of its own, far from every other."""
    text = "یک درخت بزرگ وسط خیابان افتاده و راه بسته شده"
    tree = town.calls(text, phone=f"091211100{number:02d}", at=(35.90 + number / 100, 50.70))
    town.stands(tree, "routed", PARKS)
    return tree


def test_of_two_who_act_at_once_one_has_an_effect_and_the_other_is_told_why(town: Town) -> None:
    tree = a_tree(town, 11)
    version = town.case(tree)["version"]

    with ThreadPoolExecutor(2) as both:
        done = both.submit(
            lambda: town.says(
                PARKS, tree, "resolved", version=version, note="done", evidence=["photo:1"]
            )
        )
        moved = both.submit(
            lambda: town.says(
                "khadamat",
                tree,
                "transfer-requested",
                version=version,
                why="wrong-department",
                to=FIRE,
                note="not ours",
            )
        )
    answers = [done.result(), moved.result()]

    assert sorted(one.effective for one in answers) == [False, True]
    (refused,) = [one for one in answers if not one.effective]
    assert refused.words_fa
    if answers[0].effective:
        town.stands(tree, "resolved", PARKS)
        assert refused.code == "moved-on"
    else:
        town.stands(tree, "routed", FIRE)
        assert refused.code == "other-department"


def test_an_old_app_that_says_yesterdays_work_again_changes_nothing(town: Town) -> None:
    tree = a_tree(town, 12)
    yesterday = (
        ProgressReport(case_id=tree.case_id, did="acknowledged", reference="app-1"),
        ProgressReport(case_id=tree.case_id, did="started", reference="app-2"),
        ProgressReport(
            case_id=tree.case_id, did="resolved", reference="app-3", evidence=("photo:1",)
        ),
    )
    town.writes(PARKS, *yesterday)
    town.stands(tree, "resolved", PARKS)
    before = town.case(tree)

    # Once under the old names, and once by an app that forgot them.
    town.writes(PARKS, *yesterday)
    town.writes(PARKS, *(ProgressReport(case_id=tree.case_id, did=one.did) for one in yesterday))

    facts = eventually(
        lambda: found if len(found := town.facts(tree)) >= 11 else None, "all of it is judged"
    )
    judged = [one["judgement"] for one in facts]
    assert judged == ["effective"] * 5 + ["duplicate"] * 3 + ["refused"] * 3
    assert town.case(tree) == before
    assert all(one["refused_for"]["words_fa"] for one in facts[-3:])
    eventually(
        lambda: kinds(town.told(PARKS, tree)) == ["assigned", "refused", "refused", "refused"],
        "the app is told each time",
    )


def test_what_was_two_things_goes_on_as_two_whatever_becomes_of_the_one(town: Town) -> None:
    both = a_tree(town, 13)
    parts = [
        {"text": "تنه درخت روی پیاده‌رو مانده", "category": "GRN-02"},
        {"text": "ریشه درخت آسفالت را شکافته و چاله شده", "category": "CIV-01"},
    ]

    # Whoever would make the cases is killed just then; and nothing is left of the first one.
    town.kills("dispatcher")
    assert town.says(PARKS, both, "split", parts=parts).effective
    assert town.says(PARKS, both, "closed-without-action", why="no-action-needed").effective
    town.stands(both, "closed", PARKS)
    tree, hole = in_order(town, both)
    town.stands(tree, "routed", PARKS)
    town.stands(hole, "routed", ROADS)
    they_are_what_was_said_of_them(town, both, [tree, hole], [one["text"] for one in parts])

    # Opened again, it takes neither of them with it.
    assert town.touches(both, "disputed").effective
    assert town.says(ROADS, hole, "acknowledged").effective
    town.stands(both, "routed", PARKS)
    town.stands(hole, "acknowledged", ROADS)
    town.stands(tree, "routed", PARKS)
    assert kinds(town.told(ROADS, hole)) == ["assigned"]
    assert len(town.children(both, 2)) == 2


def in_order(town: Town, both: Reported) -> list[Reported]:
    """The tree, then the hole."""
    found = {town.stands_somewhere(one)["category"]: one for one in town.children(both, 2)}
    return [found["GRN-02"], found["CIV-01"]]


def they_are_what_was_said_of_them(
    town: Town, both: Reported, parts: list[Reported], words: list[str]
) -> None:
    whole = town.case(both)
    cases = [town.case(one) for one in parts]

    assert [one["text"] for one in cases] == words
    for one in cases:
        assert (one["part_of"], one["channel"]) == (both.case_id, "phone")
        assert one["place"] == whole["place"]
    assert set(town.looks_up(both)["parts"]) == {one.tracking_code for one in parts}


def test_whoever_is_forgotten_is_forgotten_in_every_part(town: Town) -> None:
    both = a_tree(town, 16)
    parts = [{"text": "تنه جلوی خانه من", "category": "GRN-02"}, {"text": "ریشه جلوی خانه من"}]
    assert town.says(PARKS, both, "split", parts=parts).effective

    # It is said at once, while the parts may still be on their way.
    said = town.forgets(both)

    cases = [town.case(one) for one in (both, *town.children(both, 2))]
    assert said.count("erased its part") == 2
    assert all(one["erased_at"] for one in cases)
    assert [one["text"] for one in cases] == [None] * 3
    # What is split off it now is work all the same, and says that its words are gone.
    assert town.says(PARKS, both, "split", parts=parts).effective
    later = [town.case(one) for one in town.children(both, 4)]
    words = [one["text"] for one in later if one["erased_at"] is None]
    assert len(words) == 2
    assert all("پاک شده" in text for text in words)
    assert "erased its part" in town.forgets(both)


def test_what_another_body_refuses_comes_back_to_who_answers_for_it(town: Town) -> None:
    tree = a_tree(town, 14)

    assert town.says(
        PARKS, tree, "handed-over", body="power", body_reference="122-77", note="روی سیم برق است"
    ).effective
    town.stands(tree, "handed-over", PARKS)
    seen = town.looks_up(tree)["handed_over"]
    assert (seen["id"], seen["reference"]) == ("power", "122-77")

    assert town.says(PARKS, tree, "handed-over-answered", answer="refused").effective
    town.stands(tree, "acknowledged", PARKS)
    case = town.case(tree)
    assert case["waiting"] is None
    assert [one["state"] for one in case["clocks"] if one["kind"] == "resolution"] == ["running"]


def test_what_nobody_wants_is_with_the_centre_after_three_times_and_on_its_clock(
    town: Town,
) -> None:
    tree = a_tree(town, 15)

    for who, to in ((PARKS, FIRE), (FIRE, ROADS), (ROADS, PARKS)):
        assert town.says(who, tree, "transfer-requested", why="wrong-department", to=to).effective
        town.stands(tree, "routed", to)
    assert town.says(PARKS, tree, "transfer-requested", why="wrong-department", to=FIRE).effective
    town.stands(tree, "routed", CENTRE)

    holding = {
        (one["department"], one["cycle"]): one["state"]
        for one in town.case(tree)["clocks"]
        if one["kind"] == "holding"
    }
    assert [where for where, state in holding.items() if state == "running"] == [(CENTRE, 4)]
    assert len(holding) == 5
    assert eventually(lambda: kinds(town.told(CENTRE, tree)), "the centre is told") == ["assigned"]

    # Where the centre says it belongs, it belongs; and the count begins anew.
    assert town.says(
        "operator", tree, "transfer-requested", why="wrong-department", to=FIRE
    ).effective
    town.stands(tree, "routed", FIRE)
    assert town.case(tree)["bounces"] == 0


def test_after_all_that_the_projection_is_what_the_log_says(town: Town) -> None:
    town.is_proven()
