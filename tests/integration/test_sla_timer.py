"""The sla-timer on a real log and a real projection: never early, once, and held when it must."""

import asyncio
from collections import Counter

import pytest
from structlog.testing import capture_logs

from schemas.notices import Breached, Escalated
from tests.builders import CITY, PARKS, acknowledged, submitted
from tests.ground import ground, now, until, working
from tests.integration.timed import (
    SECOND,
    all_breached,
    notices,
    notices_are,
    opened,
    projecting,
    told,
    watch,
)
from tests.ticking import TERMS, paused

pytestmark = pytest.mark.integration


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
            assert await told(on, case) == ["assigned", "breached"]

    asyncio.run(run())


def test_each_step_of_the_ladder_is_said_once_in_its_order_and_the_highest_delivered(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on:
            timed = watch(on)
            case = await opened(on, start=now() - 3600 * SECOND, steps=(5, 10))
            await on.project()
            await on.account()

            for _ in range(3):
                await timed.look()
                await on.project()

            deadline = case.promises[0].deadline
            steps = [one for one in await notices(on, case) if isinstance(one, Escalated)]
            assert [(one.step, one.due_at) for one in steps] == [
                (1, deadline + 5 * SECOND),
                (2, deadline + 10 * SECOND),
            ]
            assert len(await notices(on, case)) == 5
            assert (await told(on, case)).count("escalated") == 1
            due = "select next_due_at from clocks where case_id = $1"
            assert await on.connection.fetchval(due, case.case_id) is None

    asyncio.run(run())


def test_a_pause_ends_by_itself_and_its_clock_is_breached_at_the_later_deadline(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database, terms=TERMS) as on:
            timed = watch(on)
            start = now() - 20 * SECOND
            case = await opened(on, start=start)
            until_then = start + 110 * SECOND
            await on.append(paused(case.case_id, at=start + 10 * SECOND, until=until_then))
            await on.project()
            await on.account()

            said: list[list[str]] = []
            for seconds in (90, 111, 161):
                timed.clock.at = start + seconds * SECOND
                await timed.look()
                await on.project()
                said.append([type(one).__name__ for one in await notices(on, case)])

            assert said == [
                [],
                ["PauseEnded"],
                ["PauseEnded", "Warned", "Warned", "Breached"],
            ]
            assert (await notices(on, case))[-1].due_at == start + 160 * SECOND

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
            first = await opened(on, start=now() - 3600 * SECOND)
            await until(lambda: all_breached(on, [first]))
            cases = [await opened(on, start=now(), seconds=2) for _ in range(20)]
            await until(lambda: all_breached(on, cases))

            said = await notices(on, *cases)
            assert Counter(one.fact_id for one in said).most_common(1)[0][1] == 1
            assert len(said) == 3 * len(cases)
            late = [(one.recorded_at - one.due_at).total_seconds() for one in said]
            assert min(late) > 0
            assert max(late) < 5

    asyncio.run(run())


def test_killed_between_its_append_and_the_projection_it_says_nothing_twice(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with ground(kafka, database) as on, working("sla-timer", on) as timer:
            cases = [await opened(on, start=now() - 3600 * SECOND) for _ in range(20)]
            await on.project()
            await on.account()

            await until(lambda: notices_are(on, cases, 60))
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
            await until(lambda: all_breached(on, first))
            one.kill()
            second = [await opened(on, start=now() - 3600 * SECOND) for _ in range(20)]
            await until(lambda: all_breached(on, second), seconds=30)

            counted = Counter(one.fact_id for one in await notices(on, *first, *second))
            assert set(counted.values()) == {1}
            assert len(counted) == 3 * 40

    asyncio.run(run())
