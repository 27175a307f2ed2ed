"""How far everybody is behind, as an accountant at work shows it of a real broker and database."""

import asyncio
import time
from collections.abc import Mapping
from functools import partial

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.codec import encode
from schemas.topics import CASE_FACTS, POLICIES, department_of
from schemas.vocabulary import CaseId
from streams import accountant, projector
from streams.accountant import lag as lag_module
from streams.accountant.cities import Cities
from streams.accountant.lag import Lag
from streams.accountant.records import Records
from streams.accountant.tables import progress
from streams.away import AwayError
from streams.core.lag import Place, Waiting
from streams.policies import PolicyBook
from streams.process import Worker
from tests.builders import CENTRE, CITY, NOON, PARKS, routed, submitted
from tests.integration.inboxes import commit, fill, shown
from tests.integration.lab import Lab, lab, working
from tests.policies import policy
from tests.topics import make_topic

pytestmark = pytest.mark.integration

HOUR = 3600
# How exactly an age is told: the tests' own clock runs on between two looks.
SLACK_SECONDS = 5.0
LOOK_SECONDS = 0.1


def test_the_age_is_that_of_the_oldest_record_that_its_router_has_not_passed(
    city_log: str, postgres: str
) -> None:
    inbox = "intake-ageing"

    async def run() -> None:
        async with lab(city_log, postgres, "ageing") as city:
            await make_topic(city.kafka, inbox, partitions=2)
            await fill(city, TopicPartition(inbox, 0), 3 * HOUR, 2 * HOUR, HOUR)
            await fill(city, TopicPartition(inbox, 1), 4 * HOUR, 4 * HOUR)
            worker = looking(city)
            place = ("router-intake", inbox)
            async with working(accountant.run, worker):
                await city.settled(partial(waits, worker, place, 5, 4 * HOUR))
                await commit(city, TopicPartition(inbox, 1), 2)
                await city.settled(partial(waits, worker, place, 3, 3 * HOUR))
                await commit(city, TopicPartition(inbox, 0), 2)
                await city.settled(partial(waits, worker, place, 1, HOUR))
                # What is deleted waits for nobody, whatever was committed.
                await commit(city, TopicPartition(inbox, 0), 3)
                await city.settled(partial(waits, worker, place, 0, 0))
            assert not shown(worker, metrics.LAG_SECONDS)
            assert not shown(worker, metrics.LAG_MESSAGES)

    asyncio.run(run())


def test_an_inbox_that_is_new_appears_and_one_that_is_gone_goes_and_the_accounting_goes_on(
    city_log: str, postgres: str
) -> None:
    gone, new = "progress-gone", "progress-new"

    async def run() -> None:
        async with lab(city_log, postgres, "coming_and_going") as city:
            await make_topic(city.kafka, gone)
            await fill(city, TopicPartition(gone, 0), HOUR)
            worker = looking(city)
            async with working(accountant.run, worker):
                await city.settled(partial(waits, worker, ("router-progress", gone), 1, HOUR))
                await remove(city, gone)
                await make_topic(city.kafka, new)
                await city.settled(partial(waits, worker, ("router-progress", new), 0, 0))
                await city.settled(partial(is_not_shown, worker, ("router-progress", gone)))
                await fill(city, TopicPartition(new, 0), 2 * HOUR)
                await city.settled(partial(waits, worker, ("router-progress", new), 1, 2 * HOUR))
                await city.settled(partial(is_accounted_for, city, new))

    asyncio.run(run())


def test_what_the_projector_and_the_dispatcher_have_still_to_do_is_seen_where_it_waits(
    city_log: str, postgres: str
) -> None:
    log, outbox = ("projector", CASE_FACTS), ("dispatcher", "outbox")

    async def run() -> None:
        async with lab(city_log, postgres, "waiting_log") as city:
            await publish(city)
            waiting = submitted(CaseId("waiting-log"))
            await city.append(waiting, routed(waiting))
            worker = looking(city)
            async with working(accountant.run, worker):
                count = sum((await city.ends(CASE_FACTS)).values())
                await city.settled(partial(waits, worker, log, count, 0))
                await city.settled(partial(waits, worker, outbox, 0, 0))
                async with working(projector.run, city.worker()):
                    await city.projected()
                    await city.settled(partial(waits, worker, log, 0, 0))
                rows = await city.count("outbox")
                assert rows > 0
                age = time.time() - NOON.timestamp()
                await city.settled(partial(waits, worker, outbox, rows, age))
                await delivered(city, "min(log_offset)")
                assert (await progress(city.tables, 1)).outbox.records == rows
                await parked(city)
                await city.settled(partial(waits, worker, outbox, 0, 0))
                await city.settled(partial(is_parked, worker, PARKS, 1))
                await city.settled(partial(is_parked, worker, CENTRE, 0))

    asyncio.run(run())


