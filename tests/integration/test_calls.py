"""Calls that made no case, from the log to the table: each once, in a rebuild and a proof too."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.city_metrics import ANSWERED_CALLS as COUNTED
from schemas.codec import encode
from schemas.messages import CALL_SECONDS_MAX, CallAnswered
from schemas.records import call_name
from schemas.topics import ANSWERED_CALLS, LOG_PARTITIONS, partition_of_call
from schemas.vocabulary import Author, CallDigest, CallOutcome, Category, Municipality
from streams import projector
from streams.process import Worker
from streams.verifier import verify
from tests.builders import CITY, NOON, routed, source
from tests.integration.lab import Lab, lab, process, working
from tests.integration.proving import rebuilt, verified

pytestmark = pytest.mark.integration
COLUMNS = "municipality, call, outcome, category, answered_at, seconds"


def call(name: str, outcome: CallOutcome = "informed", **more: Any) -> CallAnswered:  # noqa: ANN401
    plain = CallAnswered(
        municipality=CITY,
        call=CallDigest(name),
        author=Author("staff/operator-7"),
        outcome=outcome,
        answered_at=NOON,
    )
    return replace(plain, **more)


async def rows(city: Lab) -> list[tuple[object, ...]]:
    found = await city.tables.fetch(f"select {COLUMNS} from answered_calls order by 1, 2")  # noqa: S608
    return [tuple(row) for row in found]


async def put(city: Lab, key: bytes | None, value: bytes | None, where: int) -> None:
    await city.log.append(ANSWERED_CALLS, key, value, partition=where)


async def fresh(city: Lab) -> None:
    """Other tests leave their calls in this log: from here on none of them is read."""
    ends = await city.ends(ANSWERED_CALLS)
    async with working(projector.run, city.worker()):
        await city.projected()
    await city.tables.execute("truncate answered_calls")
    assert len(ends) == LOG_PARTITIONS


def counted(worker: Worker, outcome: str) -> float:
    shown = worker.meters.registry.get_sample_value(
        COUNTED.name, {"municipality": CITY, "outcome": outcome}
    )
    return shown or 0.0


def test_a_call_counts_once_however_often_it_is_told_and_as_it_was_told_last(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "calls_once") as city:
            await fresh(city)
            worker = city.worker()
            first = call("once-a", seconds=40)
            corrected = replace(
                first,
                outcome="abuse",
                category=Category("OTH-01"),
                answered_at=NOON + timedelta(minutes=1),
                seconds=None,
            )
            elsewhere = replace(first, municipality=Municipality("boston"))
            async with working(projector.run, worker):
                await city.answer(first, first, call("once-b", "dropped"), elsewhere)
                await city.projected()
                await city.answer(first, corrected)
                await city.projected()

            assert await rows(city) == [
                ("boston", "once-a", "informed", None, NOON, 40),
                (CITY, "once-a", "abuse", "OTH-01", NOON + timedelta(minutes=1), None),
                (CITY, "once-b", "dropped", None, NOON, None),
            ]
            assert [counted(worker, one) for one in ("informed", "dropped", "abuse")] == [1, 1, 0]

    asyncio.run(run())


def test_of_two_records_in_one_batch_the_later_counts(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "calls_batch") as city:
            await fresh(city)
            worker = city.worker()
            await city.answer(call("batch"), call("batch", "no-service"), call("batch", "abuse"))
            async with working(projector.run, worker):
                await city.projected()

            assert [row[2] for row in await rows(city)] == ["abuse"]
            assert counted(worker, "abuse") == 1

    asyncio.run(run())


def test_what_is_no_call_is_set_aside_and_the_others_go_on(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = call("aside-good")
    where = partition_of_call(good.call)

    async def run() -> None:
        async with lab(city_log, postgres, "calls_aside") as city:
            await fresh(city)
            key, value = call_name(good).encode(), encode(good)
            too_long = encode(replace(good, seconds=CALL_SECONDS_MAX + 1))
            for wrong_key, wrong_value, partition in (
                (key, b"{", where),
                (key, None, where),
                (None, value, where),
                (b"hashtgerd/another", value, where),
                (key, value.replace(b"informed", b"happy"), where),
                (key, value, (where + 1) % LOG_PARTITIONS),
                (key, too_long, where),
                (key, encode(replace(good, seconds=-1)), where),
            ):
                await put(city, wrong_key, wrong_value, partition)
            await city.answer(good)
            case = await city.submit("aside-case", "متن", source(1))  # pyright: ignore[reportArgumentType]
            await city.append(routed(case))
            async with working(projector.run, city.worker()):
                await city.projected()

            assert [row[:3] for row in await rows(city)] == [(CITY, "aside-good", "informed")]
            assert await city.count("unreadable", topic=ANSWERED_CALLS) >= 8
            assert await city.count("cases", case_id="aside-case") == 1
            verdict = await verified(city, capsys)
            assert [one for one in verdict.differences if one["table"] == "unreadable"] == []

    asyncio.run(run())


def test_a_projector_that_is_killed_counts_none_twice(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "calls_killed") as city:
            for number in range(120):
                await city.answer(call(f"killed-{number % 40}"))
            with process(city, "projector", "1") as child:
                await city.settled(lambda: _some(city, "killed-%"))
                child.kill()
                child.wait()
            await city.answer(*(call(f"killed-{number}", "dropped") for number in range(40)))
            async with working(projector.run, city.worker("2")):
                await city.projected()

            found = [row[2] for row in await rows(city) if str(row[1]).startswith("killed-")]
            assert found == ["dropped"] * 40
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())


async def _some(city: Lab, like: str) -> bool:
    query = "select count(*) > 0 from answered_calls where call like $1"
    return bool(await city.tables.fetchval(query, like))


def test_a_rebuild_has_them_again_also_beside_a_projection_that_knew_of_none(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    older = (
        "alter table projection.log_positions drop column calls_offset",
        "drop table projection.answered_calls",
        "update projection.about set layout = 'of an earlier version'",
    )

    async def run() -> None:
        async with lab(city_log, postgres, "calls_again") as city:
            await city.answer(call("again-a"), call("again-b", "abuse"), call("again-a", "dropped"))
            async with working(projector.run, city.worker()):
                await city.projected()
                before = await rows(city)
                assert await rebuilt(city, workers=2) == 0
                assert await rows(city) == before
                await city.answer(call("again-c"))
                await city.projected()
                assert len(await rows(city)) == len(before) + 1
            for statement in older:
                await city.tables.execute(statement)
            assert await rebuilt(city) == 0

            assert len(await rows(city)) == len(before) + 1
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())


CORRUPTIONS = {
    ("answered_calls", "differs", "outcome"): (
        "update answered_calls set outcome = 'abuse' where call = 'proof-a'"
    ),
    ("answered_calls", "differs", "seconds"): (
        "update answered_calls set seconds = 7 where call = 'proof-b'"
    ),
    ("answered_calls", "missing", None): "delete from answered_calls where call = 'proof-c'",
    ("answered_calls", "too many", None): (
        "insert into answered_calls values ('hashtgerd', 'proof-d', {where}, 'informed', null, "
        "now(), null)"
    ),
}


def test_a_row_that_the_log_does_not_have_like_this_is_named(
    city_log: str,
    postgres: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "ROWS_AT_ONCE_MAX", 2)  # Several slices a partition.
    where = str(partition_of_call(CallDigest("proof-d")))

    async def run() -> None:
        async with lab(city_log, postgres, "calls_proof") as city:
            await city.answer(*(call(f"proof-{one}", seconds=40) for one in "abc"))
            async with working(projector.run, city.worker()):
                await city.projected()
            assert (await verified(city, capsys)).differences == []

            for statement in CORRUPTIONS.values():
                await city.tables.execute(statement.replace("{where}", where))
            verdict = await verified(city, capsys)
            assert verdict.code == verify.EXIT_DIFFERS
            assert verdict.tables() == CORRUPTIONS.keys()
            assert len(verdict.differences) == len(CORRUPTIONS)

            await city.tables.execute("update answered_calls set log_partition = 99")
            assert ("answered_calls", "too many", None) in (await verified(city, capsys)).tables()

    asyncio.run(run())


def test_of_a_call_that_was_told_again_since_the_snapshot_nothing_is_said(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its former record may be compacted away by then."""

    async def run() -> None:
        async with lab(city_log, postgres, "calls_moved") as city:
            await city.answer(call("moved"))
            async with working(projector.run, city.worker()):
                await city.projected()
            await city.tables.execute(
                "update answered_calls set outcome = 'abuse' where call = 'moved'"
            )
            assert (await verified(city, capsys)).code == verify.EXIT_DIFFERS

            await city.answer(call("moved", "dropped"))

            assert (await verified(city, capsys)).differences == []

    asyncio.run(run())


