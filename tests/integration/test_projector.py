"""The projector on a real log and a real database: the tables are the fold, whatever happens."""

import asyncio
import random
import signal
import time
from collections.abc import Sequence
from functools import partial

import pytest

from schemas.codec import decode_fact, encode
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, partition_of
from schemas.vocabulary import CaseId
from streams import projector
from streams.away import AwayError
from streams.core.case import Case, Positioned
from streams.core.fold import fold
from streams.core.tables import case_row, clock_rows
from streams.core.terms import AllTerms
from streams.fetches import Fetches
from streams.process import EXIT_AWAY, HaltError
from streams.projector import folding, worker
from tests.builders import acknowledged, after, resolved, routed, source, submitted, warned
from tests.integration.lab import Lab, lab, process, working

pytestmark = pytest.mark.integration

LEASE_SECONDS = 1.0
START_SECONDS_MAX = 5.0
AT_ONCE_SECONDS_MAX = 1.0


def test_what_is_appended_is_read_in_the_tables(city_log: str, postgres: str) -> None:
    case_id = CaseId("whole-case")

    async def run() -> None:
        async with lab(city_log, postgres, "whole") as city:
            first = await city.submit(case_id, "چراغ خاموش است", source(7, partition=2))
            decision = routed(first)
            await city.append(decision, first, warned(decision, at=after(40)))
            await city.append(acknowledged(case_id, at=after(50)))
            await city.set_aside(source(8, partition=2))
            async with working(projector.run, city.worker()):
                await city.projected()

            found = await city.row("cases", case_id)
            assert found is not None
            assert (found["state"], found["department"]) == ("acknowledged", "parks")
            assert found["version"] == max(await _offsets(city, case_id))
            assert await _judgements(city, case_id) == [
                "effective",
                "effective",
                "duplicate",
                "effective",
                "effective",
            ]
            clocks = await city.tables.fetch(
                "select kind, state, next_due_at from clocks where case_id = $1 order by kind",
                case_id,
            )
            assert [tuple(clock) for clock in clocks] == [
                ("first-response", "met", None),
                ("resolution", "running", after(300)),
            ]
            content = await city.row("contents", case_id)
            assert content is not None
            assert "چراغ خاموش است" in content["content"]
            outbox = await city.tables.fetch(
                "select kind from outbox where case_id = $1 order by log_offset", case_id
            )
            assert [row["kind"] for row in outbox] == ["assigned", "warned"]
            assert await city.count("covered", inbox="intake-web", inbox_partition=2) == 2
            assert await city.count("dead_letters", inbox="intake-web", inbox_offset=8) == 1

    asyncio.run(run())


def test_a_submission_alone_does_not_answer_for_its_position(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "alone") as city:
            await city.append(submitted(CaseId("alone"), lies=source(1, inbox="intake-alone")))
            async with working(projector.run, city.worker()):
                await city.projected()
            assert await city.count("covered", inbox="intake-alone") == 0

    asyncio.run(run())


def test_an_erased_case_is_read_by_nobody(city_log: str, postgres: str) -> None:
    erased_later, erased_before = CaseId("erased-later"), CaseId("erased-before")

    async def run() -> None:
        async with lab(city_log, postgres, "erased") as city:
            later = await city.submit(erased_later, "secret", source(1))
            before = await city.submit(erased_before, "secret", source(2))
            await city.erase(before)
            async with working(projector.run, city.worker()):
                await city.projected()
                assert await city.count("contents", case_id=erased_later) == 1
                await city.erase(later)
                await city.append(routed(later))
                await city.projected()

            for case_id in (erased_later, erased_before):
                assert await city.count("cases", case_id=case_id) == 1
                assert await city.count("contents", case_id=case_id) == 0
                assert await city.count("keyring", case_id=case_id) == 0

    asyncio.run(run())


