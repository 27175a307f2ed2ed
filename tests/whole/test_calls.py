"""A call without a case, from the edge of a whole Peygir to its figures: once, and corrected."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.crash.city import City
from tests.embedded.running import command

pytestmark = pytest.mark.integration

SECONDS_MAX = 60.0
EXCHANGE = "exchange-of-this-test"
# Nobody else tells of calls of that day.
DAY = datetime.now(UTC) - timedelta(days=200)


def told(city: City, number: int, outcome: str, seconds: int) -> httpx.Response:
    return httpx.post(
        f"{city.url}/intake/v1/calls",
        json={
            "municipality": "hashtgerd",
            "call_id": f"{EXCHANGE}-{number}",
            "outcome": outcome,
            "answered_at": DAY.isoformat(),
            "seconds": seconds,
        },
        headers={"Authorization": f"Bearer {city.keys['intake']}"},
        timeout=SECONDS_MAX,
    )


def counted(city: City) -> dict[str, tuple[int, int]]:
    """How many of that day, and how long, by how they ended."""
    days = {
        "since": f"{DAY - timedelta(days=1):%Y-%m-%d}",
        "until": f"{DAY + timedelta(days=1):%Y-%m-%d}",
    }
    answer = httpx.get(
        f"{city.url}/api/v1/calls",
        params={"municipality": "hashtgerd", "by": "outcome", **days},
        headers={"Authorization": f"Bearer {city.keys['read']}"},
        timeout=SECONDS_MAX,
    )
    assert answer.status_code == 200, answer.text
    return {one["outcome"]: (one["count"], one["seconds"]) for one in answer.json()["calls"]}


def until(city: City, wanted: dict[str, tuple[int, int]]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    found: Any = None
    while time.monotonic() < deadline:
        found = counted(city)
        if found == wanted:
            return
        time.sleep(0.2)
    raise AssertionError(found)


def test_a_call_counts_once_and_as_it_was_told_last(city: City) -> None:
    for number in range(6):
        for _ in range(3):
            assert told(city, number, "informed", 10).status_code == 202
    until(city, {"informed": (6, 60)})

    assert told(city, 0, "abuse", 20).status_code == 202
    until(city, {"informed": (5, 50), "abuse": (1, 20)})

    done = command("verify", "--json", data=city.data)
    assert "answered_calls" not in done.stdout
