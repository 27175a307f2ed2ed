"""The stream of changes over a real database: complete, without repetitions, in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from schemas.facts import Fact
from schemas.topics import partition_of
from schemas.vocabulary import CaseId, Department
from services.api.changes import hub, stream
from services.keys import store
from tests.builders import CITY, PARKS, acknowledged, erased, resolved, routed, submitted
from tests.changing import Api, api, case_id
from tests.sse import Event, watch

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 10
Work = Callable[[Api], Awaitable[None]]


def run(database: str, work: Work, **settings: float) -> None:
    async def main() -> None:
        async with api(database, **settings) as here, asyncio.timeout(30):
            await work(here)

    asyncio.run(main())


def history(number: int, *, department: Department = PARKS) -> list[Fact]:
    """A case from its submission to its end."""
    case = case_id(number)
    opened = submitted(case)
    facts: list[Fact] = [opened, routed(opened, department=department)]
    facts.append(acknowledged(case, offset=2 * number, department=department))
    facts.append(resolved(case, offset=2 * number + 1, department=department))
    return facts


async def read(here: Api, key: str, query: str = "", *, after: str | None = None) -> list[Event]:
    """Everything that a stream with an end sends."""
    async with watch(here.url, query, key=key, after=after) as answer:
        assert answer.status == 200, answer.body
        return [one async for one in answer.events]


async def upto(events: Any, count: int) -> list[Event]:  # noqa: ANN401
    found: list[Event] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for event in events:
            if event.name:
                found.append(event)
            if len(found) == count:
                break
    return found


async def refusal(here: Api, key: str, query: str = "", *, after: str | None = None) -> Any:  # noqa: ANN401
    async with watch(here.url, query, key=key, after=after) as answer:
        assert answer.headers["content-type"] == "application/problem+json"
        return orjson.loads(answer.body) | {"retry": answer.headers.get("retry-after")}


def names(events: list[Event]) -> list[tuple[str, str]]:
    return [(one.json()["case_id"], one.json()["fact_id"]) for one in events]


def wanted(*histories: list[Fact]) -> set[tuple[str, str]]:
    return {(fact.case_id, fact.fact_id) for facts in histories for fact in facts}


def in_order(events: list[Event]) -> bool:
    """Whether the versions of each partition only grow."""
    last: dict[int, int] = {}
    for one in events:
        data = one.json()
        partition = partition_of(CaseId(data["case_id"]))
        if data["version"] <= last.get(partition, -1):
            return False
        last[partition] = data["version"]
    return True


def test_a_stream_begins_now_and_tells_each_change_once_in_order(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        await here.log.project(*history(1))
        async with watch(here.url, key=key) as answer:
            (hello,) = await upto(answer.events, 1)
            assert (hello.name, hello.json()["cursor"]) == ("hello", hello.id)
            await here.log.project(*history(2), *history(3))
            events = await upto(answer.events, 8)
        assert set(names(events)) == wanted(history(2), history(3))
        assert in_order(events)
        assert len({one.id for one in events}) == 8
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"

    run(database, work)


def test_an_event_shows_the_case_as_that_fact_left_it_however_late_it_is_read(
    database: str,
) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        facts = [*history(1), erased(case_id(1))]
        await here.log.project(*facts)
        events = await read(here, key, "?after=beginning&until=now")
        shown = [(one.json()["state"], one.json()["department"]) for one in events]
        assert [one.json()["type"] for one in events] == [fact.type for fact in facts]
        assert [state for state, _ in shown] == [
            "submitted",
            "routed",
            "acknowledged",
            "resolved",
            "resolved",
        ]
        assert [department for _, department in shown] == [None, *4 * ["parks"]]
        assert {key for one in events for key in one.json()} == {
            "case_id", "version", "type", "fact_id", "recorded_at", "municipality",
            "department", "state",
        }  # fmt: skip

    run(database, work)


def test_what_had_no_effect_is_no_change(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        facts = history(1)
        too_late = acknowledged(case_id(1), offset=9)
        await here.log.project(*facts, facts[0], too_late)
        events = await read(here, key, "?after=beginning&until=now")
        assert names(events) == [(fact.case_id, fact.fact_id) for fact in facts]
        cursor = (await read(here, key, "?until=now"))[0].id
        assert await read(here, key, "?until=now", after=cursor) == []

    run(database, work)


def test_any_id_resumes_after_its_event_in_another_process_too(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        for number in range(1, 7):
            await here.log.project(*history(number))
        every = await read(here, key, "?after=beginning&until=now")
        assert len(every) == 24
        for at, event in enumerate(every):
            rest = await read(here, key, "?until=now", after=event.id)
            assert sorted(names(rest)) == sorted(names(every[at + 1 :]))
        # The header is the newer: a browser sends it with the address it began at.
        assert not await read(here, key, "?after=beginning&until=now", after=every[-1].id)

    run(database, work)


def test_a_resumed_stream_goes_over_from_the_past_to_what_comes(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        await here.log.project(*history(1), *history(2))
        began = (await read(here, key, "?after=beginning&limit=3"))[-1].id
        async with watch(here.url, key=key, after=began) as answer:
            past = await upto(answer.events, 5)
            await here.log.project(*history(3))
            events = past + await upto(answer.events, 4)
        first = await read(here, key, "?after=beginning&limit=3")
        assert sorted(names(first + events)) == sorted(wanted(*map(history, (1, 2, 3))))
        assert in_order(events)

    run(database, work)


def test_who_falls_behind_the_memory_goes_on_from_the_database(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "CHANGES_AT_ONCE_MAX", 3)

    async def work(here: Api) -> None:
        here.parts.changes._changes_max = 4  # noqa: SLF001  # no setting: a bound of memory
        key = (await here.key()).shown
        async with watch(here.url, key=key) as answer:
            await upto(answer.events, 1)
            for number in range(1, 20):
                await here.log.project(*history(number))
            await here.log.project(*(fact for one in range(20, 30) for fact in history(one)))
            events = await upto(answer.events, 29 * 4)
        assert set(names(events)) == wanted(*map(history, range(1, 30)))
        assert len({one.id for one in events}) == len(events)
        assert in_order(events)

    run(database, work)


def test_filters_choose_and_every_stream_of_one_filter_shares_them(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        await here.log.project(*history(1), *history(2, department=Department("roads")))

        async def count(query: str) -> int:
            return len(await read(here, key, f"?after=beginning&until=now&{query}"))

        assert await count(f"municipality={CITY}") == 8
        assert await count("municipality=nowhere") == 0
        assert await count("department=roads") == 3
        assert await count("state=resolved") == 2
        assert await count(f"case_id={case_id(1)}") == 4
        assert await count(f"case_id={case_id(1)}&department=roads") == 0

    run(database, work)


def test_a_key_sees_what_it_may_and_nothing_else(database: str) -> None:
    async def work(here: Api) -> None:
        await here.log.project(*history(1), *history(2, department=Department("roads")))
        roads = (await here.key(f"department:{CITY}/roads")).shown
        city = (await here.key(f"read:{CITY}")).shown
        elsewhere = (await here.key("read:boston")).shown
        app = (await here.key("channel:app")).shown

        seen = await read(here, roads, "?after=beginning&until=now")
        assert {one.json()["department"] for one in seen} == {"roads"}
        assert len(await read(here, city, "?after=beginning&until=now")) == 8
        assert await read(here, elsewhere, "?after=beginning&until=now") == []
        assert (await refusal(here, app))["status"] == 403
        assert (await refusal(here, elsewhere, f"?municipality={CITY}"))["status"] == 403
        assert (await refusal(here, roads, "?department=parks"))["status"] == 403
        assert (await refusal(here, "pgr_none"))["status"] == 401

    run(database, work)


def test_a_cursor_that_cannot_be_is_refused_in_words_before_the_stream(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        await here.log.project(*history(1))
        good = (await read(here, key, "?until=now"))[0].id
        edited = good[:12] + ("A" if good[12] != "A" else "B") + good[13:]
        await here.log.connection.execute("update log_positions set facts_offset = 0")
        ahead = await refusal(here, key, after=good)
        assert ahead["status"] == 422
        assert "ahead of the log" in ahead["errors"][0]["detail"]
        for text in (edited, good[:-1], "0", "%F0%9F%8C%B3", "x" * 190, "AAAA"):
            answer = await refusal(here, key, f"?after={text}")
            assert answer["status"] == 422, text
            assert answer["errors"][0]["pointer"] == "/query/after"
        assert (await refusal(here, key, after="bent"))["errors"][0]["pointer"] == (
            "/header/last-event-id"
        )
        for query in ("?limit=0", "?until=then", "?state=lost", "?case_id=x", "?depatment=x"):
            assert (await refusal(here, key, query))["status"] == 422

    run(database, work)


def test_after_a_rebuild_a_stream_is_told_to_start_again(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        await here.log.project(*history(1))
        old = (await read(here, key, "?until=now"))[0].id
        async with watch(here.url, key=key) as answer:
            await upto(answer.events, 1)
            await here.log.rebuild()
            (told,) = await upto(answer.events, 1)
            assert (told.name, told.json()["cursor"]) == ("restart", told.id)
            await here.log.project(*history(2))
            assert set(names(await upto(answer.events, 4))) == wanted(history(2))
        (late,) = await read(here, key, "?until=now", after=old)
        assert late.name == "restart"
        assert await read(here, key, "?until=now", after=late.id) == []

    run(database, work)


def test_a_revoked_key_ends_its_stream(database: str) -> None:
    async def work(here: Api) -> None:
        key, other = await here.key(), await here.key()
        async with (
            watch(here.url, key=key.shown) as ended,
            watch(here.url, key=other.shown) as kept,
        ):
            await store.revoke(here.log.connection, key.key_id)
            began = time.monotonic()
            assert [one.name async for one in ended.events] == ["hello"]
            assert time.monotonic() - began < 2
            await here.log.project(*history(1))
            assert len(await upto(kept.events, 5)) == 5
        assert (await refusal(here, key.shown))["status"] == 401

    run(database, work)


def test_no_more_streams_than_the_setting_says(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        async with watch(here.url, key=key) as one, watch(here.url, key=key) as two:
            assert one.status == two.status == 200
            full = await refusal(here, key)
            assert (full["status"], full["retry"]) == (503, "5")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                async with watch(here.url, key=key) as again:
                    if again.status == 200:
                        break
                await asyncio.sleep(0.05)

    run(database, work, streams_max=2)


def test_every_stream_ends_at_once_and_cleanly_when_the_process_is_to_stop(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        async with watch(here.url, key=key) as one, watch(here.url, key=key) as two:
            await asyncio.gather(upto(one.events, 1), upto(two.events, 1))
            began = time.monotonic()
            stopping = asyncio.create_task(here.stop())
            assert [event async for event in one.events] == []
            assert [event async for event in two.events] == []
            await stopping
            assert time.monotonic() - began < 2

    run(database, work)


def test_lost_sessions_of_postgres_are_made_again_and_nothing_is_missed(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        async with watch(here.url, key=key) as answer:
            await upto(answer.events, 1)
            for number in range(1, 4):
                await here.log.connection.execute(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where application_name like 'peygir-edge%' and datname = current_database()
                    """
                )
                await here.log.project(*history(number))
            events = await upto(answer.events, 12)
        assert set(names(events)) == wanted(*map(history, (1, 2, 3)))
        assert in_order(events)

    run(database, work)