def test_a_case_that_cannot_be_folded_stops_and_no_other(
    city_log: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = CaseId("broken-16"), CaseId("sound-16")
    step = folding.step

    def failing(case: Case, positioned: Positioned, terms: AllTerms) -> object:
        assert (case.case_id, positioned.fact.type) != (broken, "case.routed.v1")
        return step(case, positioned, terms)

    async def run() -> None:
        async with lab(city_log, postgres, "unfoldable") as city:
            for case_id in (broken, sound):
                fact = submitted(case_id)
                await city.append(fact, routed(fact), acknowledged(case_id))
            async with working(projector.run, city.worker()):
                await city.projected()
            async with working(projector.run, city.worker()):
                await city.append(resolved(broken), resolved(sound))
                await city.projected()

            bad, good = await city.row("cases", broken), await city.row("cases", sound)
            assert bad is not None
            assert good is not None
            assert (bad["state"], good["state"]) == ("submitted", "resolved")
            assert "AssertionError at position" in bad["unfoldable"]
            assert good["unfoldable"] is None
            assert await _judgements(city, broken) == ["effective"] + ["unfoldable"] * 3

    monkeypatch.setattr(folding, "step", failing)
    asyncio.run(run())


def test_what_cannot_be_read_or_kept_is_set_aside_and_its_neighbours_go_on(
    city_log: str, postgres: str
) -> None:
    good = CaseId("good-neighbour")
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    drawn = random.Random(137)  # noqa: S311 - a text that does not compress
    unfit = CaseId("".join(drawn.choice(alphabet) for _ in range(20_000)))

    async def run() -> None:
        async with lab(city_log, postgres, "unreadable") as city:
            ends = await city.ends(CASE_FACTS)
            await city.append_bytes(CASE_FACTS, b"x", b"{", good)
            await city.append_bytes(CASE_FACTS, b"x", None, good)
            nul = encode(submitted(good)).replace(b"client-1", b"client\\u0000")
            await city.append_bytes(CASE_FACTS, b"x", nul, good)
            await city.append(submitted(unfit))
            elsewhere = encode(submitted(CaseId("good-neighbour-0")))
            await city.append_bytes(CASE_FACTS, b"x", elsewhere, good)
            await city.append(routed(submitted(good)))
            async with working(projector.run, city.worker()):
                await city.projected()

            found = await city.row("cases", good)
            assert found is not None
            assert found["state"] == "routed"
            query = "select log_partition, log_offset, reason from unreadable where topic = $1"
            reasons = [
                row["reason"]
                for row in await city.tables.fetch(query, CASE_FACTS)
                if row["log_offset"] >= ends[row["log_partition"]]
            ]
            assert len(reasons) == 4
            assert any("another partition" in reason for reason in reasons)
            assert any("the tables do not take it" in reason for reason in reasons)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("update log_positions set facts_offset = 1000000", "the log went back"),
        ("update log_positions set cluster_id = 'another'", "the log of cluster another"),
    ],
)
def test_a_log_that_is_not_the_one_we_read_stops_the_projector_with_words(
    city_log: str, postgres: str, change: str, words: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "went_back") as city:
            async with working(projector.run, city.worker()):
                await city.projected()
            await city.tables.execute(change)
            with pytest.raises(HaltError, match=words) as caught:
                await projector.run(city.worker())
            assert "rebuild" in str(caught.value)

    asyncio.run(run())


def test_another_master_key_is_noticed_at_the_start(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "master") as city:
            await city.submit(CaseId("master"), "text", source(1))
            async with working(projector.run, city.worker()):
                await city.projected()
            with pytest.raises(HaltError, match="PEYGIR_MASTER_KEY"):
                await projector.run(city.worker(master=b"x" * 32))

    asyncio.run(run())


def test_a_database_that_goes_away_ends_the_process(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "away") as city:
            task = asyncio.ensure_future(projector.run(city.worker()))
            await city.projected()
            await city.tables.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'peygir projector' and datname = current_database()"
            )
            with pytest.raises(AwayError):
                await asyncio.wait_for(task, 10)

    asyncio.run(run())


