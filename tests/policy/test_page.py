"""The page that tells a city how to write its clocks shows files that can be read."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from services.policy.close import close
from services.policy.load import load
from tests.policy.hashtgerd import FOLDER, SINCE, hashtgerd

PAGE = (FOLDER.parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
CLOCKS, CALENDAR, LIFE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(
    ("name", "text"), [("clocks", CLOCKS), ("calendar", CALENDAR), ("life", LIFE)]
)
def test_an_example_of_the_page_is_a_file_of_a_policy(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "city"
    shutil.copytree(FOLDER, folder)
    if name == "clocks":
        # Its bodies pause for a reason that the example leaves out.
        (folder / "life.yaml").unlink()
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    assert load(folder).municipality == "hashtgerd"


def test_the_example_of_ramadan_is_for_days_of_work_alone(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(FOLDER, folder)
    (folder / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")

    (city,) = close(load(folder), SINCE).calendars
    span = [one for one in city.other_hours if one.reason == "Ramadan"]

    closed = {one.day for one in city.closed_dates}
    assert len(span) > 20
    assert not closed & {one.day for one in span}
    assert not [one for one in span if f"{one.day:%A}" == "Friday"]
    assert {one.hours[0].closes for one in span if f"{one.day:%A}" == "Thursday"} == {41_400}
    assert date(2026, 12, 1) in closed


def test_what_the_page_says_of_hashtgerds_clocks_is_what_it_has() -> None:
    policy = hashtgerd()
    reasons = re.findall(r"^  ([a-z-]+):\n    title_fa", CLOCKS, re.MULTILINE)

    assert set(reasons) <= {one.reason for one in policy.pauses}
    assert CLOCKS.count("- when:") == len(policy.budgets)


def test_what_the_page_says_of_hashtgerds_cases_is_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(FOLDER, folder)
    (folder / "life.yaml").write_text(LIFE, encoding="utf-8")

    said, has = close(load(folder), SINCE), hashtgerd()

    assert (said.transfers_max, said.dispute_within, said.silence, said.duplicates) == (
        has.transfers_max,
        has.dispute_within,
        has.silence,
        has.duplicates,
    )
    assert set(said.bodies) <= set(has.bodies)
    shown = {one.category: one.shown for one in has.categories}
    assert all(one.shown in {(), shown[one.category]} for one in said.categories)