def test_a_position_of_the_calls_that_the_log_does_not_reach_is_a_lost_log(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "calls_lost") as city:
            async with working(projector.run, city.worker()):
                await city.projected()
            await city.tables.execute("update log_positions set calls_offset = calls_offset + 1")
            verdict = await verified(city, capsys)
            assert verdict.code == verify.EXIT_LOST
            assert f"{ANSWERED_CALLS}/0" in verdict.end["end"]

    asyncio.run(run())


def test_who_writes_from_another_position_changes_nothing(city_log: str, postgres: str) -> None:
    where = partition_of_call(CallDigest("fenced"))
    beside = next(
        f"beside-{number}"
        for number in range(1_000)
        if partition_of_call(CallDigest(f"beside-{number}")) == where
    )
    beyond = "update log_positions set calls_offset = $2 where log_partition = $1"

    async def run() -> None:
        async with lab(city_log, postgres, "calls_fenced") as city:
            async with working(projector.run, city.worker(lease_seconds=60)):
                await city.projected()
                end = (await city.ends(ANSWERED_CALLS))[where]
                await city.tables.execute(beyond, where, end + 1)
                # What it reads next is not from where the table says: it starts over from there.
                await city.answer(call("fenced"), call(beside))
                await city.settled(lambda: _some(city, beside))
            assert await city.count("answered_calls", call="fenced") == 0

    asyncio.run(run())