def test_a_lost_notification_is_made_up_for(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.1)

    async def work(here: Api) -> None:
        key = (await here.key()).shown
        await here.log.connection.execute(
            "create or replace function projection.pg_notify(text, text) returns void"
            " language sql as ''"
        )
        await here.log.connection.execute("set search_path to projection, pg_catalog, desk")
        async with watch(here.url, key=key) as answer:
            await upto(answer.events, 1)
            await here.log.project(*history(1))
            assert len(await upto(answer.events, 4)) == 4

    run(database, work)


def test_a_silent_stream_says_that_it_is_there_and_how_far(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SILENT_SECONDS_MAX", 0.1)

    async def work(here: Api) -> None:
        key = (await here.key()).shown
        async with watch(here.url, "?municipality=nowhere", key=key) as answer:
            (hello,) = await upto(answer.events, 1)
            await here.log.project(*history(1))
            async with asyncio.timeout(PATIENCE_SECONDS):
                moved = await anext(one async for one in answer.events if one.id != hello.id)
        assert (moved.name, moved.data) == ("", b"")
        assert await read(here, key, "?until=now", after=moved.id) == []

    run(database, work)


def test_a_watched_hour_is_not_taken_for_a_slow_answer(database: str) -> None:
    async def work(here: Api) -> None:
        key = (await here.key()).shown
        async with watch(here.url, key=key) as answer:
            await upto(answer.events, 1)
            await asyncio.sleep(1)
        await here.stop()
        took = here.parts.meters.registry.get_sample_value(
            "http_server_request_duration_seconds_sum",
            {
                "http_request_method": "GET",
                "http_route": "/api/v1/changes",
                "http_response_status_code": "200",
            },
        )
        assert took is not None
        assert took < 0.9

    run(database, work)
