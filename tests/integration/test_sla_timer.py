"""The sla-timer on a real log and a real projection: never early, once, and held when it must."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from schemas import metrics
from schemas.exposition import Meters
from schemas.facts import Breached, Notice, Routed
from schemas.topics import LOG_PARTITIONS
from schemas.vocabulary import CaseId
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.projection import Projection
from streams.sla_timer.sources import Sources
from streams.sla_timer.timer import Timer
from tests.books import FixedBook
from tests.builders import CITY, PARKS, acknowledged, promise, routed, submitted
from tests.ground import Ground, ground, new_case, now, until, working

pytestmark = pytest.mark.integration

ALL = frozenset(range(LOG_PARTITIONS))
SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    """The timer's clock, set by the test."""

    at: datetime = field(default_factory=now)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Watch:
    """A timer in this process, with its clock and its numbers."""

    timer: Timer
    clock: Clock
    meters: Meters

    async def look(self) -> None:
        while await self.timer.look(ALL):
            pass

    @property
    def held(self) -> float | None:
        return self.meters.registry.get_sample_value(metrics.TIMER_HELD.name)


def watch(on: Ground, *, hold_seconds: float = 300) -> Watch:
    meters, clock = Meters(metrics.ALL), Clock()
    timer = Timer(
        Projection(on.connection, inbox_generation=1),
        Sources(on.broker),
        Announcer(on.log, FixedBook(), meters, clock),
        meters,
        clock=clock,
        hold_max=timedelta(seconds=hold_seconds),
    )
    return Watch(timer, clock, meters)


async def opened(
    on: Ground, *, start: datetime, seconds: int = 60, case_id: CaseId | None = None
) -> Routed:
    """A case with one clock, appended and not projected."""
    first = submitted(case_id or new_case(), at=start)
    clocks = (promise("first-response", seconds=seconds, start=start, percents=(50, 80)),)
    second = routed(first, promises=clocks)
    await on.append(first, second)
    return second


async def notices(on: Ground, *cases: Routed) -> list[Notice]:
    facts = await on.facts_of(*(one.case_id for one in cases))
    return [fact for fact in facts if isinstance(fact, Notice)]


