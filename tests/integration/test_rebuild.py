"""A rebuild beside the projection at work: the same rows, whatever happens to it on the way."""

import asyncio
import signal
import subprocess
from functools import partial

import asyncpg
import pytest

from schemas.projection import LAYOUT, REBUILD_LOCK
from schemas.topics import LOG_PARTITIONS, partition_of
from schemas.vocabulary import CaseId
from streams import projector
from streams.kafka import Broker
from streams.projector import build, swap
from streams.projector.rebuild import EXIT_TAKEN
from tests.builders import acknowledged, routed, source
from tests.integration.lab import Lab, lab, working
from tests.integration.proving import rebuilding, rebuilt, verified

pytestmark = pytest.mark.integration

SET_ASIDE = "select count(*) from unreadable where position($1::bytea in record) > 0"

TABLES = ("facts", "cases", "clocks", "outbox", "contents", "case_words", "keyring", "dead_letters")


async def _fill(city: Lab, name: str, count: int = 40) -> None:
    for number in range(count):
        fact = await city.submit(CaseId(f"{name}-{number}"), "متن", source(number, inbox=name))
        await city.append(routed(fact))
        if number % 2:
            await city.append(acknowledged(fact.case_id, offset=number))
    await city.set_aside(source(count, inbox=name))


async def _rows(city: Lab) -> dict[str, set[tuple[object, ...]]]:
    return {
        table: {tuple(row) for row in await city.tables.fetch(f"select * from {table}")}  # noqa: S608
        for table in TABLES
    }


async def _generation(city: Lab) -> str:
    return await city.tables.fetchval("select generation from projection.about") or ""


def test_what_is_rebuilt_is_what_was_there_and_goes_on_from_there(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "again") as city:
            await _fill(city, "again")
            await city.tables.execute("insert into desk.delivered values (0, 17)")
            await city.tables.execute("insert into inbox_marks values ('again', 1, 0, 30)")
            async with working(projector.run, city.worker()):
                await city.projected()
                before, generation = await _rows(city), await _generation(city)
                assert await rebuilt(city, workers=2) == 0
                assert await _rows(city) == before
                assert await _generation(city) != generation

                # The projector that was at work takes up the new one by itself.
                await _fill(city, "afterwards", 10)
                await city.projected()
            assert await city.count("cases", case_id="afterwards-9") == 1
            assert await city.count("desk.delivered", log_offset=17) == 1
            assert await city.count("inbox_marks", mark=30) == 1
            assert await city.count("covered", inbox="again") == 11
            verdict = await verified(city, capsys)
            assert [one for one in verdict.differences if one["table"] != "inbox_marks"] == []
            old = "select to_regnamespace('projection_old') is null"
            assert await city.tables.fetchval(old)
            indexed = "select count(*) from pg_indexes where schemaname = 'projection'"
            assert await city.tables.fetchval(indexed) == await _indexes_of_the_layout(city)

    asyncio.run(run())


async def _indexes_of_the_layout(city: Lab) -> int:
    """As many as a projection has that provision lays out."""
    from schemas import projection  # noqa: PLC0415

    await city.tables.execute("create schema plain; set search_path = plain")
    await city.tables.execute(projection.TABLES + projection.INDEXES)
    count = "select count(*) from pg_indexes where schemaname = 'plain'"
    return await city.tables.fetchval(count) or 0


