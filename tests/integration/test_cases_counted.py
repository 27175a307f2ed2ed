"""Open cases, as the accountant at work shows them, of every city that has a policy."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from schemas import city_metrics
from schemas.codec import encode
from schemas.fact_parts import PauseTerms
from schemas.metric import Metric
from schemas.policy import Budget, PausePolicy, Policy
from schemas.steering import Linked, Paused
from schemas.topics import POLICIES
from schemas.vocabulary import (
    Author,
    CaseId,
    Department,
    FactId,
    Municipality,
    PauseReason,
    PolicyVersion,
)
from streams import accountant, projector
from streams.accountant import cities
from streams.process import Worker
from tests.builders import (
    CENTRE,
    CITY,
    NOON,
    PARKS,
    acknowledged,
    after,
    past,
    resolved,
    routed,
    source,
    submitted,
)
from tests.integration.inboxes import Shown, shown
from tests.integration.lab import Lab, lab, working
from tests.lived import handed_over, lively
from tests.policies import policy

pytestmark = pytest.mark.integration

COUNT_SECONDS = 0.1
FANI = Department("fani")
ELSEWHERE = Municipality("elsewhere")
WEATHER = PauseReason("weather")
PAUSING = replace(
    policy(),
    pauses=tuple(
        PausePolicy(
            reason=reason,
            title_fa=reason,
            title_en=reason,
            longest=Budget(seconds=86_400, working_time=True),
            clocks=("resolution",),
        )
        for reason in (WEATHER, PauseReason("waiting-for-citizen"))
    ),
    bodies=lively().bodies,
)


def test_open_cases_are_shown_by_who_has_them_and_how_far_they_are(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "cases_open") as city:
            await publish(city, PAUSING)
            await say(city)
            async with working(projector.run, city.worker()):
                await city.projected()
            worker = counting(city)
            async with working(accountant.run, worker):
                await city.settled(partial(has, worker, city_metrics.CASES_OPEN))
                assert some(worker, city_metrics.CASES_OPEN) == {
                    (CITY, PARKS, "urgent", "routed"): 2,
                    (CITY, PARKS, "urgent", "acknowledged"): 1,
                    (CITY, PARKS, "urgent", "handed-over"): 1,
                    (CITY, FANI, "urgent", "linked"): 1,
                    (CITY, CENTRE, "urgent", "routed"): 1,
                }
                assert some(worker, city_metrics.CASES_OLDEST) == {
                    (CITY, PARKS): after(-5).timestamp(),
                    (CITY, FANI): NOON.timestamp(),
                    (CITY, CENTRE): NOON.timestamp(),
                }
                assert some(worker, city_metrics.CASES_WAITING) == {(CITY, PARKS, WEATHER): 1}
                assert some(worker, city_metrics.CASES_AT_CENTRE) == {(CITY,): 1}
                departments, priorities, states, reasons = 3, 4, 5, 2
                opened = shown(worker, city_metrics.CASES_OPEN)
                assert len(opened) == departments * priorities * states
                waiting = shown(worker, city_metrics.CASES_WAITING)
                assert len(waiting) == departments * reasons
            assert not any(
                shown(worker, one)
                for one in (
                    city_metrics.CASES_OPEN,
                    city_metrics.CASES_OLDEST,
                    city_metrics.CASES_WAITING,
                    city_metrics.CASES_AT_CENTRE,
                )
            )

    asyncio.run(run())


def test_a_city_that_is_added_while_the_accountant_works_is_shown_with_nothing_open(
    city_log: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cities, "READ_SECONDS", COUNT_SECONDS)

    async def run() -> None:
        async with lab(city_log, postgres, "cases_added") as city:
            await publish(city, PAUSING)
            worker = counting(city)
            async with working(accountant.run, worker):
                await city.settled(partial(has, worker, city_metrics.CASES_AT_CENTRE))
                assert shown(worker, city_metrics.CASES_AT_CENTRE) == {(CITY,): 0}
                version = PolicyVersion(f"{ELSEWHERE}/2026-01-01T00:00:00Z")
                await publish(city, replace(PAUSING, municipality=ELSEWHERE, version=version))
                await city.settled(partial(knows, worker, ELSEWHERE))
            assert not shown(worker, city_metrics.SLA_OPEN)

    asyncio.run(run())


async def say(city: Lab) -> None:
    """Five cases of parks: one is done with, one waits, another body has one; one of the others."""
    whose: Sequence[tuple[str, Department, float]] = (
        ("new", PARKS, 0),
        ("waits", PARKS, -5),
        ("seen", PARKS, 0),
        ("done", PARKS, -50),
        ("abroad", PARKS, 0),
        ("linked", FANI, 0),
        ("nobodys", CENTRE, 0),
    )
    for name, department, seconds in whose:
        fact = submitted(CaseId(name), at=after(seconds))
        await city.append(fact, routed(fact, department=department))
    old = past(submitted(CaseId("old")), after(-500))
    await city.append(old, routed(old, department=FANI))
    await city.append(
        acknowledged(CaseId("seen")),
        resolved(CaseId("done")),
        pause("waits"),
        link("linked"),
        replace(handed_over(after(10), case_id=CaseId("abroad")), pause=None),
    )


def pause(name: str) -> Paused:
    until = NOON + timedelta(days=3650)
    return Paused(
        fact_id=FactId(f"desk/{name}/paused"),
        case_id=CaseId(name),
        recorded_at=after(10),
        source=source(1, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        pause=PauseTerms(why=WEATHER, until=until, clocks=("resolution",)),
        policy_version=policy().version,
    )


def link(name: str) -> Linked:
    return Linked(
        fact_id=FactId(f"desk/{name}/linked"),
        case_id=CaseId(name),
        recorded_at=after(10),
        source=source(2, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        parent=CaseId("new"),
    )


async def publish(city: Lab, one: Policy) -> None:
    await city.log.append(POLICIES, one.version.encode(), encode(one), partition=0)


def counting(city: Lab) -> Worker:
    return city.worker(open_promises_seconds=COUNT_SECONDS)


async def has(worker: Worker, metric: Metric) -> bool:
    return bool(shown(worker, metric))


async def knows(worker: Worker, municipality: Municipality) -> bool:
    """Of each of its three departments all that may be there, and none of it."""
    metrics = (city_metrics.CASES_OPEN, city_metrics.CASES_AT_CENTRE, city_metrics.SLA_OPEN)
    found = [
        {series: value for series, value in shown(worker, one).items() if series[0] == municipality}
        for one in metrics
    ]
    return [len(one) for one in found] == [60, 1, 48] and not any(
        value for one in found for value in one.values()
    )


def some(worker: Worker, metric: Metric) -> Shown:
    """Without what there is none of."""
    return {series: value for series, value in shown(worker, metric).items() if value}
