"""What became of promises, counted by a real projector; what is open, by a real accountant."""

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas import city_metrics
from schemas.codec import encode
from schemas.fact_parts import PauseTerms
from schemas.facts import Fact
from schemas.metric import Metric
from schemas.steering import Linked, Paused
from schemas.topics import POLICIES
from schemas.vocabulary import Author, CaseId, Department, FactId, PauseReason
from streams import accountant, process, projector
from streams.process import Worker
from tests.builders import (
    CITY,
    acknowledged,
    after,
    breached,
    past,
    resolved,
    routed,
    source,
    submitted,
)
from tests.integration.lab import Lab, lab, working
from tests.policies import policy

pytestmark = pytest.mark.integration

# The log is this module's: what other tests left open is of other departments.
FANI = Department("fani")
COUNT_SECONDS = 0.1
Shown = Mapping[tuple[str, ...], float]


def test_each_promise_and_event_is_counted_once_and_a_department_without_any_shows_none(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "promises_once") as city:
            await publish(city)
            kept, late, old = CaseId("once-kept"), CaseId("once-late"), CaseId("once-old")
            facts = [*life(kept, ending=20), *life(late, ending=700, told=True)]
            imported = past(submitted(old), after(-5))
            facts += [imported, routed(imported), resolved(old)]
            # The tables do not take this one, so that what comes with it is folded again.
            unfit = submitted(CaseId("".join(f"{n**99:x}" for n in range(137, 337))))
            await city.append(*facts, *facts, unfit)
            worker = city.worker()
            port = process.show(worker)
            async with working(projector.run, worker):
                await city.projected()
                first = shown(port, city_metrics.SLA_PROMISES)
                await city.append(*facts)
                await city.projected()
                assert shown(port, city_metrics.SLA_PROMISES) == first
                events = shown(port, city_metrics.CASE_EVENTS)

            assert {event: count for (*_, event), count in events.items() if count} == {
                "routed": 2,
                "acknowledged": 2,
                "resolved": 2,
            }
            assert outcomes(first) == {
                ("first-response", "made"): 2,
                ("resolution", "made"): 2,
                ("first-response", "met"): 1,
                ("first-response", "breached"): 1,
                ("resolution", "met"): 1,
                ("resolution", "breached"): 1,
            }
            assert {series[:3] for series, value in first.items() if value} == {
                (CITY, "parks", "urgent")
            }
            departments, priorities, clocks, kinds = 3, 4, 3, 4
            assert len(first) == departments * priorities * clocks * kinds

    asyncio.run(run())


def test_what_is_folded_before_is_not_counted_by_the_next_projector(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "promises_next") as city:
            await city.append(*life(CaseId("next-first"), ending=20))
            async with working(projector.run, city.worker()):
                await city.projected()
            await city.append(*life(CaseId("next-second"), ending=20)[:2])
            worker = city.worker()
            async with working(projector.run, worker):
                await city.projected()

            assert outcomes(shown(process.show(worker), city_metrics.SLA_PROMISES)) == {
                ("first-response", "made"): 1,
                ("resolution", "made"): 1,
            }

    asyncio.run(run())


def test_open_promises_are_shown_by_the_accountant_at_work_alone(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "promises_open") as city:
            for name in ("running", "paused", "linked", "closed"):
                case_id = CaseId(f"open-{name}")
                fact = submitted(case_id)
                await city.append(fact, routed(fact, department=FANI))
            await city.append(
                paused(CaseId("open-paused")),
                linked(CaseId("open-linked")),
                resolved(CaseId("open-closed"), department=FANI),
            )
            old = past(submitted(CaseId("open-old")), after(-5))
            await city.append(old, routed(old, department=FANI))
            async with working(projector.run, city.worker()):
                await city.projected()

            first, second = counting(city, "1"), counting(city, "2")
            ports = process.show(first), process.show(second)
            async with working(accountant.run, first):
                await city.settled(partial(shows, ports[0]))
                async with working(accountant.run, second):
                    await city.settled(partial(both_count, city))
                    await asyncio.sleep(5 * COUNT_SECONDS)
                    states = total(shown(ports[0], city_metrics.SLA_OPEN))
                    assert states == {"running": 1, "overdue": 2, "paused": 1, "linked": 2}
                    assert total(shown(ports[0], city_metrics.SLA_DUE)) == {"1h": 1}
                    assert not shown(ports[1], city_metrics.SLA_OPEN)
                    first.stopping.set()
                    await city.settled(partial(shows, ports[1]))
                    assert total(shown(ports[1], city_metrics.SLA_OPEN)) == states
                    await city.append(resolved(CaseId("open-running"), department=FANI))
                    async with working(projector.run, city.worker()):
                        await city.settled(partial(shows, ports[1], running=0, overdue=1))
            assert not shown(ports[0], city_metrics.SLA_OPEN)
            assert not shown(ports[1], city_metrics.SLA_DUE)

    asyncio.run(run())


def life(case_id: CaseId, *, ending: float, told: bool = False) -> list[Fact]:
    """A case of which something is reported that many seconds after noon."""
    begun = submitted(case_id)
    decision = routed(begun)
    announced = [breached(decision, clock="resolution")] if told else []
    done = resolved(case_id, at=after(ending))
    return [begun, decision, *announced, acknowledged(case_id, at=after(ending - 5)), done]


def paused(case_id: CaseId) -> Paused:
    return Paused(
        fact_id=FactId(f"desk/{case_id}/paused"),
        case_id=case_id,
        recorded_at=after(10),
        source=source(1, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        pause=PauseTerms(why=PauseReason("weather"), until=after(500), clocks=("resolution",)),
        policy_version=policy().version,
    )


def linked(case_id: CaseId) -> Linked:
    return Linked(
        fact_id=FactId(f"desk/{case_id}/linked"),
        case_id=case_id,
        recorded_at=after(10),
        source=source(2, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        parent=CaseId("open-running"),
    )


async def publish(city: Lab) -> None:
    one = policy()
    await city.log.append(POLICIES, one.version.encode(), encode(one), partition=0)


def counting(city: Lab, instance: str) -> Worker:
    """An accountant whose clock stands at 70 seconds after noon."""
    worker = city.worker(instance, lease_seconds=1.0, open_promises_seconds=COUNT_SECONDS)
    return replace(worker, now=lambda: after(70))


async def both_count(city: Lab) -> bool:
    await city.tables.execute("select pg_stat_clear_snapshot()")
    looked = """
    select count(*) from pg_stat_activity where datname = current_database()
    and application_name = 'peygir accountant counting' and query <> ''
    """
    return await city.tables.fetchval(looked) == 2


async def shows(port: int, **wanted: int) -> bool:
    found = await asyncio.to_thread(shown, port, city_metrics.SLA_OPEN)
    states = total(found)
    return bool(found) and all(states[name] == value for name, value in wanted.items())


def shown(port: int, metric: Metric) -> Shown:
    """What the process says at its own address."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    name = metric.name
    return {
        tuple(sample.labels[label] for label, _ in metric.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def outcomes(found: Shown) -> Counter[tuple[str, str]]:
    counted = Counter[tuple[str, str]]()
    for (*_, clock, outcome), value in found.items():
        counted[clock, outcome] += int(value)
    return +counted


def total(found: Shown) -> Counter[str]:
    """One department's by the last label; nothing of what there is none of."""
    counted = Counter[str]()
    for (_, department, *_, last), value in found.items():
        counted[last] += int(value) if department == FANI else 0
    return +counted
