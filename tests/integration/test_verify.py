"""The proof: it is silent where the projection is the fold of the log, and names what is not."""

import asyncio

import pytest

from schemas.codec import encode
from schemas.topics import CASE_FACTS, KEYRING, partition_of
from schemas.vocabulary import CaseId
from streams import projector
from streams.core.case import Case, Positioned
from streams.core.terms import AllTerms
from streams.verifier import partition as verifying
from streams.verifier import verify
from tests.builders import (
    NOON,
    acknowledged,
    after,
    closed_then,
    deadline_set,
    erased,
    past,
    resolved,
    routed,
    source,
    submitted,
    warned,
)
from tests.integration.lab import Lab, lab, process, working
from tests.integration.proving import verified

pytestmark = pytest.mark.integration

OPEN, ERASED, PAST = CaseId("proof-open"), CaseId("proof-erased"), CaseId("proof-past")


async def _fill(city: Lab, prefix: str = "") -> None:
    """A bit of all that there is: judgements of each kind, an erasure, a past, letters, rubbish."""
    here, gone, before = (CaseId(f"{prefix}{one}") for one in (OPEN, ERASED, PAST))
    first = await city.submit(here, "چراغ خاموش است", source(1, inbox="intake-proof"))
    decision = routed(first)
    await city.append(decision, first, warned(decision, at=after(40)))
    await city.append(acknowledged(here, at=after(50)), acknowledged(here, at=after(51), offset=9))
    second = await city.submit(gone, "a secret", source(2, inbox="intake-proof"))
    await city.append(routed(second), erased(gone))
    third = past(submitted(before), after(-9_000))
    decided = routed(third, promises=())
    closed = closed_then(resolved(before), after(-99_000))
    await city.append(third, decided, deadline_set(decided), closed)
    await city.append_bytes(CASE_FACTS, b"x", b"{", here)
    await city.append_bytes(KEYRING, b"heartbeat/0", b"", here)
    await city.append_bytes(KEYRING, b"no key", b"{}", here)
    await city.set_aside(source(3, inbox="intake-proof"))


async def _projected(city: Lab) -> None:
    async with working(projector.run, city.worker()):
        await city.projected()


def test_nothing_differs_in_a_projection_that_the_projector_made(
    city_log: str,
    postgres: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "ROWS_AT_ONCE_MAX", 3)  # Several slices a partition.

    async def run() -> None:
        async with lab(city_log, postgres, "proof_clean") as city:
            await _fill(city)
            await _projected(city)
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])
            facts, cases = await city.count("facts"), await city.count("cases")
            assert (verdict.end["facts"], verdict.end["cases"]) == (facts, cases)

    asyncio.run(run())


def test_what_is_not_projected_yet_is_counted_and_does_not_pass_for_proven(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "proof_behind") as city:
            await _fill(city)
            await _projected(city)
            assert (await verified(city, capsys)).end["behind"] == 0
            await city.append(acknowledged(OPEN, at=after(60)), resolved(OPEN))
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.end["behind"]) == (0, 2)

    asyncio.run(run())


CORRUPTIONS = {
    ("facts", "differs", "judgement"): (
        "update facts set judgement = 'refused' where case_id = 'proof-open' "
        "and type = 'case.warned.v1'"
    ),
    ("facts", "differs", "fact"): (
        "update facts set fact = jsonb_set(fact, '{reason}', '\"x\"') where case_id = 'proof-open' "
        "and type = 'case.routed.v1'"
    ),
    ("facts", "missing", None): (
        "delete from facts where case_id = 'proof-past' and type = 'case.deadline-set.v1'"
    ),
    ("facts", "too many", None): (
        "insert into facts select log_partition, -5, case_id, fact_id, type, recorded_at, "
        "judgement, refusal, refused_for, fact from facts where case_id = 'proof-open' limit 1"
    ),
    ("cases", "differs", "state"): "update cases set state = 'routed' where case_id = 'proof-open'",
    ("cases", "differs", "lat"): "update cases set lat = 36 where case_id = 'proof-open'",
    ("cases", "missing", None): "delete from cases where case_id = 'proof-past'",
    ("cases", "too many", None): (
        "insert into cases (case_id, log_partition, version, municipality, channel, state, "
        "tracking_code, submitted_at, recorded_at, submitted_offset, historical, times_reversed, "
        "transfers, reopenings) "
        "select 'nobody', 3, 1, 'x', 'web', 'routed', '1', now(), now(), 1, false, false, 0, 0"
    ),
    ("clocks", "differs", "next_due_at"): (
        "update clocks set next_due_at = now() where case_id = 'proof-open' and kind = 'resolution'"
    ),
    ("clocks", "missing", None): "delete from clocks where case_id = 'proof-past'",
    ("outbox", "differs", "department"): (
        "update outbox set department = 'x' where case_id = 'proof-open' and kind = 'assigned'"
    ),
    ("outbox", "differs", "trace"): (
        "update outbox set trace = 'x' where case_id = 'proof-open' and kind = 'assigned'"
    ),
    ("outbox", "missing", None): (
        "delete from outbox where case_id = 'proof-open' and kind = 'warned'"
    ),
    ("outbox", "too many", None): (
        "insert into outbox select log_partition, log_offset, 7, case_id, municipality, "
        "department, kind, words from outbox where case_id = 'proof-erased'"
    ),
    ("contents", "differs", "content"): (
        "update contents set content = '{\"text\": \"another\"}' where case_id = 'proof-open'"
    ),
    ("contents", "too many", None): "insert into contents values ('nobody', 1, '{}')",
    ("case_words", "differs", "words"): (
        "update case_words set words = 'another' where case_id = 'proof-open'"
    ),
    ("case_words", "too many", None): "insert into case_words values ('proof-past', {past}, 'x')",
    ("keyring", "differs", "wrapped"): (
        "update keyring set wrapped = 'x' where case_id = 'proof-erased'"
    ),
    ("keyring", "missing", None): "delete from keyring where case_id = 'proof-open'",
    ("dead_letters", "differs", "reason"): (
        "update dead_letters set reason = 'x' where inbox = 'intake-proof'"
    ),
    ("unreadable", "differs", "record"): (
        "update unreadable set record = '1' where topic = 'case-facts' and record = '{{'"
    ),
    ("unreadable", "missing", None): "delete from unreadable where topic = 'keyring'",
    ("covered", "missing", None): (
        "delete from covered where inbox = 'intake-proof' and inbox_offset = 2"
    ),
    ("covered", "too many", None): "insert into covered values ('policies', 1, 0, 0)",
}


