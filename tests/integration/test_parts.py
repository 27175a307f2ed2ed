"""The parts of split cases on a real outbox and a real topic: each is one case, whatever fails."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import cast

import pytest
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.codec import decode, decode_fact, encode
from schemas.contents import Content, Evidence
from schemas.exposition import Meters
from schemas.facts import Submitted
from schemas.living import Split
from schemas.messages import Submission
from schemas.places import Place, Reporter
from schemas.topics import (
    CASE_FACTS,
    DEAD_LETTERS,
    INTAKE_PARTITIONS,
    INTAKE_PARTS,
    LOG_PARTITIONS,
)
from schemas.vocabulary import CaseId, PolicyVersion
from streams import leases
from streams.core.terms import NO_TERMS, AllTerms
from streams.dispatcher.delivery import Post
from streams.dispatcher.outbox import Outbox
from streams.dispatcher.rounds import Dispatcher
from streams.kafka import Log
from streams.router.handler import Handler
from streams.router.outlet import Incoming, Outlet
from streams.router.sealed import Keys
from tests.books import FixedBook
from tests.builders import erased, routed, source, submitted
from tests.fakes import FakeLog
from tests.ground import Ground, ground, new_case, now, until, working
from tests.lived import split
from tests.policies import policy
from tests.steering import known
from tests.streams.test_handler import rulebook

pytestmark = pytest.mark.integration

ALL = frozenset(range(LOG_PARTITIONS))
FIRST = Content(
    text="درخت افتاده و چاله هم هست",
    place=Place(lat=35.9, lon=50.6),
    reporter=Reporter(phone="09121112222"),
)


@dataclass
class Parting:
    """A dispatcher in this process, and what it has put into the inbox of parts."""

    on: Ground
    post: Post
    begins: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])

    async def deliver(self, post: Post | None = None) -> None:
        outbox = Outbox(self.on.connection, role="dispatcher", owner="test")
        dispatcher = Dispatcher(outbox, post or self.post, Meters(metrics.ALL), now)
        while await dispatcher.round(ALL, again=True):
            pass

    async def parts(self) -> list[Submission]:
        """In the order in which they lie in each partition."""
        return [
            decode(record.value or b"", Submission)
            for place, since in self.begins.items()
            for record in await self.on.records(place, since=since)
        ]

    async def count(self) -> int:
        ends = await self.on.broker.ends(list(self.begins))
        return sum(end - self.begins[place] for place, end in ends.items())


@asynccontextmanager
async def parting(kafka: str, database: str, terms: AllTerms = NO_TERMS) -> AsyncIterator[Parting]:
    async with ground(kafka, database, terms=terms) as on:
        await on.connection.execute("delete from desk.undelivered")
        await on.connection.execute(
            """
            insert into desk.delivered (log_partition, log_offset)
            select log_partition, facts_offset from log_positions
            on conflict (log_partition) do update set log_offset = excluded.log_offset
            """
        )
        assert await leases.claim(on.connection, "dispatcher", "test", seconds=600) == ALL
        places = [TopicPartition(INTAKE_PARTS, one) for one in range(INTAKE_PARTITIONS)]
        ends = await on.broker.ends(places)
        yield Parting(on, Post(on.log, FixedBook(on.terms)), dict(ends))


async def split_up(on: Ground, *, parts: int = 2, forgotten: bool = False) -> Split:
    """A case that was split, appended and projected, with what was said of it."""
    at, case_id = now(), new_case()
    first = submitted(case_id, at=at)
    told = split(at + timedelta(seconds=9), case_id=case_id, parts=parts)
    told = replace(told, fact_id=f"desk/{case_id}/split")
    begun, _ = await on.append(first, routed(first))
    (place,) = await on.append(told)
    if forgotten:
        await on.append(erased(case_id, at=at + timedelta(seconds=10)))
    await on.project()
    if not forgotten:
        words = Evidence(parts=tuple(f"part {number}" for number in range(parts)))
        await on.connection.executemany(
            "insert into contents (case_id, log_offset, content) values ($1, $2, $3)",
            [
                (case_id, begun, encode(FIRST).decode()),
                (case_id, place, encode(words).decode()),
            ],
        )
    return told


def cases_of(parts: Sequence[Submission]) -> dict[CaseId, list[Submitted]]:
    """What the router makes of them: the submissions of each case, in the order they came."""
    log = FakeLog()
    outlet = Outlet(
        log=cast("Log", log),
        master_key=b"m" * 32,
        meters=Meters(metrics.ALL),
        processor="router-intake",
        now=now,
    )
    keys = Keys(master=b"m" * 32, hmac=b"s" * 32)
    handler = Handler(outlet=outlet, rulebook=rulebook(), keys=keys, meters=Meters(metrics.ALL))
    for number, one in enumerate(parts):
        lies = source(number, inbox=INTAKE_PARTS)
        asyncio.run(handler.handle(Incoming(source=lies, at=now(), value=encode(one))))
    assert log.values(DEAD_LETTERS) == []
    found: defaultdict[CaseId, list[Submitted]] = defaultdict(list)
    for fact in map(decode_fact, log.values(CASE_FACTS)):
        if isinstance(fact, Submitted):
            found[fact.case_id].append(fact)
    return found


def test_each_part_of_an_effective_split_is_a_message_once(kafka: str, database: str) -> None:
    async def run() -> list[Submission]:
        async with parting(kafka, database) as one:
            told = await split_up(one.on, parts=3)

            await one.deliver()
            await one.deliver()

            parts = await one.parts()
            assert [part.text for part in parts] == ["part 0", "part 1", "part 2"]
            assert {part.part_of for part in parts} == {told.case_id}
            assert {(part.place, part.reporter) for part in parts} == {
                (FIRST.place, FIRST.reporter)
            }
            return parts

    cases = cases_of(asyncio.run(run()))

    assert len(cases) == 3
    assert all(one.part_of for (one,) in cases.values())


def test_a_split_that_is_refused_makes_no_message(kafka: str, database: str) -> None:
    async def run() -> None:
        async with parting(kafka, database) as one:
            await one.on.append(split(now(), case_id=new_case()))
            await one.on.project()

            await one.deliver()

            assert await one.parts() == []

    asyncio.run(run())


def test_the_parts_of_what_was_erased_meanwhile_are_made_and_say_so(
    kafka: str, database: str
) -> None:
    async def run() -> list[Submission]:
        version = replace(policy(), version=PolicyVersion("hashtgerd/2026-01-01T00:00:00Z"))
        async with parting(kafka, database, known(version)) as one:
            await split_up(one.on, forgotten=True)

            await one.deliver()

            return await one.parts()

    parts = asyncio.run(run())

    assert len(cases_of(parts)) == 2
    for part in parts:
        assert "پاک شده" in part.text
        assert (part.place, part.reporter) == (None, None)


def test_what_was_not_erased_and_cannot_be_opened_waits_in_words(kafka: str, database: str) -> None:
    async def run() -> None:
        async with parting(kafka, database) as one:
            on = one.on
            told, other = await split_up(on), await split_up(on)
            hidden = "update contents set case_id = $2 where case_id = $1"
            await on.connection.execute(hidden, told.case_id, "elsewhere")

            await one.deliver()

            assert {part.part_of for part in await one.parts()} == {other.case_id}
            rows = await on.connection.fetch(
                "select topic, reason from desk.undelivered where case_id = $1 order by ordinal",
                told.case_id,
            )
            assert [row["topic"] for row in rows] == [INTAKE_PARTS] * 2
            assert "key" in rows[0]["reason"]

            await on.connection.execute(hidden, "elsewhere", told.case_id)
            await on.connection.execute("update desk.undelivered set next_try_at = now()")
            await one.deliver()

            late = [part for part in await one.parts() if part.part_of == told.case_id]
            assert [part.text for part in late] == ["part 0", "part 1"]

    asyncio.run(run())


def test_after_a_restore_parts_are_sent_again_rather_than_left_out(
    kafka: str, database: str
) -> None:
    async def run() -> None:
        async with parting(kafka, database) as one:
            await split_up(one.on)
            restored = Post(one.on.log, FixedBook(), restored_at=now() + timedelta(hours=1))

            await one.deliver(restored)

            assert await one.count() == 2

    asyncio.run(run())


def test_killed_in_the_middle_of_splits_each_part_is_one_case(kafka: str, database: str) -> None:
    async def run() -> tuple[list[Submission], dict[CaseId, int]]:
        async with parting(kafka, database) as one:
            on = one.on
            await on.connection.execute("delete from desk.leases")
            splits = {(await split_up(on, parts=10)).case_id: 10 for _ in range(20)}
            wanted = sum(splits.values())
            async with working("dispatcher", on) as dispatcher:
                for kill in range(1, 5):
                    await until(partial(_reached, one, wanted * kill / 8), seconds=60)
                    dispatcher.kill()
                    await _forget_the_last(on)
                    dispatcher.start()
                await until(lambda: _all_came(one, wanted), seconds=60)
            # To forget some may bring what another test has split, too.
            return [part for part in await one.parts() if part.part_of in splits], splits

    parts, splits = asyncio.run(run())
    first = {(part.author, part.reference): part for part in reversed(parts)}
    cases = cases_of(parts)
    made: defaultdict[CaseId, int] = defaultdict(int)
    for submissions in cases.values():
        assert len({one.fact_id for one in submissions}) == 1
        assert submissions[0].part_of
        made[submissions[0].part_of] += 1

    assert made == splits
    assert len(parts) > len(first) == len(cases), "nothing was sent twice: nothing was shown"
    for case_id in splits:
        order = [part.text for part in _firsts(parts) if part.part_of == case_id]
        assert order == [f"part {number}" for number in range(10)]


def _firsts(parts: Sequence[Submission]) -> list[Submission]:
    first: dict[str, Submission] = {}
    for one in parts:
        first.setdefault(one.reference, one)
    return list(first.values())


async def _reached(one: Parting, count: float) -> bool:
    return await one.count() >= count


async def _all_came(one: Parting, count: int) -> bool:
    return len({part.reference for part in await one.parts()}) >= count


async def _forget_the_last(on: Ground) -> None:
    """As if it was killed after it had sent, and before it had noted so."""
    await on.connection.execute(
        """
        update desk.delivered set log_offset = coalesce(
            (
                select max(outbox.log_offset) from outbox
                where outbox.log_partition = delivered.log_partition and outbox.kind = 'part'
                and outbox.log_offset < delivered.log_offset
            ),
            log_offset
        )
        """
    )