def test_after_an_outage_all_is_recorded_with_both_times_and_the_highest_step_delivered(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on:
            timed = watch(on)
            case = await opened(on, start=now() - 3600 * SECOND)
            await on.project()
            await on.account()

            await timed.look()
            await on.project()
            await timed.look()

            said = await notices(on, case)
            deadline = case.promises[0].deadline
            assert [one.due_at for one in said] == [
                deadline - 30 * SECOND,
                deadline - 12 * SECOND,
                deadline,
            ]
            assert {one.recorded_at for one in said} == {timed.clock.at}
            assert not any(one.unconfirmed for one in said)
            assert await _told(on, case) == ["assigned", "breached"]

    asyncio.run(run())


def test_while_the_projection_lags_it_holds_and_says_so(kafka: str, database: str) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on:
            timed = watch(on)
            case = await opened(on, start=now() - 3600 * SECOND)
            await on.project()
            await on.account()
            # It lags for whatever lies in that partition.
            await on.append(submitted(case.case_id, digest="again"))

            with capture_logs() as logs:
                for _ in range(5):
                    await timed.look()
                    timed.clock.at += SECOND

            assert await notices(on, case) == []
            assert timed.held == 1
            (said,) = [one for one in logs if "held" in one["event"]]
            assert said["municipality"] == CITY
            assert any(name.startswith("case-facts/") for name in said["behind"])

            await on.project()
            await timed.look()

            assert len(await notices(on, case)) == 3
            await on.project()
            await timed.look()
            assert timed.held == 0

    asyncio.run(run())


def test_what_lies_in_the_inbox_before_the_deadline_prevents_the_breach(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on:
            timed = watch(on)
            case = await opened(on, start=now() - 59 * SECOND)
            await on.project()
            await on.account()
            await timed.look()
            await on.project()
            in_time = case.promises[0].deadline - SECOND
            await on.log.append(f"progress-{CITY}-{PARKS}", None, b"acknowledged")
            timed.clock.at = case.promises[0].deadline + 10 * SECOND

            await timed.look()

            assert timed.held == 1
            assert not any(isinstance(one, Breached) for one in await notices(on, case))

            await on.append(acknowledged(case.case_id, at=in_time))
            await on.project()
            await on.account()
            for _ in range(3):
                timed.clock.at += SECOND
                await timed.look()

            assert not any(isinstance(one, Breached) for one in await notices(on, case))
            state = "select state from clocks where case_id = $1"
            assert await on.connection.fetchval(state, case.case_id) == "met"

    asyncio.run(run())


def test_held_too_long_it_is_announced_as_unconfirmed(kafka: str, database: str) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on:
            timed = watch(on, hold_seconds=30)
            case = await opened(on, start=now() - 3600 * SECOND)
            await on.project()
            await on.log.append(f"progress-{CITY}-{PARKS}", None, b"never accounted for")

            for _ in range(4):
                await timed.look()
                timed.clock.at += 10 * SECOND
            before = await notices(on, case)
            await timed.look()
            await timed.look()
            said = await notices(on, case)
            await on.account()

            assert before == []
            assert [one.unconfirmed for one in said] == [True, True, True]

    asyncio.run(run())


def test_a_case_that_cannot_be_folded_stops_no_other(kafka: str, database: str) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on:
            timed = watch(on)
            bad = await opened(on, start=now() - 3600 * SECOND)
            good = await opened(on, start=now() - 3600 * SECOND)
            await on.project()
            await on.account()
            broken = "update facts set fact = '{}' where case_id = $1"
            await on.connection.execute(broken, bad.case_id)

            with capture_logs() as logs:
                await timed.look()
                await timed.look()

            await on.connection.execute("delete from clocks where case_id = $1", bad.case_id)
            assert len(await notices(on, good)) == 3
            assert [one["case_id"] for one in logs if one["event"] == "incident"] == [bad.case_id]

    asyncio.run(run())


def test_a_case_of_seconds_is_warned_and_breached_once_and_never_early(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on, working("sla-timer", on), projecting(on):
            cases = [await opened(on, start=now(), seconds=2) for _ in range(20)]
            await until(lambda: _all_breached(on, cases))

            said = await notices(on, *cases)
            assert Counter(one.fact_id for one in said).most_common(1)[0][1] == 1
            assert len(said) == 3 * len(cases)
            late = [(one.recorded_at - one.due_at).total_seconds() for one in said]
            assert min(late) > 0
            assert max(late) < 2

    asyncio.run(run())


def test_killed_between_its_append_and_the_projection_it_says_nothing_twice(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on, working("sla-timer", on) as timer:
            cases = [await opened(on, start=now() - 3600 * SECOND) for _ in range(20)]
            await on.project()
            await on.account()

            await until(lambda: _said(on, cases, 60))
            timer.kill()
            timer.start()
            await asyncio.sleep(2.5)
            await on.project()
            await asyncio.sleep(0.5)

            counted = Counter(one.fact_id for one in await notices(on, *cases))
            assert set(counted.values()) == {1}
            assert len(counted) == 60

    asyncio.run(run())


def test_two_timers_share_the_work_and_one_dying_costs_its_lease(kafka: str, database: str) -> None:
    async def run() -> None:
        async with (
            ground(kafka, database) as on,
            working("sla-timer", on, instance="one") as one,
            working("sla-timer", on, instance="two"),
            projecting(on),
        ):
            first = [await opened(on, start=now() - 3600 * SECOND) for _ in range(20)]
            await until(lambda: _all_breached(on, first))
            one.kill()
            second = [await opened(on, start=now() - 3600 * SECOND) for _ in range(20)]
            await until(lambda: _all_breached(on, second), seconds=6)

            counted = Counter(one.fact_id for one in await notices(on, *first, *second))
            assert set(counted.values()) == {1}
            assert len(counted) == 3 * 40

    asyncio.run(run())


@asynccontextmanager
async def projecting(on: Ground) -> AsyncIterator[None]:
    """The projector and the accountant at work, as long as the test takes."""

    async def work() -> None:
        while True:
            await on.project()
            await on.account()
            await asyncio.sleep(0.05)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled(), task.exception()


async def _all_breached(on: Ground, cases: list[Routed]) -> bool:
    return await _said(on, cases, 3 * len(cases))


async def _said(on: Ground, cases: list[Routed], count: int) -> bool:
    return len({one.fact_id for one in await notices(on, *cases)}) >= count


async def _told(on: Ground, case: Routed) -> list[str]:
    rows = await on.connection.fetch(
        "select kind from outbox where case_id = $1 order by log_offset, ordinal", case.case_id
    )
    return [row["kind"] for row in rows]
