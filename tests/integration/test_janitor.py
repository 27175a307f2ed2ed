"""The janitor on a real broker and database: what goes, what stays, and what is left on disk."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.topics import (
    DEAD_LETTERS,
    REPAIRS,
    ROUTER_GROUPS,
    RouterKind,
)
from schemas.vocabulary import CaseId
from streams import accountant, projector
from streams.janitor.records import Records
from streams.janitor.tables import Tables
from streams.janitor.worker import Janitor
from streams.kafka import Broker
from streams.process import Worker
from tests.builders import routed, source, submitted
from tests.integration.lab import Lab, lab, working
from tests.topics import make_topic

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
MESSAGES = 12
OLD = 8  # So many of them are older than a day.
ASKED_FOR = """
select count(*) from desk.repairs where inbox = $1 and generation = 2 and inbox_offset < $2
"""


def test_what_has_its_outcome_and_its_age_is_deleted_and_nothing_above_a_gap(
    eager_broker: tuple[str, Path], postgres: str
) -> None:
    inbox, gap = "intake-aging", 5

    async def scenario() -> None:
        async with lab(eager_broker[0], postgres, "aging") as city, _accounted(city):
            await _fill(city, inbox)
            await _route(city, inbox, set(range(MESSAGES)) - {gap})
            await _commit(city, inbox, MESSAGES)
            await city.settled(partial(_mark_is, city, inbox, gap))
            worker = city.worker(inbox_days=1)
            async with _janitor(city, worker) as janitor:
                await janitor.turn()
                assert await _start(city, inbox) == gap
                counted = worker.meters.registry.get_sample_value
                assert counted(metrics.JANITOR_DELETED.name) == gap
                assert (counted(metrics.JANITOR_OVERDUE.name) or 0) >= OLD - gap

                await _route(city, inbox, [gap])
                await city.settled(partial(_mark_is, city, inbox, MESSAGES))
                await janitor.turn()
                assert await _start(city, inbox) == OLD, "what is young stays"

    asyncio.run(scenario())


def test_what_no_router_has_committed_and_what_no_mark_knows_stays(
    eager_broker: tuple[str, Path], postgres: str
) -> None:
    async def scenario() -> None:
        async with lab(eager_broker[0], postgres, "uncommitted") as city:
            for inbox in ("intake-uncommitted", "intake-unknown"):
                await _fill(city, inbox)
            await _commit(city, "intake-unknown", MESSAGES)
            await city.tables.execute(
                "insert into inbox_marks values ('intake-uncommitted', 1, 0, 10)"
            )
            async with _janitor(city, city.worker(inbox_days=1)) as janitor:
                await janitor.turn()
            assert await _start(city, "intake-uncommitted") == 0
            assert await _start(city, "intake-unknown") == 0

    asyncio.run(scenario())


def test_an_inbox_that_was_cleared_is_accounted_for_from_where_it_begins_in_a_later_life(
    eager_broker: tuple[str, Path], postgres: str
) -> None:
    inbox = "intake-second-life"

    async def scenario() -> None:
        async with lab(eager_broker[0], postgres, "second_life") as city:
            await _fill(city, inbox)
            await _commit(city, inbox, MESSAGES)
            await _route(city, inbox, range(MESSAGES))
            async with _accounted(city):
                await city.settled(partial(_mark_is, city, inbox, MESSAGES))
                async with _janitor(city, city.worker(inbox_days=1)) as janitor:
                    await janitor.turn()
            await city.tables.execute("delete from inbox_marks")
            async with _accounted(city, inbox_generation=2):
                await city.settled(partial(_mark_is, city, inbox, OLD))
                await _route(city, inbox, range(OLD, MESSAGES), generation=2)
                await city.settled(partial(_mark_is, city, inbox, MESSAGES))
            assert await city.count("covered", inbox=inbox) == 0
            # Those above may be asked for before they are routed; those that are gone, never.
            assert await city.tables.fetchval(ASKED_FOR, inbox, OLD) == 0

    asyncio.run(scenario())


def test_repairs_are_deleted_by_age_alone_and_rows_that_nobody_asks_for_go(
    eager_broker: tuple[str, Path], postgres: str
) -> None:
    async def scenario() -> None:
        async with lab(eager_broker[0], postgres, "cleared") as city:
            end = (await city.ends(REPAIRS))[0]
            await city.log.append(REPAIRS, None, b"{}")
            await _commit(city, REPAIRS, end + 1, group="repairs")
            await city.tables.execute(
                """
                insert into inbox_marks values ('intake-web', 2, 0, 5);
                insert into desk.repairs values
                    ('intake-web', 2, 0, 4, 1, now()), ('intake-web', 2, 0, 5, 1, now()),
                    ('intake-web', 1, 0, 9, 1, now());
                insert into desk.leases values
                    ('former', 0, null, '-infinity'), ('timer', 1, 'a', now());
                """
            )
            worker = city.worker(inbox_days=1, inbox_generation=2)
            async with _janitor(city, worker) as janitor:
                await janitor.turn()

            assert await _start(city, REPAIRS) <= end, "it is young"
            assert await city.count("desk.repairs") == 1
            assert await city.count("desk.leases") == 1

    asyncio.run(scenario())


def test_a_dead_letter_whose_record_is_gone_is_listed_no_more(
    eager_broker: tuple[str, Path], postgres: str
) -> None:
    async def scenario() -> None:
        async with lab(eager_broker[0], postgres, "letters_gone") as city:
            await city.set_aside(source(1, inbox="intake-letters-gone"))
            gone = (await city.ends(DEAD_LETTERS))[0]
            await city.set_aside(source(2, inbox="intake-letters-gone"))
            async with working(projector.run, city.worker()):
                await city.projected()
            async with _janitor(city, city.worker()) as janitor:
                records = Records(city.kafka, client="test", wait_seconds=10)
                await records.start()
                await records.delete_below({TopicPartition(DEAD_LETTERS, 0): gone})
                await records.stop()
                await janitor.turn()

            rows = await city.tables.fetch("select inbox_offset from dead_letters")
            assert [row["inbox_offset"] for row in rows] == [2]

    asyncio.run(scenario())


@asynccontextmanager
async def _janitor(city: Lab, worker: Worker) -> AsyncIterator[Janitor]:
    records = Records(city.kafka, client="janitor", wait_seconds=10)
    await records.start()
    generation = worker.settings.inbox_generation
    tables = Tables(city.tables, inbox_generation=generation)
    try:
        yield Janitor(worker, tables, records, city.log)
    finally:
        await records.stop()


@asynccontextmanager
async def _accounted(city: Lab, *, inbox_generation: int = 1) -> AsyncIterator[None]:
    quick = city.worker(
        accounting_tick_seconds=0.05,
        repair_after_seconds=600,
        inbox_generation=inbox_generation,
    )
    async with working(projector.run, city.worker()), working(accountant.run, quick):
        yield


async def _fill(city: Lab, inbox: str) -> None:
    """Messages of which the first are two days old."""
    await make_topic(city.kafka, inbox)
    producer = AIOKafkaProducer(bootstrap_servers=city.kafka)
    await producer.start()
    for number in range(MESSAGES):
        came = datetime.now(UTC) - (2 * DAY if number < OLD else timedelta(0))
        at = int(came.timestamp() * 1000)
        await producer.send_and_wait(inbox, str(number).encode(), timestamp_ms=at)
    await producer.stop()


async def _route(city: Lab, inbox: str, offsets: Iterable[int], *, generation: int = 1) -> None:
    for offset in offsets:
        lies = replace(source(offset, inbox=inbox), generation=generation)
        fact = submitted(CaseId(f"{inbox}-{generation}-{offset}"), lies=lies)
        await city.append(fact, routed(fact))


async def _commit(city: Lab, inbox: str, offset: int, *, group: RouterKind = "intake") -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=city.kafka, group_id=ROUTER_GROUPS[group])
    await consumer.start()
    place = TopicPartition(inbox, 0)
    consumer.assign([place])
    await consumer.commit({place: offset})
    await consumer.stop()


async def _start(city: Lab, topic: str) -> int:
    broker = Broker(city.kafka, client="test", wait_seconds=10)
    await broker.start()
    try:
        place = TopicPartition(topic, 0)
        return (await broker.starts([place]))[place]
    finally:
        await broker.stop()


async def _mark_is(city: Lab, inbox: str, wanted: int) -> bool:
    mark = await city.tables.fetchval("select mark from inbox_marks where inbox = $1", inbox)
    return mark == wanted