def test_a_projector_that_waits_to_write_at_the_swap_writes_nothing_of_the_former(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = CaseId("at-the-swap")
    hold = "select from log_positions where log_partition = $1 for update"

    async def run() -> None:
        async with lab(city_log, postgres, "at_the_swap") as city:
            holder = await asyncpg.connect(
                city.database, server_settings={"search_path": "projection"}
            )
            async with working(projector.run, city.worker(lease_seconds=60)):
                await city.projected()
                transaction = holder.transaction()
                await transaction.start()
                await holder.execute(hold, partition_of(case_id))
                rebuild = asyncio.create_task(rebuilt(city))
                # The swap queues for the row first, and behind it the projector with a fact.
                await city.settled(partial(_waits, city, "peygir rebuild"))
                fact = await city.submit(case_id, "متن", source(1))
                await city.append(routed(fact))
                await city.settled(partial(_waits, city, "peygir projector"))
                await transaction.commit()
                assert await rebuild == 0
                await city.append(acknowledged(case_id))
                await city.projected()
            await holder.close()
            assert await city.count("facts", case_id=case_id) == 3
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])
            # Other tests leave their own in this log.
            assert await city.tables.fetchval(SET_ASIDE, case_id.encode()) == 0

    asyncio.run(run())


def test_the_swap_takes_the_former_positions_from_their_owner(city_log: str, postgres: str) -> None:
    owned = "insert into log_positions (log_partition, cluster_id, owner) values (3, 'x', '1')"

    async def run() -> None:
        async with lab(city_log, postgres, "taken_from") as city:
            await city.tables.execute(owned)
            builder = await asyncpg.connect(city.database, server_settings=build.SESSION)
            broker = Broker(city.kafka, client="test", wait_seconds=10)
            await broker.start()
            await build.lay_out(builder, "x")
            await swap.swap(builder, broker, _nothing)
            await broker.stop()
            await builder.close()
            rows = await city.tables.fetch("select owner from projection_old.log_positions")
            assert [row["owner"] for row in rows] == ["rebuilt"]
            free = "select count(*) from projection.log_positions where owner is null"
            assert await city.tables.fetchval(free) == LOG_PARTITIONS

    asyncio.run(run())


async def _nothing() -> None:
    """Nobody writes to the fresh projection."""


async def _waits(city: Lab, application: str) -> bool:
    query = """
    select count(*) > 0 from pg_stat_activity where application_name = $1
    and datname = current_database() and wait_event_type = 'Lock'
    """
    return bool(await city.tables.fetchval(query, application))


@pytest.mark.parametrize(
    "ruin",
    [
        "drop schema projection cascade",
        (
            "update projection.about set layout = 'of another version'; "
            "create schema projection_next; create table projection_next.half (one int)"
        ),
        "update projection.log_positions set facts_offset = 10000000, cluster_id = 'another'",
    ],
)
def test_it_works_whatever_is_there(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str], ruin: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "whatever") as city:
            await _fill(city, "whatever", 5)
            async with working(projector.run, city.worker()):
                await city.projected()
            await city.tables.execute(ruin)
            assert await rebuilt(city) == 0
            layout = await city.tables.fetchval("select layout from projection.about")
            assert layout == LAYOUT
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())


def test_a_second_rebuild_says_that_one_is_under_way(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "twice") as city:
            other = await asyncpg.connect(city.database)
            await other.execute(f"select pg_advisory_lock({REBUILD_LOCK})")
            assert await rebuilt(city) == EXIT_TAKEN
            await other.close()

    asyncio.run(run())


@pytest.mark.parametrize("phase", ["loading", "indexes", "catching up"])
def test_a_rebuild_killed_anywhere_leaves_the_projection_at_work_as_it_was(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str], phase: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "killed_rebuild") as city:
            await _fill(city, "killed-rebuild", 20)
            async with working(projector.run, city.worker()):
                await city.projected()
                generation = await _generation(city)
                with rebuilding(city) as child:
                    await asyncio.to_thread(_until_said, child, phase)
                    child.send_signal(signal.SIGKILL)
                    child.wait()
                assert await _generation(city) == generation
                await _fill(city, "killed-after", 5)
                await city.projected()
                assert await city.count("cases", case_id="killed-after-4") == 1
                assert await rebuilt(city) == 0
                assert await _generation(city) != generation
                await city.projected()
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())


def _until_said(child: subprocess.Popen[str], phase: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if f'"phase": "{phase}"' in line:
            return
    raise AssertionError(f"it never came to {phase}")
