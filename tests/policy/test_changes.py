"""What of a new version could date open promises otherwise, and what a city may not have meant."""

from pathlib import Path

import pytest

from schemas.policy import Policy
from services.policy.changes import changed
from services.policy.close import close
from services.policy.load import load
from services.policy.notes import notes
from tests.policy.files import written
from tests.policy.hashtgerd import SINCE, hashtgerd

STEPS = "warnings or escalation steps"


def policy(folder: Path, *changes: tuple[str, str, str]) -> Policy:
    return close(load(written(folder, *changes)), SINCE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("calendar", "2026-11-30: snow", "2026-12-01: dust"), ("calendars",)),
        (("departments", "  calendar: always\n", ""), ("calendars", "budgets", STEPS)),
        (("categories", "resolution: 8 hours", "resolution: 9 hours"), ("budgets",)),
        (("clocks", "first_response: 20 minutes", "first_response: 21 minutes"), ("budgets",)),
        (("clocks", "holding: 2 working days", "holding: 3 working days"), ("budgets",)),
        (("clocks", "after: 1 working day", "after: 2 working days"), (STEPS,)),
        (("categories", "[50, 90]", "[80]"), (STEPS,)),
        (("clocks", "longest: 48 hours", "longest: 49 hours"), ()),
        (("municipality", "title_en: Testshahr", "title_en: Other"), ()),
        (("words", "tree", "trees"), ()),
    ],
)
def test_parts_that_promises_rest_on_are_named_where_they_changed(
    tmp_path: Path, change: tuple[str, str, str], said: tuple[str, ...]
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()

    assert changed(policy(before), policy(after, change)) == said


def test_a_holding_time_below_what_is_promised_is_noted(tmp_path: Path) -> None:
    found = list(notes(policy(tmp_path, ("clocks", "holding: 2", "holding: 1"))))

    assert found == ["parks may hold a case for less time than GRN-01 is promised in"]


def test_departments_without_the_deputy_of_a_step_are_noted(tmp_path: Path) -> None:
    found = list(notes(policy(tmp_path, ("clocks", "role: mayor", "role: deputy"))))

    assert found == ["no deputy is named for parks, centre: that step is recorded, nobody is told"]


def test_hashtgerd_keeps_nobody_late_who_keeps_the_promise() -> None:
    assert not [one for one in notes(hashtgerd()) if "hold a case" in one]