def test_every_table_s_corruption_is_named_with_its_case_and_no_word_of_a_citizen(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "proof_corrupt") as city:
            await _fill(city)
            await city.log.append("policies", b"x/1", b"{}", partition=0)
            await _projected(city)
            for statement in CORRUPTIONS.values():
                changed = await city.tables.execute(
                    statement.replace("{past}", str(partition_of(PAST))).replace("{{", "{")
                )
                assert not changed.endswith(" 0"), statement
            verdict = await verified(city, capsys)
            assert verdict.code == verify.EXIT_DIFFERS
            assert CORRUPTIONS.keys() <= verdict.tables()
            named = {one.get("case") for one in verdict.differences}
            assert named <= {OPEN, ERASED, PAST, "nobody", None}
            assert {OPEN, ERASED, PAST} <= named
            assert not any(word in str(verdict.differences) for word in ("چراغ", "another"))

    asyncio.run(run())


def test_a_position_that_is_off_by_one_is_caught(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    move = "update log_positions set facts_offset = facts_offset + $2 where log_partition = $1"

    async def run() -> None:
        async with lab(city_log, postgres, "proof_offset") as city:
            await _fill(city)
            await _projected(city)
            where = partition_of(PAST)
            await city.tables.execute(move, where, -1)
            verdict = await verified(city, capsys)
            assert verdict.code == verify.EXIT_DIFFERS
            assert ("facts", "too many", None) in verdict.tables()

            await city.tables.execute(move, where, 2)
            verdict = await verified(city, capsys)
            assert verdict.code == verify.EXIT_LOST
            assert "lost its tail" in verdict.end["end"]

            await city.tables.execute(move, where, -1)
            await city.tables.execute("update log_positions set cluster_id = 'another'")
            assert (await verified(city, capsys)).code == verify.EXIT_LOST

    asyncio.run(run())


def test_a_mark_that_passed_a_message_without_an_outcome_is_caught(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`policies` stands for an inbox here: a record lies in it that no fact answers for."""
    mark = "insert into inbox_marks values ('policies', 1, 0, $1)"

    async def run() -> None:
        async with lab(city_log, postgres, "proof_mark") as city:
            place = await city.log.append("policies", b"x/1", b"{}", partition=0)
            await _projected(city)
            await city.tables.execute(mark, place.offset + 1)
            verdict = await verified(city, capsys)
            assert ("inbox_marks", "differs", "mark") in verdict.tables()

    asyncio.run(run())


def test_a_case_that_cannot_be_folded_is_proven_as_it_stands(
    city_log: str,
    postgres: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from streams.core import fold as core  # noqa: PLC0415
    from streams.projector import folding as projecting  # noqa: PLC0415
    from streams.verifier import folding as proving  # noqa: PLC0415

    broken = CaseId("proof-broken")

    def failing(case: Case, positioned: Positioned, terms: AllTerms) -> object:
        fact = positioned.fact
        assert (fact.case_id, fact.type) != (broken, "case.routed.v1")
        return core.step(case, positioned, terms)

    async def run() -> None:
        async with lab(city_log, postgres, "proof_unfoldable") as city:
            fact = submitted(broken)
            await city.append(fact, routed(fact), acknowledged(broken))
            await _projected(city)
            row = await city.row("cases", broken)
            assert row is not None
            assert row["unfoldable"]
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    monkeypatch.setattr(projecting, "step", failing)
    monkeypatch.setattr(proving, "step", failing)
    asyncio.run(run())


def test_it_is_clean_after_a_kill_and_while_facts_come_in(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "proof_live") as city:
            with process(city, "projector", "1") as child:
                await city.projected()
                for number in range(200):
                    fact = submitted(CaseId(f"proof-live-{number}"))
                    await city.append(fact, routed(fact))
                child.kill()
                child.wait()
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

            async def come_in() -> None:
                for number in range(500):
                    await city.submit(CaseId(f"proof-more-{number}"), "متن", source(number))

            async with working(projector.run, city.worker()):
                coming = asyncio.create_task(come_in())
                while not coming.done():
                    verdict = await verified(city, capsys)
                    assert (verdict.code, verdict.differences) == (0, [])
                await coming
                await city.projected()
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())


def test_a_fact_that_the_tables_do_not_take_is_counted_and_is_no_difference(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verifying.UNFIT in f"DataError: {verifying.UNFIT}"
    case_id = CaseId("proof-unfit")

    async def run() -> None:
        async with lab(city_log, postgres, "proof_unfit") as city:
            await city.append(submitted(case_id, at=NOON))
            far = encode(submitted(case_id, digest="d2")).replace(
                b'"offset":0', b'"offset":9' + b"9" * 30
            )
            await city.append_bytes(CASE_FACTS, b"x", far, case_id)
            await _projected(city)
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())
