"""The stream of changes without a database: cursors, who sees what, clients that do not read."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.exposition import Meters
from schemas.metrics import STREAMS_ENDED, STREAMS_EVENTS, STREAMS_SUBSCRIBERS
from schemas.topics import LOG_PARTITIONS
from services.api.changes import hub, response, stream
from services.api.changes.cursor import (
    GENERATION_BYTES,
    OFFSET_MAX,
    Cursor,
    CursorError,
    beginning,
    read,
    write,
)
from services.api.changes.hub import Hub
from services.api.changes.page import ANCHORS, TURNS, state_after
from services.api.changes.response import EventStream
from services.api.changes.routes import change_routes
from services.api.changes.stream import Asked
from services.api.changes.wanted import Sight, Wanted, sight
from services.http.application import application
from services.http.problems import ProblemError
from streams.core.transitions import State, Step, after
from tests.builders import CITY, PARKS
from tests.edges import KEYS, PARKS_KEY, READ_KEY
from tests.fake_changes import FakeProjection, learned

EVERYTHING = Wanted()
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def meters() -> Meters:
    return Meters([STREAMS_SUBSCRIBERS, STREAMS_EVENTS, STREAMS_ENDED])


@given(
    st.binary(min_size=GENERATION_BYTES, max_size=GENERATION_BYTES),
    st.lists(st.integers(0, OFFSET_MAX), min_size=LOG_PARTITIONS, max_size=LOG_PARTITIONS),
)
def test_a_cursor_is_read_as_it_was_written(generation: bytes, offsets: list[int]) -> None:
    cursor = Cursor(generation, tuple(offsets))

    text = write(cursor)

    assert read(text) == cursor
    assert len(text) <= 150
    assert text.isascii()


@pytest.mark.parametrize("offset", [0, 127, 128, 300_000])
def test_no_letter_of_a_cursor_can_be_changed_or_left_out(offset: int) -> None:
    text = write(Cursor(b"genera", (offset,) * LOG_PARTITIONS))

    for at in range(len(text)):
        for edited in (*(text[:at] + one + text[at + 1 :] for one in LETTERS), text[:at]):
            if edited != text:
                # The last letter holds bits that no byte has: those alone may differ.
                with suppress(CursorError):
                    assert (read(edited), at) == (read(text), len(text) - 1)


def test_the_state_after_a_step_is_what_the_table_of_transitions_says() -> None:
    """For all histories of five steps: what is read since the last anchor is enough."""

    def walk(state: State, apart: State, steps: tuple[Step, ...], anchored: int) -> None:
        anchor = steps[anchored] if steps else None
        turns = [step for step in steps[anchored + 1 :] if step in TURNS]
        assert state_after(anchor, turns) == state, steps
        if len(steps) == 5:
            return
        for step in get_args(Step):
            target = after(state, step)
            if target is None:
                continue
            there = apart if step == "case.unlinked.v1" else target
            before = state if step == "case.linked.v1" else apart
            walk(there, before, (*steps, step), len(steps) if step in ANCHORS else anchored)

    walk("unknown", "unknown", (), 0)


def test_what_can_never_be_seen_is_told_from_what_is_not_there_yet() -> None:
    city = Sight(municipalities=frozenset({"hashtgerd"}))
    parks = Sight(departments=frozenset({("hashtgerd", "parks")}))

    assert city.ever_sees(None, None)
    assert city.ever_sees("hashtgerd", "any")
    assert not city.ever_sees("boston", None)
    assert parks.ever_sees(None, "parks")
    assert parks.ever_sees("hashtgerd", None)
    assert not parks.ever_sees("hashtgerd", "roads")
    assert not Sight()


def test_a_department_sees_its_cases_since_they_are_its_own() -> None:
    client = KEYS.known(PARKS_KEY)
    assert client is not None
    wanted = Wanted(sight=sight(client))

    assert wanted.sight.sees(CITY, PARKS)
    assert not wanted.sight.sees(CITY, None)
    assert not wanted.sight.sees("boston", PARKS)


@dataclass(slots=True)
class Client:
    """A client that takes what it is sent, or, `stuck`, nothing."""

    stuck: bool = False
    taken: list[bytes] = field(default_factory=list[bytes])
    ended: bool = False
    status: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: Any) -> None:  # noqa: ANN401
        while self.stuck:  # noqa: ASYNC110  # the test sets it
            await asyncio.sleep(0.005)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.taken.append(message["body"])
        self.ended = not message["more_body"]

    async def receive(self) -> Any:  # noqa: ANN401
        await self.gone.wait()
        return {"type": "http.disconnect"}

    def count(self) -> int:
        return b"".join(self.taken).count(b"event: change")


Watch = Callable[[Client], "asyncio.Task[None]"]


def watched(
    source: FakeProjection,
    work: Callable[[Watch, Hub], Awaitable[None]],
    asked: Asked | None = None,
) -> Meters:
    """Does the work with a hub over the source; `Watch` sets a client before it."""
    shown = meters()
    wanted = asked or Asked(wanted=EVERYTHING, allowed=lambda: True)

    async def main() -> None:
        here = Hub(source, shown, watchers_max=10)

        def watch(client: Client) -> "asyncio.Task[None]":
            answer = EventStream(here, lambda _: wanted)
            return asyncio.create_task(answer({"type": "http"}, client.receive, client.send))

        async with here.open(), asyncio.timeout(10):
            await work(watch, here)

    asyncio.run(main())
    return shown


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # no event says so
        await asyncio.sleep(0.005)


def ended(shown: Meters, why: str) -> float | None:
    return shown.registry.get_sample_value("peygir_streams_ended_total", {"why": why})


def test_a_client_that_takes_nothing_is_dropped_with_an_end_and_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(response, "SEND_SECONDS_MAX", 0.05)
    source = FakeProjection()

    async def work(watch: Watch, _: Hub) -> None:
        slow, quick = Client(), Client()
        watches = [watch(slow), watch(quick)]
        await until(lambda: bool(slow.taken and quick.taken))
        slow.stuck = True
        source.add(learned(1, 0))
        await until(lambda: quick.count() == 1)
        await asyncio.sleep(0.1)
        source.add(learned(1, 1))
        slow.stuck = False
        await watches[0]
        assert (slow.ended, slow.count()) == (True, 0)
        await until(lambda: quick.count() == 2)
        quick.gone.set()
        await watches[1]

    shown = watched(source, work)
    assert (ended(shown, "slow"), ended(shown, "left")) == (1, 1)


def test_a_client_that_never_takes_its_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "SEND_SECONDS_MAX", 0.05)
    monkeypatch.setattr(response, "FAREWELL_SECONDS_MAX", 0.05)
    source = FakeProjection()

    async def work(watch: Watch, here: Hub) -> None:
        slow = Client()
        watching = watch(slow)
        await until(lambda: bool(slow.taken))
        slow.stuck = True
        source.add(learned(1, 0))
        await watching
        with here.place():
            assert not slow.ended

    watched(source, work)


def test_a_stream_pauses_while_the_database_is_away_and_goes_on() -> None:
    source = FakeProjection()

    async def work(watch: Watch, _: Hub) -> None:
        client = Client()
        watch(client)
        await until(lambda: bool(client.taken))
        source.add(learned(1, 0))
        await until(lambda: client.count() == 1)
        source.away = True
        source.add(learned(1, 1))
        await asyncio.sleep(0.5)
        assert (client.count(), client.ended) == (1, False)
        source.away = False
        await until(lambda: client.count() == 2)

    watched(source, work)


def test_who_catches_up_waits_for_the_database_too() -> None:
    source = FakeProjection()
    source.add(*(learned(1, offset) for offset in range(300)))
    since = Asked(
        wanted=EVERYTHING, allowed=lambda: True, cursor=beginning(source.generation), limit=300
    )

    async def work(watch: Watch, _: Hub) -> None:
        client = Client()
        watching = watch(client)
        await until(lambda: 0 < client.count() < 300)
        source.away = True
        await asyncio.sleep(0.1)
        before = client.count()
        await asyncio.sleep(0.2)
        assert client.count() == before < 300
        source.away = False
        await watching
        assert (client.count(), client.ended) == (300, True)

    shown = watched(source, work, since)
    assert ended(shown, "complete") == 1


def test_without_a_database_the_caller_may_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "LOOK_SECONDS_MAX", 0.1)

    async def work(watch: Watch, _: Hub) -> None:
        client = Client()
        with pytest.raises(ProblemError) as refused:
            await watch(client)
        assert (refused.value.status, client.status) == (503, 0)
        assert "Retry-After" in refused.value.headers

    watched(FakeProjection(away=True), work)


def test_a_cursor_from_a_process_that_is_ahead_waits_for_this_one() -> None:
    source = FakeProjection()
    source.add(learned(1, 0))
    ahead = Cursor(source.generation, tuple(2 * one for one in source.positions))
    asked = Asked(wanted=EVERYTHING, allowed=lambda: True, cursor=ahead)

    async def work(watch: Watch, _: Hub) -> None:
        client = Client()
        watch(client)
        await until(lambda: bool(client.taken))
        source.add(learned(1, 1))
        await asyncio.sleep(0.1)
        assert client.count() == 0
        source.add(learned(1, 2))
        await until(lambda: client.count() == 1)

    watched(source, work, asked)


def test_a_mistake_of_ours_ends_the_streams_and_is_told() -> None:
    source = FakeProjection()

    async def work(watch: Watch, here: Hub) -> None:
        client = Client()
        watching = watch(client)
        await until(lambda: bool(client.taken))
        # Two facts at one place: the log cannot hold that.
        source.add(learned(1, 0), learned(1, 0))
        await watching
        assert client.ended
        with pytest.raises(ProblemError), here.place():
            pass

    shown = watched(source, work)
    assert ended(shown, "stopping") == 1


def test_nobody_who_watches_is_nothing_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.01)
    source = FakeProjection()

    async def work(watch: Watch, _: Hub) -> None:
        client = Client()
        watching = watch(client)
        await until(lambda: bool(client.taken))
        client.gone.set()
        await watching
        await until(lambda: not source.listeners)
        source.add(learned(1, 0))
        again = Client()
        watch(again)
        await until(lambda: bool(again.taken))
        source.add(learned(1, 1))
        await until(lambda: again.count() == 1)

    watched(source, work)


def test_a_long_past_is_sent_no_faster_than_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "REPLAYED_A_SECOND_MAX", 1_000)
    source = FakeProjection()
    source.add(*(learned(1, offset) for offset in range(300)))
    since = Asked(
        wanted=EVERYTHING, allowed=lambda: True, cursor=beginning(source.generation), limit=300
    )

    async def work(watch: Watch, _: Hub) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        await watch(Client())
        assert clock() - began > 0.2

    watched(source, work, since)


def test_the_stream_is_described_with_an_example() -> None:
    routes = change_routes(Hub(FakeProjection(), meters(), watchers_max=1), KEYS)

    document = application([routes], title="test").openapi()

    operation = document["paths"]["/api/v1/changes"]["get"]
    assert set(operation["responses"]) == {"200", "401", "403", "422", "503"}
    (media_type,) = operation["responses"]["200"]["content"]
    assert media_type == "text/event-stream"
    example = operation["responses"]["200"]["content"][media_type]["example"]
    assert "event: change\n" in example
    names = {one["name"] for one in operation["parameters"]}
    assert {"after", "last-event-id", "until", "limit", "municipality", "case_id"} <= names
    assert READ_KEY
