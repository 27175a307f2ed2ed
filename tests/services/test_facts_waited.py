"""How long who said something waits for its judgement, and what is answered then."""

import asyncio
from typing import Any

import httpx
import pytest

from services.intake.deeds import door as deeds_door
from services.intake.deeds.headers import WAIT_SECONDS_MAX
from services.intake.deeds.routes import fact_routes
from tests.fact_callers import WAIT, key_of, say
from tests.fact_city import FactCity, edge

PROBLEM = "application/problem+json"
PATH = "/intake/v1/cases/{case_id}/facts"


def test_who_waits_is_told_how_it_was_judged() -> None:
    city = FactCity()
    case = city.open(1)
    caller = city.caller()

    effective = say(caller, case, "started", key="1", headers=WAIT)
    refused = say(caller, case, "acknowledged", key="2", headers=WAIT)

    assert effective.status_code == 200
    assert effective.json()["judgement"] == "effective"
    assert effective.json()["version"] == city.cases[case].version
    assert effective.headers["preference-applied"] == "wait=5"
    assert refused.status_code == 409
    assert refused.headers["content-type"] == PROBLEM
    assert refused.headers["preference-applied"] == "wait=5"
    body = refused.json()
    assert (body["code"], body["detail"]) == ("state", "the case is started")
    assert body["detail_fa"] == "این مورد در دست اقدام است"
    assert body["fact_id"] == "staff/gardener/2/acknowledged"


def test_who_waits_is_answered_as_soon_as_it_is_judged() -> None:
    city = FactCity(slow=True)
    case = city.open(1)
    door = city.door()
    app = edge(door, fact_routes(door))

    async def run() -> tuple[httpx.Response, float]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://peygir") as client:
            loop = asyncio.get_running_loop()
            loop.call_later(0.2, city.catch_up)
            began = loop.time()
            headers = key_of("member") | {"Idempotency-Key": "1", "Prefer": "wait=10"}
            path = PATH.format(case_id=case)
            answer = await client.post(path, json={"did": "started"}, headers=headers)
            return answer, loop.time() - began

    answer, took = asyncio.run(run())

    assert answer.status_code == 200
    assert 0.2 <= took < 2
    assert door.waiting == 0
    assert city.looked < 20


def test_what_is_not_judged_in_time_is_taken_all_the_same() -> None:
    city = FactCity(slow=True)
    case = city.open(1)

    answer = say(city.caller(), case, "started", headers={"Prefer": "wait=0"})

    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=0"


def test_a_projection_that_goes_away_meanwhile_does_not_make_it_untaken() -> None:
    class Fading(FactCity):
        async def append(self, topic: str, **how: Any) -> None:  # noqa: ANN401
            await super().append(topic, **how)
            self.blind = True

    city = Fading()
    case = city.open(1)

    answer = say(city.caller(), case, "started", headers=WAIT)

    assert (answer.status_code, len(city.said)) == (202, 1)


def test_one_more_than_may_wait_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds_door, "WAITING_MAX", 0)
    city = FactCity(slow=True)
    case = city.open(1)

    assert say(city.caller(), case, "started", headers=WAIT).status_code == 202
    assert city.looked == 1


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=3", "wait=3"),
        ("WAIT = 3", "wait=3"),
        ('wait="3"', "wait=3"),
        ("respond-async, wait=3", "wait=3"),
        ("wait=3;why=hurry, wait=7", "wait=3"),
        ("handling=lenient; wait=9, wait=4", "wait=4"),
        ("wait=999999999", f"wait={WAIT_SECONDS_MAX}"),
        ("wait=-1", None),
        ("wait=soon", None),
        ("wait=9999999999", None),
        ("wait", None),
        ("return=minimal", None),
    ],
)
def test_a_preference_is_read_as_the_standard_has_it(prefer: str, applied: str | None) -> None:
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "started", headers={"Prefer": prefer})

    assert answer.headers.get("preference-applied") == applied
    assert answer.status_code == (200 if applied else 202)
