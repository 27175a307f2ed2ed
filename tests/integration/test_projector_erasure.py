"""What the projector forgets of an erased case, and what it makes of another system's past."""

import asyncio
from dataclasses import replace

import pytest

from schemas.codec import encode
from schemas.messages import Key
from schemas.topics import KEYRING
from schemas.vocabulary import CaseId
from streams import projector
from tests.builders import (
    after,
    closed_then,
    deadline_set,
    erased,
    past,
    resolved,
    routed,
    source,
    submitted,
)
from tests.integration.lab import Lab, lab, working

pytestmark = pytest.mark.integration


def test_an_erased_reporter_s_words_and_keys_are_forgotten_and_the_case_stays(
    city_log: str, postgres: str
) -> None:
    case_id = CaseId("forgotten")

    async def run() -> None:
        async with lab(city_log, postgres, "forgotten") as city:
            fact = await city.submit(case_id, "چراغ خاموش است", source(1))
            await city.append(routed(fact))
            async with working(projector.run, city.worker()):
                await city.projected()
                for table in ("contents", "case_words"):
                    assert await city.count(table, case_id=case_id) == 1, table

                await city.append(erased(case_id))
                await city.projected()
                for table in ("contents", "case_words"):
                    assert await city.count(table, case_id=case_id) == 0, table
                assert await _wrapped(city, case_id) == [None]
                row = await city.row("cases", case_id)
                assert row is not None
                assert (row["state"], row["erased_at"]) == ("routed", after(30))

                # A key that comes later is owed a tombstone too.
                late = Key(case_id=case_id, kid="late", wrapped="w", phone_index="p")
                name = f"{case_id}/late".encode()
                await city.append_bytes(KEYRING, name, encode(late), case_id)
                await city.projected()
                assert await _wrapped(city, case_id) == [None, None]

                await city.append_bytes(KEYRING, name, None, case_id)
                await city.erase(fact)
                await city.projected()
                assert await _wrapped(city, case_id) == []

    asyncio.run(run())


def test_a_case_erased_in_the_batch_that_brings_it_is_never_read(
    city_log: str, postgres: str
) -> None:
    case_id = CaseId("forgotten-at-once")

    async def run() -> None:
        async with lab(city_log, postgres, "forgotten_at_once") as city:
            fact = await city.submit(case_id, "چراغ خاموش است", source(1))
            await city.append(routed(fact), erased(case_id), resolved(case_id, at=after(40)))
            async with working(projector.run, city.worker()):
                await city.projected()
            assert await city.count("contents", case_id=case_id) == 0
            assert await city.count("case_words", case_id=case_id) == 0
            assert await _wrapped(city, case_id) == [None]

    asyncio.run(run())


def test_a_heartbeat_of_the_keyring_is_passed_over(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "heartbeat") as city:
            before = city.tables
            async with working(projector.run, city.worker()):
                await city.projected()
                keys = await before.fetchval("select count(*) from keyring")
                unread = await before.fetchval("select count(*) from unreadable")
                await city.append_bytes(KEYRING, b"heartbeat/3", b"now", "any")
                await city.append_bytes(KEYRING, b"heartbeat/3", None, "any")
                await city.projected()
            assert await city.count("keyring") == keys
            assert await city.count("unreadable") == unread

    asyncio.run(run())


def test_a_past_is_judged_and_nobody_is_told_of_it(city_log: str, postgres: str) -> None:
    """Opened 100 minutes ago, due in the meantime; one was closed before it was opened."""
    kept, reversed_ = CaseId("past-kept"), CaseId("past-reversed")

    async def run() -> None:
        async with lab(city_log, postgres, "past") as city:
            for case_id, closed_at in ((kept, None), (reversed_, after(-9_000))):
                opened = past(submitted(case_id), after(-6_000))
                decided = routed(opened, promises=())
                promised = deadline_set(decided)
                due = replace(promised.promise, started_at=after(-6_000), deadline=after(-3_000))
                await city.append(opened, decided, replace(promised, promise=due))
                if closed_at is not None:
                    await city.append(closed_then(resolved(case_id), closed_at))
            async with working(projector.run, city.worker()):
                await city.projected()

            still, closed = await city.row("cases", kept), await city.row("cases", reversed_)
            assert still is not None
            assert closed is not None
            assert (still["historical"], still["submitted_at"]) == (True, after(-6_000))
            assert (still["due_at"], still["times_reversed"]) == (after(-3_000), False)
            assert (closed["due_at"], closed["closed_at"]) == (None, after(-9_000))
            assert closed["times_reversed"]
            for case_id, state in ((kept, "running"), (reversed_, "met")):
                clock = await city.row("clocks", case_id)
                assert clock is not None
                assert (clock["state"], clock["next_due_at"]) == (state, None)
                assert await city.count("outbox", case_id=case_id) == 0

    asyncio.run(run())


async def _wrapped(city: Lab, case_id: CaseId) -> list[str | None]:
    query = "select wrapped from keyring where case_id = $1 order by kid"
    return [row["wrapped"] for row in await city.tables.fetch(query, case_id)]
