"""`/api/v1/calls`: how many calls were answered and made no case, by the municipality's days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.messages import CallAnswered
from schemas.vocabulary import Author, CallDigest, CallOutcome, Category, Municipality
from services.api import calls as counting
from streams.core.tables import CALL_COLUMNS, call_row
from tests.builders import CITY
from tests.edges import CITY_KEY, ELSEWHERE_KEY, PARKS_KEY, bearer
from tests.reading import BOSTON, READ, Tables, filled, get

pytestmark = pytest.mark.integration

# 00:30 in Tehran, which is the evening before in UTC.
MIDNIGHT = datetime(2026, 11, 29, 21, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def call(
    number: int,
    at: datetime,
    outcome: CallOutcome = "informed",
    *,
    category: str | None = None,
    seconds: int | None = None,
    municipality: Municipality = CITY,
) -> CallAnswered:
    return CallAnswered(
        municipality=municipality,
        call=CallDigest(f"call-{number}"),
        author=Author("phone"),
        outcome=outcome,
        answered_at=at,
        category=None if category is None else Category(category),
        seconds=seconds,
    )


CALLS = (
    call(1, MIDNIGHT, seconds=60),
    call(2, MIDNIGHT - timedelta(seconds=1), seconds=30),
    call(3, MIDNIGHT - timedelta(minutes=30, seconds=1), category="OTH-01"),
    call(4, NOW, "abuse"),
    call(5, NOW, category="OTH-01", seconds=40),
    call(6, NOW - timedelta(days=29), "dropped"),
    call(7, NOW - timedelta(days=30), "dropped"),
    call(8, NOW, municipality=BOSTON),
    call(9, NOW + timedelta(days=1), "dropped"),
)


@pytest.fixture(scope="module")
def city(database: str) -> str:
    async def fill(tables: Tables) -> None:
        await tables.connection.copy_records_to_table(
            "answered_calls",
            schema_name="projection",
            columns=CALL_COLUMNS,
            records=[call_row(0, one) for one in CALLS],
        )

    filled(database, fill)
    return database


def shown(city: str, query: str, key: dict[str, str] | None = None) -> dict[str, Any]:
    answer = get(city, f"/api/v1/calls?municipality=hashtgerd{query}", key or READ, now=NOW)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_last_thirty_days_are_counted_by_day_and_outcome(city: str) -> None:
    found = shown(city, "")

    assert (found["since"], found["until"], found["zone"]) == (
        "2026-11-01",
        "2026-11-30",
        "Asia/Tehran",
    )
    assert found["total"] == 6
    assert found["calls"] == [
        {"day": "2026-11-01", "outcome": "dropped", "count": 1, "seconds": None},
        {"day": "2026-11-29", "outcome": "informed", "count": 1, "seconds": None},
        {"day": "2026-11-30", "outcome": "abuse", "count": 1, "seconds": None},
        {"day": "2026-11-30", "outcome": "informed", "count": 3, "seconds": 130},
    ]


def test_a_day_begins_when_it_does_in_the_municipality(city: str) -> None:
    days = {one["day"]: one["count"] for one in shown(city, "&by=day&since=2026-11-29")["calls"]}

    # 23:59:59 in Tehran is of the 29th, and 00:29:59 of the 30th, whatever the day is in UTC.
    assert days == {"2026-11-29": 1, "2026-11-30": 4}


@pytest.mark.parametrize(
    ("query", "groups"),
    [
        ("&by=outcome", [("abuse", 1), ("dropped", 1), ("informed", 4)]),
        ("&by=category", [("OTH-01", 2), (None, 4)]),
        ("&by=outcome&until=2026-11-29", [("dropped", 2), ("informed", 1)]),
        ("&by=outcome&since=2026-12-01&until=2026-12-01", [("dropped", 1)]),
        ("&by=outcome&since=2026-11-20&until=2026-11-20", []),
    ],
)
def test_they_are_counted_by_what_is_asked_for(
    city: str, query: str, groups: list[tuple[str, int]]
) -> None:
    found = shown(city, query)

    by = query.split("&by=")[1].split("&", maxsplit=1)[0]
    assert [(one[by], one["count"]) for one in found["calls"]] == groups
    assert found["total"] == sum(count for _, count in groups)


def test_by_all_three_each_group_has_all_three(city: str) -> None:
    found = shown(city, "&by=category&by=day&by=outcome&since=2026-11-30")

    assert found["calls"] == [
        {
            "category": "OTH-01",
            "day": "2026-11-30",
            "outcome": "informed",
            "count": 1,
            "seconds": 40,
        },
        {"category": None, "day": "2026-11-30", "outcome": "abuse", "count": 1, "seconds": None},
        {"category": None, "day": "2026-11-30", "outcome": "informed", "count": 2, "seconds": 90},
    ]


def test_what_is_asked_for_twice_is_one(city: str) -> None:
    assert shown(city, "&by=day&by=day") == shown(city, "&by=day")


def test_a_day_without_any_has_no_group_and_the_total_is_nothing(city: str) -> None:
    found = shown(city, "&since=2026-11-10&until=2026-11-12")

    assert (found["total"], found["calls"]) == (0, [])


def test_more_groups_than_are_shown_are_said_to_be_too_many(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "GROUPS_MAX", 3)

    answer = get(city, "/api/v1/calls?municipality=hashtgerd", READ, now=NOW)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:peygir:problem:too-broad")
    assert shown(city, "&by=outcome")["total"] == 6


def test_no_answer_is_kept_by_whoever_stands_between(city: str) -> None:
    answer = get(city, "/api/v1/calls?municipality=hashtgerd", READ, now=NOW)

    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/query/municipality"),
        ("municipality=hashtgerd&since=2026-13-01", "/query/since"),
        ("municipality=hashtgerd&since=20261101", "/query/since"),
        ("municipality=hashtgerd&since=1764460800", "/query/since"),
        ("municipality=hashtgerd&until=2026-11-30T00:00:00Z", "/query/until"),
        ("municipality=hashtgerd&since=2026-12-01", "/query/since"),
        ("municipality=hashtgerd&since=2025-11-28&until=2026-11-30", "/query/since"),
        ("municipality=hashtgerd&since=0001-01-01&until=0001-01-02", "/query/since"),
        ("municipality=hashtgerd&by=hour", "/query/by/0"),
        ("municipality=hashtgerd&by=day&by=day&by=day&by=day", "/query/by"),
        ("municipality=hashtgerd&from=2026-11-01", "/query/from"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(query: str, pointer: str) -> None:
    answer = get(NOWHERE, f"/api/v1/calls?{query}", READ, now=NOW)

    assert answer.status_code == 422, answer.text
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]


def test_a_whole_leap_year_can_be_asked_for(city: str) -> None:
    assert shown(city, "&by=outcome&since=2025-11-30")["total"] == 7


@pytest.mark.parametrize(
    ("key", "status"),
    [(CITY_KEY, 200), (ELSEWHERE_KEY, 403), (PARKS_KEY, 403)],
)
def test_they_are_for_whoever_reads_the_whole_municipality(
    city: str, key: str, status: int
) -> None:
    answer = get(city, "/api/v1/calls?municipality=hashtgerd", bearer(key), now=NOW)

    assert answer.status_code == status


def test_of_a_place_without_a_policy_there_is_nothing(city: str) -> None:
    assert get(city, "/api/v1/calls?municipality=nowhere", READ, now=NOW).status_code == 404


def test_while_postgres_is_away_or_the_policies_are_the_caller_may_come_again() -> None:
    for how in ({}, {"policies": None}):
        answer = get(NOWHERE, "/api/v1/calls?municipality=hashtgerd", READ, now=NOW, **how)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
