"""`peygir policy show`: the versions, one in full, and the days that are not like their week."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from typer.testing import CliRunner, Result

from services.command import policy as command
from services.command.exit_codes import ExitCode
from tests.policy.hashtgerd import hashtgerd

Show = Callable[..., Result]
LATER = replace(hashtgerd(), version="hashtgerd/2027-01-01T00:00:00Z", pauses=(), budgets=())


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """The command where the topic holds two versions."""
    published = (hashtgerd(), replace(LATER, since=datetime(2027, 1, 1, tzinfo=UTC)))
    monkeypatch.setenv("PEYGIR_KAFKA", "nowhere.example:9092")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(command.publishing, "versions", lambda _kafka: published)
    return lambda *words: CliRunner().invoke(command.app, ["show", *words])


def test_a_version_is_shown_in_full_with_its_clocks(show: Show) -> None:
    found = orjson.loads(show("--version", hashtgerd().version).output)

    assert len(found["pauses"]) == 3
    assert len(found["budgets"]) == 2
    assert found["departments"][1]["holding"] == {"seconds": 259_200, "working_time": False}
    closed = {one["day"]: one["estimated"] for one in found["calendars"][0]["closed_dates"]}
    assert closed["2027-06-16"] is True


def test_the_days_of_a_version_are_those_of_the_year_from_the_moment_on(show: Show) -> None:
    shown = show("hashtgerd", "--days", "--at", "2027-06-01T00:00:00Z")

    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert any("2027-06-16" in line and "estimated" in line for line in lines)
    assert not any("2027-03-21" in line for line in lines)
    assert any("2028-03-20" in line and "1407-01-01" in line for line in lines)


@pytest.mark.parametrize("option", [("--days",), ("--at", "2027-06-01T00:00:00Z")])
def test_of_no_municipality_nothing_but_the_list_can_be_asked(
    show: Show, option: tuple[str, ...]
) -> None:
    assert show(*option).exit_code == ExitCode.USAGE


def test_what_is_not_published_is_said_so(show: Show) -> None:
    assert show("--version", "hashtgerd/2020-01-01T00:00:00Z").exit_code == ExitCode.NO
    assert show("nowhere", "--days").exit_code == ExitCode.NO