def test_a_projector_killed_in_the_middle_loses_and_doubles_nothing(
    city_log: str, postgres: str
) -> None:
    count, kills = 600, 4
    cases = [CaseId(f"killed-{number}") for number in range(count)]

    async def run() -> None:
        async with lab(city_log, postgres, "killed") as city:
            for turn in range(kills):
                for case_id in cases[turn::kills]:
                    fact = submitted(case_id, lies=source(0, inbox="intake-killed"))
                    await city.append(fact, routed(fact))
                before = await city.count("facts")
                with process(city, "projector", "1") as child:
                    async with city.unfinished():
                        child.kill()
                        child.wait()
                assert await city.count("facts") == before
            with process(city, "projector", "1"):
                await city.projected()

            for case_id in cases:
                assert await city.count("facts", case_id=case_id) == 2
                assert await city.count("outbox", case_id=case_id) == 1
            await _is_the_fold(city, cases)

    asyncio.run(run())


def test_a_projector_that_was_stopped_and_woken_writes_nothing(
    city_log: str, postgres: str
) -> None:
    case_id = CaseId("taken-over")
    fact = submitted(case_id)

    async def run() -> float:
        settings = {"lease_seconds": LEASE_SECONDS}
        async with lab(city_log, postgres, "taken_over") as city:
            with process(city, "projector", "first", **settings) as first:
                await city.append(fact)
                await city.projected()
                first.send_signal(signal.SIGSTOP)
                stopped_at = time.monotonic()
                with process(city, "projector", "second", **settings) as second:
                    await city.append(routed(fact), acknowledged(case_id))
                    await city.settled(partial(_is_owned_by, city, "second"))
                    took = time.monotonic() - stopped_at
                    await city.projected()
                    before = await _state(city, case_id)
                    first.send_signal(signal.SIGCONT)
                    await city.append(resolved(case_id))
                    await city.projected()
                    await asyncio.sleep(2 * LEASE_SECONDS)

                    assert (before, await _state(city, case_id)) == ("acknowledged", "resolved")
                    assert await _is_owned_by(city, "second")
                    assert (first.poll(), second.poll()) == (None, None)
                    await _is_the_fold(city, [case_id])
        return took

    assert asyncio.run(run()) < LEASE_SECONDS + START_SECONDS_MAX


def test_a_projector_stopped_in_the_middle_of_a_batch_holds_nobody_up_and_writes_nothing(
    city_log: str, postgres: str
) -> None:
    case_id = CaseId("stopped-midway")
    fact = submitted(case_id)

    async def run() -> int | None:
        settings = {"lease_seconds": LEASE_SECONDS}
        async with lab(city_log, postgres, "midway") as city:
            with process(city, "projector", "first", **settings) as first:
                await city.projected()
                await city.append(fact, routed(fact))
                async with city.unfinished():
                    first.send_signal(signal.SIGSTOP)
                with process(city, "projector", "second", **settings):
                    await city.settled(partial(_is_owned_by, city, "second"))
                    await city.append(acknowledged(case_id))
                    await city.projected()
                    first.send_signal(signal.SIGCONT)
                    await asyncio.to_thread(first.wait, START_SECONDS_MAX)

                    assert await _state(city, case_id) == "acknowledged"
                    assert await _judgements(city, case_id) == ["effective"] * 3
                    await _is_the_fold(city, [case_id])
                return first.poll()

    assert asyncio.run(run()) == EXIT_AWAY


def test_a_batch_is_refused_when_the_lease_is_anothers_by_now(city_log: str, postgres: str) -> None:
    case_id = CaseId("lease-stolen")

    async def run() -> None:
        async with (
            lab(city_log, postgres, "stolen") as city,
            working(projector.run, city.worker(lease_seconds=60)),
        ):
            await city.projected()
            await city.tables.execute("update log_positions set owner = 'another'")
            await city.append(submitted(case_id))
            await asyncio.sleep(1)
            assert await city.row("cases", case_id) is None

            await city.tables.execute("update log_positions set owner = null")
            await city.projected()
            assert await city.row("cases", case_id) is not None

    asyncio.run(run())


