"""The figures of the panels again, counted from what `/api/v1` says of every case."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import httpx

from tests.crash.city import City

PAGE = 200
DONE = {"resolved", "closed"}
AN_HOUR = timedelta(hours=1)
Case = dict[str, Any]
Facts = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Answers:
    """Every case and all its facts, as a client with the right to read them sees them at `now`."""

    cases: tuple[Case, ...]
    facts: Facts
    now: datetime

    @cached_property
    def open(self) -> tuple[Case, ...]:
        """Cases that somebody has and that are not done."""
        return tuple(one for one in self.cases if one["department"] and one["state"] not in DONE)

    def overdue(self) -> list[Case]:
        """The case of each promise of an open one whose deadline has passed."""
        return [case for case, deadline in self._running() if deadline < self.now]

    def due(self, within: timedelta = AN_HOUR) -> list[Case]:
        """The case of each promise of an open one whose deadline is that near."""
        until = self.now + within
        return [case for case, deadline in self._running() if self.now <= deadline <= until]

    def of(self, *states: str) -> list[Case]:
        """The case of each clock that is in one of these states."""
        return [case for case in self.cases for clock in case["clocks"] if clock["state"] in states]

    def waiting(self) -> Counter[str]:
        """Open cases that wait for somebody else, by the reason."""
        return Counter(
            f"{case['municipality']}, {case['waiting']['reason']}"
            for case in self.open
            if case["waiting"]
        )

    def effective(self) -> Iterator[dict[str, Any]]:
        """Every fact of a case that has changed it."""
        for facts in self.facts.values():
            yield from (one["fact"] for one in facts if one["judgement"] == "effective")

    def _running(self) -> Iterator[tuple[Case, datetime]]:
        """Open cases, each with every deadline that is still to be kept."""
        for case in self.open:
            for clock in case["clocks"]:
                if clock["state"] in {"running", "breached"}:
                    yield case, datetime.fromisoformat(clock["deadline"])

    def outcomes(self) -> Counter[str]:
        """What became of every promise there ever was; an announced breach stays one."""
        found = Counter[str]()
        for case in self.cases:
            for clock in case["clocks"]:
                found["made"] += 1
                found["met"] += clock["state"] == "met"
                found["breached"] += clock["state"] in {"breached", "missed"}
        return found

    def at_centre(self) -> list[Case]:
        """Open cases that nobody could say by rule whose they are."""
        return [case for case in self.open if case["department"] == self._centre(case)]

    def _centre(self, case: Case) -> str:
        """The 137 centre by the policy that the case was routed by."""
        facts = (one["fact"] for one in self.facts[case["case_id"]])
        return next(one["centre"] for one in facts if one["type"] == "case.routed.v1")


def by(cases: Iterable[Case], *names: str) -> Counter[str]:
    """How many there are of each value; of several, joined as a legend joins them."""
    return Counter(", ".join(str(case[name]) for name in names) for case in cases)


def asked(city: City, moment: datetime) -> Answers:
    """Everything there is: a list page by page, then each case of it."""
    headers = {"Authorization": f"Bearer {city.keys['read']}"}
    with httpx.Client(base_url=f"{city.url}/api/v1", headers=headers, timeout=20) as client:
        listed = [one["case_id"] for one in _pages(client)]
        cases = tuple(_json(client.get(f"/cases/{one}")) for one in listed)
        facts = {one: _json(client.get(f"/cases/{one}/facts"))["facts"] for one in listed}
    return Answers(cases=cases, facts=facts, now=moment)


def _pages(client: httpx.Client) -> Iterator[Case]:
    place: dict[str, str] = {}
    while True:
        page = _json(client.get("/cases", params={"limit": PAGE, **place}))
        yield from page["cases"]
        if page["next_cursor"] is None:
            return
        place = {"cursor": page["next_cursor"]}


def _json(response: httpx.Response) -> Any:  # noqa: ANN401  # any JSON
    assert response.is_success, response.text
    return response.json()
