"""What a worker shows of what is its alone: all of it while it works, and none once it let go."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from schemas import metrics
from schemas.metric import Metric
from schemas.metrics import LeaseRole
from schemas.topics import LOG_PARTITIONS
from schemas.vocabulary import CaseId
from streams import dispatcher, janitor, linker, projector, sla_timer
from streams.process import Work, Worker
from tests.builders import after, erased, routed, source
from tests.integration.lab import lab, working

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("role", "work", "all_there_are"),
    [
        ("projector", projector.run, LOG_PARTITIONS),
        ("sla-timer", sla_timer.run, LOG_PARTITIONS),
        ("dispatcher", dispatcher.run, LOG_PARTITIONS),
        ("linker", linker.run, 1),
        ("janitor", janitor.run, 1),
    ],
)
def test_whoever_works_shows_its_leases_and_whoever_takes_over_shows_them_next(
    city_log: str, postgres: str, role: LeaseRole, work: Work, all_there_are: int
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, f"shown_{role.replace('-', '_')}") as city:
            first, second = (city.worker(one, lease_seconds=1.0) for one in ("1", "2"))
            async with working(work, first):
                await city.settled(partial(shows, first, role, all_there_are))
                async with working(work, second):
                    await asyncio.sleep(0.5)
                    assert await shows(second, role, 0)
                    first.stopping.set()
                    await city.settled(partial(shows, second, role, all_there_are))
                    assert await shows(first, role, 0)
            assert await shows(second, role, 0)

    asyncio.run(run())


def test_an_erasure_is_owed_from_its_order_until_its_key_is_gone_from_the_ring(
    city_log: str, postgres: str
) -> None:
    case_id = CaseId("owed-for-a-minute")

    async def run() -> None:
        async with lab(city_log, postgres, "owed") as city:
            begun = await city.submit(case_id, "secret", source(1))
            await city.append(routed(begun), erased(case_id, at=after(30)))
            async with working(projector.run, city.worker()):
                await city.projected()
            ours = replace(city.worker(), now=lambda: after(90))
            async with working(janitor.run, ours):
                await city.settled(partial(owes, ours, 1, 60.0))
                async with working(projector.run, city.worker("2")):
                    await city.settled(partial(owes, ours, 0, 0.0))
            assert value(ours, metrics.JANITOR_OWED) is None
            assert value(ours, metrics.JANITOR_OWED_SECONDS) is None

    asyncio.run(run())


async def shows(worker: Worker, role: LeaseRole, partitions: int) -> bool:
    return value(worker, metrics.LEASES, role=role) == partitions


async def owes(worker: Worker, cases: int, seconds: float) -> bool:
    shown = value(worker, metrics.JANITOR_OWED), value(worker, metrics.JANITOR_OWED_SECONDS)
    return shown == (cases, seconds)


def value(worker: Worker, metric: Metric, **labels: str) -> float | None:
    return worker.meters.registry.get_sample_value(metric.name, labels)
