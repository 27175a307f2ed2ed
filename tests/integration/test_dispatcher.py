"""The dispatcher on a real outbox and real topics: all delivered, in order, repeated only by id."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas import metrics
from schemas.codec import decode, encode
from schemas.contents import Content, Evidence
from schemas.deliveries import Delivery
from schemas.exposition import Meters
from schemas.facts import Fact, Routed
from schemas.places import Place, Reporter
from schemas.steering import InformationReceived
from schemas.topics import LOG_PARTITIONS
from schemas.vocabulary import CaseId, Department
from streams import leases
from streams.core.terms import NO_TERMS, AllTerms
from streams.dispatcher.delivery import Post
from streams.dispatcher.outbox import Outbox
from streams.dispatcher.rounds import Dispatcher
from tests.books import FixedBook
from tests.builders import CITY, PARKS, acknowledged, breached, routed, submitted, warned
from tests.calendars import every_day
from tests.ground import Ground, ground, new_case, now, until, working
from tests.lived import noted
from tests.steering import HOUR, ROADS, city, known, passed_on, real, said
from tests.steering import opened as begun
from tests.topics import make_topic

pytestmark = pytest.mark.integration

ALL = frozenset(range(LOG_PARTITIONS))
CONTENT = Content(
    text="درخت روی ماشین افتاده",
    place=Place(lat=35.9, lon=50.6),
    reporter=Reporter(phone="09121112222"),
)


@dataclass
class Round:
    """A dispatcher in this process, with where its topic stood at the beginning."""

    on: Ground
    dispatcher: Dispatcher
    meters: Meters
    begins: dict[str, int] = field(default_factory=dict[str, int])

    async def deliver(self) -> None:
        while await self.dispatcher.round(ALL, again=True):
            pass

    async def told(self, department: Department = PARKS) -> list[Delivery]:
        return [decode(one.value or b"", Delivery) for one in await self.records(department)]

    async def records(self, department: Department = PARKS) -> list[ConsumerRecord]:
        topic = f"department-{CITY}-{department}"
        since = self.begins.get(topic, 0)
        return await self.on.records(TopicPartition(topic, 0), since=since)


@asynccontextmanager
async def dispatching(
    kafka: str, database: str, terms: AllTerms = NO_TERMS
) -> AsyncIterator[Round]:
    async with ground(kafka, database, terms=terms) as on:
        await on.connection.execute("delete from desk.undelivered")
        await _pass_over_what_is_there(on)
        assert await leases.claim(on.connection, "dispatcher", "test", seconds=600) == ALL
        meters = Meters(metrics.ALL)
        outbox = Outbox(on.connection, role="dispatcher", owner="test")
        dispatcher = Dispatcher(outbox, Post(on.log, FixedBook(on.terms)), meters, now)
        yield Round(on, dispatcher, meters, await _ends(on))


async def _ends(on: Ground) -> dict[str, int]:
    topics = await on.broker.partitions(("department-",))
    ends = await on.broker.ends([TopicPartition(topic, 0) for topic in topics])
    return {place.topic: end for place, end in ends.items()}


async def _pass_over_what_is_there(on: Ground) -> None:
    await on.connection.execute(
        """
        insert into desk.delivered (log_partition, log_offset)
        select log_partition, facts_offset from log_positions
        on conflict (log_partition) do update set log_offset = excluded.log_offset
        """
    )


async def opened(
    on: Ground, *, department: Department = PARKS, case_id: CaseId | None = None
) -> Routed:
    """A case, appended and projected, with what its citizen said."""
    first = submitted(case_id or new_case(), at=now())
    second = routed(first, department=department)
    offset, _ = await on.append(first, second)
    await on.project()
    await on.connection.execute(
        "insert into contents (case_id, log_offset, content) values ($1, $2, $3)",
        first.case_id,
        offset,
        encode(CONTENT).decode(),
    )
    return second


async def noticed(on: Ground, *facts: Fact) -> None:
    await on.append(*facts)
    await on.project()


def test_an_assignment_lies_in_its_departments_topic_once(kafka: str, database: str) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            case = await opened(round_.on)

            await round_.deliver()
            await round_.deliver()

            (record,) = await round_.records()
            told = decode(record.value or b"", Delivery)
            assert record.key == case.case_id.encode()
            assert dict(record.headers)["ce_id"] == f"{case.fact_id}/assigned".encode()
            assert (told.text, told.place) == (CONTENT.text, CONTENT.place)
            assert (told.words, told.promises) == (case.reason, case.promises)
            assert b"09121112222" not in (record.value or b"")

    asyncio.run(run())


def test_a_case_that_is_passed_on_leaves_one_topic_in_words_and_lies_in_the_other_whole(
    kafka: str, database: str
) -> None:
    version = city(every_day("UTC", ("00:00", "24:00")), answer=real(HOUR), done=real(9 * HOUR))

    async def run() -> None:
        await make_topic(kafka, f"department-{CITY}-{ROADS}")
        async with dispatching(kafka, database, known(version)) as round_:
            on = round_.on
            at, case_id = now(), new_case()
            first, second = begun(version, at, case_id)
            place, _ = await on.append(first, second)
            await on.project()
            await on.connection.execute(
                "insert into contents (case_id, log_offset, content) values ($1, $2, $3)",
                case_id,
                place,
                encode(CONTENT).decode(),
            )
            there = passed_on(at + timedelta(minutes=5), case_id=case_id)
            back = passed_on(at + timedelta(minutes=9), PARKS, department=ROADS, case_id=case_id)
            await noticed(on, there, back)

            await round_.deliver()

            parks = [one for one in await round_.told(PARKS) if one.case_id == case_id]
            roads = [one for one in await round_.told(ROADS) if one.case_id == case_id]
            assert [one.kind for one in parks] == ["assigned", "withdrawn", "assigned"]
            assert [one.kind for one in roads] == ["assigned", "withdrawn"]
            for one in (parks[0], parks[2], roads[0]):
                assert (one.text, one.place) == (CONTENT.text, CONTENT.place)
                assert one.promises == second.promises
            for one in (parks[1], roads[1]):
                assert (one.text, one.place, one.promises) == (None, None, ())
                assert one.words.startswith("the case is with ")

    asyncio.run(run())


@pytest.mark.parametrize("kind", ["answered", "noted"])
def test_what_was_said_of_a_case_is_told_in_its_own_words(
    kafka: str, database: str, kind: str
) -> None:
    version = city(every_day("UTC", ("00:00", "24:00")), answer=real(HOUR), done=real(9 * HOUR))
    note = Evidence(note="پلاک ۱۳، نبش کوچه")

    async def run() -> None:
        async with dispatching(kafka, database, known(version)) as round_:
            on = round_.on
            at, case_id = now(), new_case()
            first, second = begun(version, at, case_id)
            later = at + timedelta(minutes=9)
            answer = said(InformationReceived, later, case_id=case_id, department=None)
            await on.append(first, second)
            (place,) = await on.append(
                answer if kind == "answered" else noted(later, "public", case_id=case_id)
            )
            await on.project()
            await on.connection.execute(
                "insert into contents (case_id, log_offset, content) values ($1, $2, $3)",
                case_id,
                place,
                encode(note).decode(),
            )

            await round_.deliver()

            (told,) = [one for one in await round_.told() if one.kind == kind]
            assert (told.text, told.promises) == (note.note, second.promises)

    asyncio.run(run())


def test_a_refused_report_is_told_to_who_sent_it(kafka: str, database: str) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            await noticed(round_.on, acknowledged(new_case(), at=now()))

            await round_.deliver()

            (told,) = await round_.told()
            assert (told.kind, told.words) == ("refused", "there is no such case")
            assert (told.version, told.tracking_code) == (-1, "")
            assert (told.refused_for, told.words_fa) == ("no-such-case", "چنین موردی نیست")

    asyncio.run(run())


def test_after_a_restore_notices_that_may_have_been_sent_are_noted_and_others_sent(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            case = await opened(round_.on)
            early, late = warned(case, percent=50), breached(case)
            await noticed(round_.on, early, late)
            outbox = Outbox(round_.on.connection, role="dispatcher", owner="test")
            post = Post(round_.on.log, FixedBook(), restored_at=early.due_at)
            restored = Dispatcher(outbox, post, round_.meters, now)

            while await restored.round(ALL, again=True):
                pass

            assert [one.kind for one in await round_.told()] == ["assigned", "breached"]
            rows = await round_.on.connection.fetch(
                "select delivery_id, topic from desk.unknown_deliveries where case_id = $1",
                case.case_id,
            )
            assert [tuple(row) for row in rows] == [
                (f"{early.fact_id}/warned", f"department-{CITY}-{PARKS}")
            ]

    asyncio.run(run())


def test_a_rebuilt_projection_delivers_nothing_again(kafka: str, database: str) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            on = round_.on
            before = await on.positions()
            cases = [await opened(on) for _ in range(5)]
            await round_.deliver()

            await on.rebuild(before)
            await round_.deliver()
            cases.append(await opened(on))
            await round_.deliver()

            told = [one.case_id for one in await round_.told()]
            assert sorted(told) == sorted(one.case_id for one in cases)

    asyncio.run(run())


def test_a_missing_topic_stops_no_other_and_has_its_own_in_order_later(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        late = Department("late")
        async with dispatching(kafka, database) as round_:
            on = round_.on
            case = await opened(on, department=late)
            other = await opened(on)
            await round_.deliver()

            assert [one.case_id for one in await round_.told()] == [other.case_id]
            assert await _undelivered(on) == [(case.case_id, "assigned")]

            # The topic is there before the next try: what is new still waits for its turn.
            await make_topic(on.kafka, f"department-{CITY}-{late}")
            await _try_again(on, "1 hour")
            await noticed(on, warned(case, percent=50), warned(case, percent=80))
            await round_.deliver()

            kinds = [kind for _, kind in await _undelivered(on)]
            assert kinds == ["assigned", "warned", "warned"]

            await _try_again(on, "0 hours")
            await round_.deliver()

            told = await round_.told(late)
            assert [one.kind for one in told] == ["assigned", "warned", "warned"]
            assert [one.percent for one in told] == [None, 50, 80]
            assert await _undelivered(on) == []

    asyncio.run(run())


def test_what_is_too_large_for_a_topic_is_cut_and_stops_no_neighbour(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        narrow, tiny = Department("narrow"), Department("tiny")
        async with dispatching(kafka, database) as round_:
            on = round_.on
            for department, limit in ((narrow, 6_000), (tiny, 300)):
                topic = f"department-{CITY}-{department}"
                await make_topic(kafka, topic, settings={"max.message.bytes": str(limit)})
            long = encode(Content(text="ی" * 8_000)).decode()
            for department in (narrow, tiny, PARKS):
                case = await opened(on, department=department)
                change = "update contents set content = $2 where case_id = $1"
                await on.connection.execute(change, case.case_id, long)
            small = await opened(on, department=narrow)

            await round_.deliver()

            told = {one.case_id: one for one in await round_.told(narrow)}
            whole = told.pop(small.case_id)
            (cut,) = told.values()
            assert len(cut.text or "") == 500
            assert "cut" in cut.words
            assert whole.text == CONTENT.text
            assert len((await round_.told())[0].text or "") == 8_000
            assert await _undelivered(on) != []

    asyncio.run(run())


def test_a_delivery_that_cannot_be_composed_stops_no_other_case(kafka: str, database: str) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            on = round_.on
            bad, good = await opened(on), await opened(on)
            broken = "update contents set content = '{}' where case_id = $1"
            await on.connection.execute(broken, bad.case_id)

            await round_.deliver()

            assert [one.case_id for one in await round_.told()] == [good.case_id]
            assert await _undelivered(on) == [(bad.case_id, "assigned")]

    asyncio.run(run())


def test_without_the_lease_no_position_moves(kafka: str, database: str) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            on = round_.on
            case = await opened(on)
            await on.connection.execute("update desk.leases set owner = 'another'")
            before = await on.connection.fetch("select * from desk.delivered order by 1")

            await round_.dispatcher.round(ALL, again=True)

            assert await on.connection.fetch("select * from desk.delivered order by 1") == before
            await on.connection.execute("update desk.leases set owner = 'test'")
            await round_.deliver()
            assert {one.case_id for one in await round_.told()} == {case.case_id}

    asyncio.run(run())


def test_killed_again_and_again_it_delivers_all_in_order_and_repeats_only_by_id(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with dispatching(kafka, database) as round_:
            on = round_.on
            await on.connection.execute("delete from desk.leases")
            cases = [routed(submitted(new_case(), at=now())) for _ in range(1_000)]
            await asyncio.gather(*(_sent(on, case) for case in cases))
            async with working("dispatcher", on) as dispatcher:
                await on.project()
                for share in (0.1, 0.4, 0.7):
                    await until(lambda share=share: _reached(round_, share * 3_000))
                    dispatcher.kill()
                    dispatcher.start()
                await until(lambda: _reached_ids(round_, 3_000))

            told = await round_.told()
            order: dict[CaseId, list[int | None]] = {case.case_id: [] for case in cases}
            for one in _first_of_each(told):
                order[one.case_id].append(one.percent)
            assert [one for one in order.values() if one != [None, 50, 80]] == []

    asyncio.run(run())


async def _sent(on: Ground, case: Routed) -> None:
    """A case with its two warnings."""
    first = submitted(case.case_id, at=case.recorded_at)
    await on.append(first, case, warned(case, percent=50), warned(case, percent=80))


def _first_of_each(told: Sequence[Delivery]) -> list[Delivery]:
    first: dict[str, Delivery] = {}
    for one in told:
        first.setdefault(one.delivery_id, one)
    return list(first.values())


async def _reached(round_: Round, count: float) -> bool:
    topic = f"department-{CITY}-{PARKS}"
    return (await _ends(round_.on))[topic] - round_.begins[topic] >= count


async def _reached_ids(round_: Round, count: int) -> bool:
    return len({one.delivery_id for one in await round_.told()}) >= count


async def _try_again(on: Ground, wait: str) -> None:
    later = "update desk.undelivered set next_try_at = now() + $1::text::interval"
    await on.connection.execute(later, wait)


async def _undelivered(on: Ground) -> list[tuple[str, str]]:
    rows = await on.connection.fetch(
        """
        select outbox.case_id, outbox.kind
        from desk.undelivered join outbox using (log_partition, log_offset, ordinal)
        order by log_partition, log_offset
        """
    )
    return [(row["case_id"], row["kind"]) for row in rows]
