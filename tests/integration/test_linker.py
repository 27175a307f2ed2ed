"""What reports an earlier case again is linked to it, once, on a real log and a real projection."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from schemas import linker_metrics, metrics
from schemas.codec import encode
from schemas.exposition import Meters
from schemas.messages import ProgressReport
from schemas.places import Place
from schemas.policy import Budget, DuplicatePolicy
from schemas.topics import POLICIES, PROGRESS_DESK
from schemas.vocabulary import Author, CaseId
from streams import linker, postgres, projector
from streams.away import AwayError
from streams.kafka import Broker
from streams.linker.figures import Figures
from streams.linker.linker import Linker
from streams.linker.projection import Projection
from streams.linker.sources import Sources
from streams.linker.telling import Telling
from streams.policies import PolicyBook
from tests.builders import CITY, promise, routed, source
from tests.integration.lab import Lab, lab, process, working
from tests.policies import policy

pytestmark = pytest.mark.integration

HMAC_KEY = "aG1hYyBobWFjIGhtYWMgaG1hYyBobWFjIGhtYWMgaG0"
RULED = replace(
    policy(),
    duplicates=DuplicatePolicy(
        metres_max=60, within=Budget(seconds=3_600, working_time=False), settling_seconds=1
    ),
)
# Each test has a street of its own, for what one reports stays in the log.
PIPE, APART, TWICE, LEFT, BARE = (Place(lat=35.9 + 0.01 * one, lon=50.6789) for one in range(5))
SECOND = timedelta(seconds=1)
KILLS = 6
OFTEN = {"linker_tick_seconds": 0.05, "lease_seconds": 1.0}


@asynccontextmanager
async def ruled(kafka: str, postgres_url: str, name: str, data: Path) -> AsyncIterator[Lab]:
    """A city with a rule, a router for what is reported, and a projector."""
    async with lab(kafka, postgres_url, name) as city:
        await city.log.append(POLICIES, RULED.version.encode(), encode(RULED), partition=0)
        with process(city, "router progress", "1", data=data, hmac_key=HMAC_KEY):
            async with working(projector.run, city.worker()):
                await city.projected()
                # What other tests left in this log is not of this city.
                await city.tables.execute(
                    "create table begins as select log_partition, facts_offset from log_positions"
                )
                await begun_again(city)
                yield city


@asynccontextmanager
async def linking(city: Lab) -> AsyncIterator[tuple[Linker, Meters]]:
    """A linker in this process, that looks when it is told to, and its figures."""
    async with AsyncExitStack() as stack:
        connection = await postgres.connect(city.database, application="linker", idle_seconds=30)
        stack.push_async_callback(connection.close)
        broker = Broker(city.kafka, client="linker", wait_seconds=10)
        await broker.start()
        stack.push_async_callback(broker.stop)
        meters = Meters(metrics.ALL)
        one = Linker(
            Projection(connection, inbox_generation=1),
            Sources(broker),
            Telling(city.log),
            PolicyBook(city.kafka, client="linker"),
            Figures(meters, now),
            hold_max=timedelta(minutes=5),
        )
        yield one, meters


def now() -> datetime:
    return datetime.now(UTC)


async def reported(city: Lab, name: str, place: Place, *, at: datetime | None = None) -> CaseId:
    case_id, at = CaseId(name), at or now() - 5 * SECOND
    lies = source(1, inbox="intake-linker")
    said = await city.submit(case_id, "لوله ترکیده است", lies, at=at, place=place)
    clocks = (promise("resolution", seconds=36_000, start=at),)
    await city.append(routed(said, promises=clocks))
    return case_id


async def parents(city: Lab, cases: Sequence[CaseId]) -> Mapping[CaseId, CaseId | None]:
    rows = await city.tables.fetch(
        "select case_id, parent from cases where case_id = any($1::text[])", list(cases)
    )
    return {CaseId(row["case_id"]): row["parent"] for row in rows}


async def said_of(city: Lab, cases: Sequence[CaseId]) -> Counter[tuple[str, str]]:
    """The links of each case that have an effect, and those that do not."""
    rows = await city.tables.fetch(
        "select case_id, judgement from facts "
        "where type = 'case.linked.v1' and case_id = any($1::text[])",
        list(cases),
    )
    return Counter((row["case_id"], row["judgement"]) for row in rows)


async def begun_again(city: Lab) -> None:
    """Where the linker stands is lost: it begins where the test began."""
    await city.tables.execute("truncate desk.looked_at; insert into desk.looked_at table begins")


async def told(city: Lab) -> None:
    """Waits until all that lies at the desk is a fact, or set aside."""
    end = await at_the_desk(city)

    async def there() -> bool:
        return await city.count("covered", inbox=PROGRESS_DESK) == end

    await city.settled(there)
    await city.projected()


async def at_the_desk(city: Lab) -> int:
    return (await city.ends(PROGRESS_DESK))[0]


async def looked(one: Linker) -> None:
    """Looks until all that was there when the inboxes were first asked is compared."""
    await one.look(now())
    await asyncio.sleep(0.2)
    while await one.look(now()):
        continue


def test_eight_reports_of_one_pipe_in_the_same_second_follow_the_first(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with ruled(city_log, postgres, "linker_eight", tmp_path) as city:
            before, at = await at_the_desk(city), now() - 5 * SECOND
            # Those with the later names come first into the log.
            eight = [await reported(city, f"pipe-{one}", PIPE, at=at) for one in reversed(range(8))]
            alone = await reported(city, "elsewhere", Place(lat=35.99, lon=50.6))
            await city.projected()
            async with linking(city) as (one, meters):
                await looked(one)
                await told(city)

                assert await parents(city, [*eight, alone]) == {
                    **dict.fromkeys(eight, "pipe-0"),
                    "pipe-0": None,
                    alone: None,
                }
                value = meters.registry.get_sample_value
                cases = linker_metrics.LINKER_CASES.name
                for found, count in (("linked", 7), ("alone", 2), ("left", 0)):
                    assert value(cases, {"municipality": CITY, "found": found}) == count
            linked = await city.tables.fetch(
                "select fact from facts where type = 'case.linked.v1' and case_id like 'pipe-%'"
            )
            assert len(linked) == 7
            assert all("همان موضوع، در ۰ متری، در همان ثانیه" in row["fact"] for row in linked)
            assert all('"author": "linker"' in row["fact"] for row in linked)
            # Everybody who reported it is kept, with what they said.
            for case_id in eight:
                assert await city.count("contents", case_id=case_id) == 1
            # Another that begins where this one ended has nothing to say, and one that begins
            # anew says nothing of what was said before.
            async with linking(city) as (one, _):
                await looked(one)
                await begun_again(city)
                await looked(one)
            assert await at_the_desk(city) == before + 7

    asyncio.run(run())


def test_what_a_person_has_taken_apart_is_never_linked_again(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with ruled(city_log, postgres, "linker_apart", tmp_path) as city:
            before = await at_the_desk(city)
            first, second, third = [
                await reported(city, f"apart-{one}", APART, at=now() - (9 - one) * SECOND)
                for one in range(3)
            ]
            await city.projected()
            async with linking(city) as (one, _):
                await looked(one)
                await told(city)
                apart = ProgressReport(
                    case_id=third,
                    did="unlinked",
                    municipality=CITY,
                    author=Author("staff/registrar"),
                    role="operator",
                )
                await city.log.append(PROGRESS_DESK, third.encode(), encode(apart), partition=0)
                await told(city)
                await begun_again(city)
                await looked(one)

            assert await at_the_desk(city) == before + 3
            assert await parents(city, [second, third]) == {second: first, third: None}

    asyncio.run(run())


def test_a_linker_that_dies_after_it_spoke_and_two_at_once_change_nothing(
    city_log: str, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with ruled(city_log, postgres, "linker_twice", tmp_path) as city:
            before = await at_the_desk(city)
            cases = [await reported(city, f"twice-{one}", TWICE) for one in range(4)]
            await city.projected()
            async with linking(city) as (one, _), linking(city) as (other, _):
                with monkeypatch.context() as dying:
                    dying.setattr(Projection, "moved", _away)
                    for _ in range(2):
                        with pytest.raises(AwayError):
                            await looked(one)
                await asyncio.gather(looked(one), looked(other))
                assert await at_the_desk(city) >= before + 3
            await told(city)

            said = await said_of(city, cases)
            assert await parents(city, cases) == {one: _first(one, cases) for one in cases}
            assert {key: count for key, count in said.items() if key[1] == "effective"} == {
                (case_id, "effective"): 1 for case_id in cases[1:]
            }
            # What was said twice before it was judged is a repetition, whatever it says now.
            assert {verdict for _, verdict in said} <= {"effective", "duplicate"}

    asyncio.run(run())


def test_a_case_that_was_closed_before_it_was_compared_and_one_that_was_linked_stay_as_they_are(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with ruled(city_log, postgres, "linker_left", tmp_path) as city:
            before = await at_the_desk(city)
            cases = [await reported(city, f"left-{one}", LEFT) for one in range(3)]
            shut = ProgressReport(
                case_id=cases[0],
                did="closed-without-action",
                why="no-action-needed",
                municipality=CITY,
                author=Author("staff/registrar"),
                role="operator",
                department=routed().department,
            )
            linked = ProgressReport(
                case_id=cases[2],
                did="linked",
                parent=cases[1],
                municipality=CITY,
                author=Author("staff/registrar"),
                role="operator",
            )
            for report in (shut, linked):
                value = encode(report)
                await city.log.append(PROGRESS_DESK, report.case_id.encode(), value, partition=0)
            await told(city)
            async with linking(city) as (one, _):
                await looked(one)

            assert await at_the_desk(city) == before + 2
            assert await parents(city, cases) == {
                cases[0]: None,
                cases[1]: None,
                cases[2]: cases[1],
            }

    asyncio.run(run())


def test_without_a_rule_nothing_is_linked(city_log: str, postgres: str, tmp_path: Path) -> None:
    del tmp_path

    async def run() -> None:
        async with lab(city_log, postgres, "linker_no_rule") as city:
            bare = policy(since=datetime(2026, 2, 1, tzinfo=UTC))
            await city.log.append(POLICIES, bare.version.encode(), encode(bare), partition=0)
            before = await at_the_desk(city)
            async with working(projector.run, city.worker()):
                for one in range(3):
                    said = await city.submit(
                        CaseId(f"bare-{one}"), "لوله", source(one), at=now() - SECOND, place=BARE
                    )
                    decided = replace(routed(said, promises=()), policy_version=bare.version)
                    await city.append(decided)
                await city.projected()
            async with linking(city) as (one, _):
                await looked(one)

            assert await at_the_desk(city) == before
            passed = await city.tables.fetchval("select sum(log_offset) from desk.looked_at")
            assert passed == sum((await city.ends("case-facts")).values())

    asyncio.run(run())


def test_a_linker_killed_again_and_again_links_each_once_and_misses_none(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    chance = Random(137)  # noqa: S311 - moments, not a secret

    async def run() -> None:
        async with ruled(city_log, postgres, "linker_killed", tmp_path) as city:
            groups: list[list[CaseId]] = []
            for turn in range(KILLS):
                with process(city, "linker", "1", **OFTEN) as child:
                    for number in range(5):
                        place = Place(lat=35.7 + turn * 0.01, lon=50.6 + number * 0.01)
                        names = (f"killed-{turn}-{number}-{one}" for one in range(4))
                        groups.append([await reported(city, name, place) for name in names])
                    await asyncio.sleep(0.5 + chance.random() * 2)
                    child.send_signal(signal.SIGKILL)
            every = [case_id for group in groups for case_id in group]
            wanted = {one: _first(one, group) for group in groups for one in group}
            heir = city.worker("2", linker_tick_seconds=0.05, lease_seconds=1.0)
            async with working(linker.run, heir):
                await city.settled(lambda: _is(city, every, wanted))

            said = await said_of(city, every)
            effective = {
                case_id: count for (case_id, so), count in said.items() if so == "effective"
            }
            assert effective == {one: 1 for one in every if wanted[one] is not None}

    asyncio.run(run())


async def _away(*_: object) -> None:
    raise AwayError("Postgres is away: it was killed")


async def _is(city: Lab, cases: Sequence[CaseId], wanted: Mapping[CaseId, CaseId | None]) -> bool:
    return await parents(city, cases) == wanted


def _first(case_id: CaseId, group: Sequence[CaseId]) -> CaseId | None:
    """The one that the case follows; they were all reported in this order."""
    return None if case_id == group[0] else group[0]
