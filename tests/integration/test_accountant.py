"""The accountant on a real broker and database: no position is passed over, none is forgotten."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.codec import decode
from schemas.messages import Repair
from schemas.metric import Metric
from schemas.topics import REPAIRS
from streams import accountant, projector
from streams.accountant.ledger import Ledger
from streams.kafka import Broker
from streams.process import HaltError, Worker
from tests.integration.inboxes import commit, route
from tests.integration.lab import Lab, lab, working
from tests.topics import make_topic

pytestmark = pytest.mark.integration

MESSAGES = 30
SKIPPED = (9, 19, 29)


def test_what_a_router_skipped_is_sent_to_repair_until_it_has_an_outcome(
    city_log: str, postgres: str
) -> None:
    inbox = "intake-skipping"

    async def run() -> None:
        async with lab(city_log, postgres, "skipping") as city:
            arrived_at = await _fill(city, inbox)
            await route(city, inbox, set(range(MESSAGES)) - set(SKIPPED))
            await commit(city, TopicPartition(inbox, 0), MESSAGES)
            worker = _quick(city)
            async with working(projector.run, city.worker()), working(accountant.run, worker):
                await city.settled(partial(_tried, city, inbox, 4))
                assert await _mark(city, inbox) == SKIPPED[0]
                assert _shown(worker, metrics.ACCOUNTING_OPEN) == len(SKIPPED)
                assert _shown(worker, metrics.LEASES, role="accountant") == 1
                await route(city, inbox, SKIPPED)
                await city.settled(partial(_mark_is, city, inbox, MESSAGES))
                await city.settled(partial(_shows, worker, metrics.ACCOUNTING_OPEN, 0))

            assert _shown(worker, metrics.LEASES, role="accountant") == 0
            repairs = await _repairs(city, inbox)
            assert {one.source.offset for one in repairs} == set(SKIPPED)
            for offset in SKIPPED:
                asked = [one for one in repairs if one.source.offset == offset]
                assert [one.attempt for one in asked[:4]] == [1, 2, 3, 4]
                assert [one.to_centre for one in asked[:4]] == [False, False, False, True]
                assert base64.b64decode(asked[0].payload) == str(offset).encode()
                assert abs(asked[0].recorded_at - arrived_at) < timedelta(minutes=1)
            counted = worker.meters.registry.get_sample_value
            name = metrics.ACCOUNTING_GAPS.name
            assert counted(name, {"to": "router"}) == 3 * len(SKIPPED)
            assert (counted(name, {"to": "centre"}) or 0) >= len(SKIPPED)
            assert await city.count("covered", inbox=inbox) == 0

    asyncio.run(run())


def test_what_the_projector_has_not_read_is_no_gap(city_log: str, postgres: str) -> None:
    inbox = "intake-unread"

    async def run() -> None:
        async with lab(city_log, postgres, "unread") as city:
            await _fill(city, inbox)
            await route(city, inbox, range(MESSAGES))
            await commit(city, TopicPartition(inbox, 0), MESSAGES)
            async with working(accountant.run, _quick(city)):
                await city.settled(partial(_mark_is, city, inbox, 0))
                await asyncio.sleep(1)
                async with working(projector.run, city.worker()):
                    await city.settled(partial(_mark_is, city, inbox, MESSAGES))
            assert await _repairs(city, inbox) == []

    asyncio.run(run())


def test_what_no_router_has_committed_is_no_gap(city_log: str, postgres: str) -> None:
    inbox = "intake-uncommitted"

    async def run() -> None:
        async with lab(city_log, postgres, "uncommitted") as city:
            await _fill(city, inbox)
            await commit(city, TopicPartition(inbox, 0), 2)
            await route(city, inbox, range(2))
            worker = _quick(city)
            async with working(projector.run, city.worker()), working(accountant.run, worker):
                await city.settled(partial(_mark_is, city, inbox, 2))
                await city.settled(partial(_behind_by, worker, MESSAGES - 2))
                await asyncio.sleep(0.5)
            assert await _repairs(city, inbox) == []

    asyncio.run(run())


def test_an_offset_that_holds_no_record_has_nothing_to_answer_for(
    city_log: str, postgres: str
) -> None:
    inbox = "intake-absent"

    async def run() -> None:
        async with lab(city_log, postgres, "absent") as city:
            await _fill(city, inbox)
            async with working(projector.run, city.worker()):
                async with working(accountant.run, _quick(city)):
                    await city.settled(partial(_mark_is, city, inbox, 0))
                await _delete(city, inbox, 3)
                await route(city, inbox, range(3, MESSAGES))
                await commit(city, TopicPartition(inbox, 0), MESSAGES)
                async with working(accountant.run, _quick(city)):
                    await city.settled(partial(_mark_is, city, inbox, MESSAGES))
            assert await _repairs(city, inbox) == []

    asyncio.run(run())


def test_a_mark_never_goes_back_and_late_outcomes_below_it_are_forgotten(
    city_log: str, postgres: str
) -> None:
    inbox = "intake-late"

    async def run() -> None:
        async with lab(city_log, postgres, "late") as city:
            await _fill(city, inbox)
            await route(city, inbox, range(5))
            worker = _quick(city)
            async with working(projector.run, city.worker()), working(accountant.run, worker):
                await city.settled(partial(_mark_is, city, inbox, 5))
                await route(city, inbox, (1, 3, 7))
                await city.projected()
                await city.settled(partial(_covered_are, city, inbox, {7}))
                assert await _mark(city, inbox) == 5

    asyncio.run(run())


def test_of_two_accountants_one_works_and_one_that_lost_its_lease_moves_no_mark(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "two") as city:
            first = Ledger(city.tables, owner="first", generation=1)
            second = Ledger(city.tables, owner="second", generation=1)

            assert await first.ours(0.2)
            assert not await second.ours(60)
            await asyncio.sleep(0.3)
            assert await second.ours(60)
            assert not await first.ours(60)

            await city.tables.execute("insert into inbox_marks values ('intake-two', 1, 0, 0)")
            await city.tables.execute("insert into covered values ('intake-two', 1, 0, 0)")
            assert await first.merge() == {}
            assert await _mark(city, "intake-two") == 0
            await second.merge()
            assert await _mark(city, "intake-two") == 1

    asyncio.run(run())


def test_after_a_restore_nobody_accounts_under_the_number_of_the_lost_inboxes(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "restored") as city:
            await city.tables.execute(
                "insert into desk.restores values (now(), now(), 'former', 2, 0)"
            )
            with pytest.raises(HaltError, match="it must be 2"):
                await accountant.run(_quick(city))

    asyncio.run(run())


def _quick(city: Lab) -> Worker:
    return city.worker(accounting_tick_seconds=0.05, repair_after_seconds=0.3, lag_seconds=0.1)


async def _fill(city: Lab, inbox: str) -> datetime:
    await make_topic(city.kafka, inbox, settings={"message.timestamp.type": "LogAppendTime"})
    for number in range(MESSAGES):
        await city.log.append(inbox, None, str(number).encode())
    return datetime.now(UTC)


async def _delete(city: Lab, inbox: str, below: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=city.kafka)
    await admin.start()
    await admin.delete_records({TopicPartition(inbox, 0): RecordsToDelete(before_offset=below)})
    await admin.close()


async def _mark(city: Lab, inbox: str) -> int | None:
    return await city.tables.fetchval("select mark from inbox_marks where inbox = $1", inbox)


async def _mark_is(city: Lab, inbox: str, wanted: int) -> bool:
    return await _mark(city, inbox) == wanted


async def _covered_are(city: Lab, inbox: str, wanted: set[int]) -> bool:
    rows = await city.tables.fetch("select inbox_offset from covered where inbox = $1", inbox)
    return {row["inbox_offset"] for row in rows} == wanted


async def _behind_by(worker: Worker, positions: int) -> bool:
    return (_shown(worker, metrics.ACCOUNTING_BEHIND) or 0) >= positions


def _shown(worker: Worker, metric: Metric, **labels: str) -> float | None:
    return worker.meters.registry.get_sample_value(metric.name, labels)


async def _shows(worker: Worker, metric: Metric, value: float) -> bool:
    return _shown(worker, metric) == value


async def _tried(city: Lab, inbox: str, attempts: int) -> bool:
    text = "select count(*) from desk.repairs where inbox = $1 and attempts >= $2"
    return await city.tables.fetchval(text, inbox, attempts) == len(SKIPPED)


async def _repairs(city: Lab, inbox: str) -> list[Repair]:
    end = (await city.ends(REPAIRS))[0]
    broker = Broker(city.kafka, client="test", wait_seconds=10)
    await broker.start()
    records = [await broker.record_at(TopicPartition(REPAIRS, 0), at) for at in range(end)]
    await broker.stop()
    found = [decode(record.value or b"", Repair) for record in records if record]
    return [one for one in found if one.source.inbox == inbox]