def test_a_batch_that_was_refused_is_read_again_when_the_lease_comes_back(
    city_log: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = CaseId("lease-given-back")
    monkeypatch.setattr(worker, "POLL_SECONDS", 1.0)

    async def run() -> None:
        async with (
            lab(city_log, postgres, "given_back") as city,
            working(projector.run, city.worker(lease_seconds=60)),
        ):
            await city.projected()
            await city.tables.execute("update log_positions set owner = 'another'")
            await city.append(submitted(case_id))
            await asyncio.sleep(0.5)
            await city.tables.execute("update log_positions set owner = '1'")
            await city.projected()
            assert await city.row("cases", case_id) is not None

    asyncio.run(run())


def test_a_batch_is_refused_when_the_position_is_not_where_it_was_left(
    city_log: str, postgres: str
) -> None:
    case_id = CaseId("position-moved")
    move = "update log_positions set facts_offset = facts_offset + 1 where log_partition = $1"

    async def run() -> None:
        async with (
            lab(city_log, postgres, "moved") as city,
            working(projector.run, city.worker(lease_seconds=60)),
        ):
            await city.projected()
            await city.tables.execute(move, partition_of(case_id))
            await city.append(acknowledged(case_id), submitted(case_id))
            await city.projected()
            assert await _judgements(city, case_id) == ["effective"]

    asyncio.run(run())


async def _is_owned_by(city: Lab, owner: str) -> bool:
    return await city.count("log_positions", owner=owner) == LOG_PARTITIONS


async def _state(city: Lab, case_id: CaseId) -> str:
    row = await city.row("cases", case_id)
    assert row is not None
    return row["state"]


async def _is_the_fold(city: Lab, cases: list[CaseId]) -> None:
    """Every row of these cases is what the fold makes of the facts that stand in the table."""
    facts: dict[CaseId, list[Positioned]] = {case_id: [] for case_id in cases}
    query = "select case_id, log_offset, fact::text from facts order by log_partition, log_offset"
    for row in await city.tables.fetch(query):
        if row["case_id"] in facts:
            one = Positioned(offset=row["log_offset"], fact=decode_fact(row["fact"]))
            facts[row["case_id"]].append(one)
    rows = {row["case_id"]: row for row in await city.tables.fetch("select * from cases")}
    clocks: dict[str, set[tuple[object, ...]]] = {}
    for row in await city.tables.fetch("select * from clocks"):
        clocks.setdefault(row["case_id"], set()).add(tuple(row))
    for case_id, history in facts.items():
        case = fold(case_id, history)
        partition = rows[case_id]["log_partition"]
        assert tuple(rows[case_id])[:-1] == case_row(case, partition)
        assert clocks[case_id] == set(clock_rows(case, partition))


async def _offsets(city: Lab, case_id: CaseId) -> list[int]:
    rows = await city.tables.fetch("select log_offset from facts where case_id = $1", case_id)
    return [row["log_offset"] for row in rows]


async def _judgements(city: Lab, case_id: CaseId) -> list[str]:
    rows = await city.tables.fetch(
        "select judgement from facts where case_id = $1 order by log_offset", case_id
    )
    return [row["judgement"] for row in rows]


def test_while_nothing_comes_its_fetches_wait_long_and_what_comes_then_is_read_at_once(
    city_log: str, postgres: str, fetches: Sequence[Fetches]
) -> None:
    async def waits_long() -> bool:
        return fetches[-1] == worker.IDLE

    async def run() -> float:
        async with lab(city_log, postgres, "idle") as city, working(projector.run, city.worker()):
            await city.projected()
            await city.settled(waits_long)
            fact = submitted(CaseId("comes-at-last"))
            await city.append(fact, routed(fact))
            began = time.monotonic()
            await city.projected()
            took = time.monotonic() - began
            before = len(fetches)
            for number in range(30):
                await city.append(submitted(CaseId(f"comes-{number}")))
            assert worker.BUSY in fetches[before:]
            await city.settled(waits_long)
            return took

    assert asyncio.run(run()) < AT_ONCE_SECONDS_MAX