def test_only_the_accountant_at_work_shows_what_waits(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "two_looking") as city:
            first, second = looking(city, "1"), looking(city, "2")
            async with working(accountant.run, first):
                await city.settled(partial(shows_something, first))
                async with working(accountant.run, second):
                    await asyncio.sleep(10 * LOOK_SECONDS)
                    assert not shown(second, metrics.LAG_MESSAGES)
                    first.stopping.set()
                    await city.settled(partial(shows_something, second))
                    assert not shown(first, metrics.LAG_MESSAGES)
                    assert not shown(first, metrics.DISPATCHER_PARKED)

    asyncio.run(run())


def test_what_cannot_be_read_holds_up_nobody(city_log: str, postgres: str) -> None:
    inbox = "intake-read"

    async def run() -> None:
        async with lab(city_log, postgres, "unreadable_places") as city:
            await make_topic(city.kafka, inbox, partitions=2)
            for partition in (0, 1):
                await fill(city, TopicPartition(inbox, partition), HOUR)
            records = Records(city.kafka, client="test", wait_seconds=10)
            await records.start()
            try:
                wanted = {("intake-absent", 0): 0, (inbox, 0): 99, (inbox, 1): 0}
                began = time.monotonic()
                found = await records.times(wanted, 5)
                assert time.monotonic() - began < 5
                assert [*found] == [(inbox, 1)]
                assert time.time() - found[inbox, 1].timestamp() == pytest.approx(HOUR, abs=30)
                assert await records.times(wanted, 0) == {}
            finally:
                await records.stop()

    asyncio.run(run())


def test_what_was_seen_is_shown_for_two_looks_that_fail_and_no_longer(
    city_log: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = False

    class Failing(Records):
        async def waiting(self, projected: Mapping[Place, int]) -> dict[Place, Waiting]:
            if fails:
                raise AwayError("Kafka is away")
            return await super().waiting(projected)

    monkeypatch.setattr(lag_module, "Records", Failing)

    async def run() -> None:
        nonlocal fails
        async with lab(city_log, postgres, "failing_looks") as city:
            worker = looking(city)
            looks = Lag(worker, city.tables, Cities(PolicyBook(city.kafka, client="test")))
            for so, there in ((False, 1), (True, 1), (True, 1), (True, 0), (False, 1)):
                fails = so
                await looks.look()
                assert bool(shown(worker, metrics.LAG_MESSAGES)) == there
            await looks.let_go()

    asyncio.run(run())


def looking(city: Lab, instance: str = "1") -> Worker:
    return city.worker(instance, lag_seconds=LOOK_SECONDS)


async def remove(city: Lab, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=city.kafka)
    await admin.start()
    await admin.delete_topics([topic])
    await admin.close()


async def publish(city: Lab) -> None:
    one = policy()
    await city.log.append(POLICIES, one.version.encode(), encode(one), partition=0)


async def delivered(city: Lab, below: str) -> None:
    await city.tables.execute(
        f"""
        insert into desk.delivered
        select log_partition, {below} from outbox group by log_partition
        on conflict (log_partition) do update set log_offset = excluded.log_offset
        """  # noqa: S608
    )


async def parked(city: Lab) -> None:
    """As if the dispatcher had done with all, and one department's topic had not taken its own."""
    await delivered(city, "max(log_offset) + 1")
    await city.tables.execute(
        """
        insert into desk.undelivered
        select log_partition, log_offset, ordinal, case_id, $1, 1, now(), 'there is no such topic'
        from outbox
        where department = $2
        limit 1
        """,
        department_of(CITY, PARKS),
        PARKS,
    )


async def waits(worker: Worker, place: tuple[str, str], records: int, seconds: float) -> bool:
    """`seconds` of 0 with records: whatever their age."""
    counted = shown(worker, metrics.LAG_MESSAGES).get(place)
    age = shown(worker, metrics.LAG_SECONDS).get(place)
    if counted != records or age is None:
        return False
    return (records > 0 and not seconds) or abs(age - seconds) < SLACK_SECONDS


async def is_not_shown(worker: Worker, place: tuple[str, str]) -> bool:
    return place not in shown(worker, metrics.LAG_MESSAGES)


async def is_accounted_for(city: Lab, inbox: str) -> bool:
    return await city.count("inbox_marks", inbox=inbox) == 1


async def is_parked(worker: Worker, department: str, deliveries: int) -> bool:
    topic = f"department-{CITY}-{department}"
    return shown(worker, metrics.DISPATCHER_PARKED).get((topic,)) == deliveries


async def shows_something(worker: Worker) -> bool:
    return bool(shown(worker, metrics.LAG_MESSAGES))
