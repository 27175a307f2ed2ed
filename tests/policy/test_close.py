"""A policy closed: nothing is left that a library or a database of zones has to answer."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from schemas.codec import decode, encode
from schemas.policy import Policy
from services.policy.close import close, same_content
from services.policy.load import load
from tests.policy.files import written
from tests.policy.hashtgerd import SINCE, hashtgerd


def test_a_closed_policy_survives_its_encoding() -> None:
    assert decode(encode(hashtgerd()), Policy) == hashtgerd()


def test_its_version_is_its_key() -> None:
    assert hashtgerd().version == "hashtgerd/2026-11-24T08:00:00Z"
    assert hashtgerd().since == SINCE


def test_equal_files_give_an_equal_value_whenever_they_are_closed() -> None:
    later = replace(hashtgerd(), version="x", since=datetime(2026, 12, 1, tzinfo=UTC))

    assert same_content(hashtgerd(), later)
    assert not same_content(hashtgerd(), replace(later, title_en="Other"))


def test_holidays_are_dates_and_those_after_the_moon_are_marked() -> None:
    closed = {one.day: one for one in hashtgerd().calendars[0].closed_dates}

    assert not closed[date(2027, 3, 21)].estimated
    assert closed[date(2027, 6, 16)].estimated
    assert date(2036, 3, 21) in closed


def test_the_zones_rules_are_transitions_to_the_last_change() -> None:
    offsets = hashtgerd().calendars[0].offsets

    assert offsets[-1].since == datetime(2022, 9, 21, 19, 30, tzinfo=UTC)
    assert offsets[-1].offset_seconds == 12_600


def test_the_citys_own_list_wins_over_the_library(tmp_path: Path) -> None:
    own = ("calendar", "2026-11-30: snow", "2026-12-25: our own reason")
    office = close(load(written(tmp_path, own)), SINCE).calendars[0]
    closed = {one.day: one.reason for one in office.closed_dates}

    assert closed[date(2026, 12, 25)] == "our own reason"
    assert date(2026, 12, 26) not in closed
    assert date(2028, 12, 25) in closed


def test_hashtgerd_has_its_departments_categories_and_working_budgets() -> None:
    policy = hashtgerd()

    assert len(policy.departments) == 19
    assert len(policy.categories) == 58
    assert sum(one.resolution.working_time for one in policy.categories) == 23
    assert all(one.evidence for one in policy.categories)
