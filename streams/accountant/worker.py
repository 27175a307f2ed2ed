"""The accountant's loop: move the marks, find the gaps below what the routers have committed."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack

import asyncpg
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.topics import CASE_FACTS, DEAD_LETTERS, IMPORTS, LOG_PARTITIONS, ROUTER_GROUPS
from streams import postgres
from streams.accountant import tables
from streams.accountant.cities import Cities
from streams.accountant.counting import SESSION, Counting
from streams.accountant.lag import Lag
from streams.accountant.ledger import ROLE, Ledger, Standings
from streams.accountant.repairs import Repairs
from streams.core.accounting import InboxPartition, gaps, gaps_counted
from streams.kafka import Broker, Log
from streams.policies import PolicyBook
from streams.process import Worker

INBOXES = ("intake-", "progress-", IMPORTS)
GROUPS = tuple(ROUTER_GROUPS[kind] for kind in ("intake", "progress", "imports"))
LIST_SECONDS = 5.0  # How soon a new inbox is accounted for.
PROJECTOR_WAIT_SECONDS = 5.0
PROJECTOR_LOOK_SECONDS = 0.02
BROKER_WAIT_SECONDS = 10.0
RENEWALS_A_LEASE = 3

Committed = Mapping[InboxPartition, int]


async def run(worker: Worker) -> None:
    """Accounts until the worker is asked to stop. Raises `AwayError`."""
    async with AsyncExitStack() as stack:
        connection = await postgres.connect(
            worker.database_url, application="accountant", idle_seconds=worker.idle_seconds
        )
        stack.callback(connection.terminate)
        broker = Broker(worker.kafka, client="accountant", wait_seconds=BROKER_WAIT_SECONDS)
        await broker.start()
        stack.push_async_callback(broker.stop)
        log = Log(worker.kafka, client="accountant", wait_seconds=BROKER_WAIT_SECONDS)
        await log.start()
        stack.push_async_callback(log.stop)
        ledger = Ledger(
            connection, owner=worker.settings.instance, generation=worker.settings.inbox_generation
        )
        await ledger.check_generation()
        accountant = Accountant(worker, broker, ledger, Repairs(worker, broker, log, ledger))
        cities = Cities(PolicyBook(worker.kafka, client="accountant"))
        counting = Counting(worker, await _session(worker, stack, "counting", **SESSION), cities)
        lag = Lag(worker, await _session(worker, stack, "lag", **tables.SESSION), cities)
        await _all(accountant.work(), counting.work(), lag.work())
        await ledger.release()


async def _session(
    worker: Worker, stack: AsyncExitStack, what: str, **settings: str
) -> asyncpg.Connection:
    """Of its own: the accounting does not wait for what is only shown."""
    connection = await postgres.connect(
        worker.database_url,
        application=f"accountant {what}",
        idle_seconds=worker.idle_seconds,
        **settings,
    )
    stack.callback(connection.terminate)
    return connection


async def _all(*work: Coroutine[None, None, None]) -> None:
    """Ends with the first that fails."""
    working = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*working)
    finally:
        for one in working:
            one.cancel()


class Accountant:
    def __init__(self, worker: Worker, broker: Broker, ledger: Ledger, repairs: Repairs) -> None:
        self._worker = worker
        self._broker = broker
        self._ledger = ledger
        self._repairs = repairs
        self._places: frozenset[InboxPartition] = frozenset()
        self._list_at = 0.0
        self._lease_at = 0.0
        self._leased = False

    async def work(self) -> None:
        try:
            while not self._worker.stopping.is_set():
                if await self._ours():
                    await self.turn()
                self._worker.heartbeat.beat()
                await self._worker.rest(self._worker.settings.accounting_tick_seconds)
        finally:
            self._not_ours()

    async def _ours(self) -> bool:
        """Asked now and then: whoever writes asks again, inside the transaction."""
        seconds = self._worker.settings.lease_seconds
        if time.monotonic() >= self._lease_at:
            self._leased = await self._ledger.ours(seconds)
            self._lease_at = time.monotonic() + (seconds / RENEWALS_A_LEASE if self._leased else 0)
            self._worker.meters.show(metrics.LEASES, int(self._leased), ROLE)
            if not self._leased:
                self._not_ours()
        return self._leased

    def _not_ours(self) -> None:
        """Another may be the accountant: two must not show the same."""
        self._worker.meters.show(metrics.LEASES, 0, ROLE)
        self._worker.meters.show(metrics.ACCOUNTING_OPEN, 0)

    async def turn(self) -> None:
        """Gaps are looked for last: all that was committed at first has an outcome by then."""
        await self._list_inboxes()
        committed = await self._committed()
        projected = await self._projected_past_now()
        standings = await self._ledger.merge()
        if projected:
            await self._repair(standings, committed)

    async def _list_inboxes(self) -> None:
        if time.monotonic() < self._list_at:
            return
        self._list_at = time.monotonic() + LIST_SECONDS
        listed = await self._broker.partitions(INBOXES)
        places = [TopicPartition(topic, one) for topic in listed for one in range(listed[topic])]
        new = [place for place in places if self._named(place) not in self._places]
        if new:
            starts = await self._broker.starts(new)
            await self._ledger.open({self._named(place): starts[place] for place in new})
        self._places = frozenset(self._named(place) for place in places)

    async def _committed(self) -> Committed:
        known: dict[InboxPartition, int] = {}
        for group in GROUPS:
            for place, offset in (await self._broker.committed(group)).items():
                known[self._named(place)] = offset
        return known

    async def _projected_past_now(self) -> bool:
        """Waits until the projection is at the ends that the log has now; not for ever."""
        log = [TopicPartition(CASE_FACTS, one) for one in range(LOG_PARTITIONS)]
        letters = [TopicPartition(DEAD_LETTERS, one) for one in range(LOG_PARTITIONS)]
        ends = await self._broker.ends([*log, *letters])
        wanted = {
            facts.partition: (ends[facts], ends[dead])
            for facts, dead in zip(log, letters, strict=True)
        }
        give_up_at = time.monotonic() + PROJECTOR_WAIT_SECONDS
        while time.monotonic() < give_up_at and not self._worker.stopping.is_set():
            read_to = await self._ledger.read_to()
            if all(_past(read_to.get(one, (0, 0)), end) for one, end in wanted.items()):
                return True
            self._worker.heartbeat.beat()
            await self._worker.rest(PROJECTOR_LOOK_SECONDS)
        return False

    async def _repair(self, standings: Standings, committed: Committed) -> None:
        counted, missing = 0, dict[InboxPartition, tuple[int, ...]]()
        for place, passed in committed.items():
            standing = standings.get(place)
            if standing is None or standing.mark >= passed:
                continue
            known = standing.known_below
            below = passed if known is None else min(passed, known)
            counted += gaps_counted(standing.mark, standing.covered, below)
            missing[place] = gaps(standing.mark, standing.covered, below)
        self._worker.meters.show(metrics.ACCOUNTING_OPEN, counted)
        for place, offsets in missing.items():
            await self._repairs.ask(place, offsets)

    def _named(self, place: TopicPartition) -> InboxPartition:
        return InboxPartition(
            inbox=place.topic,
            generation=self._worker.settings.inbox_generation,
            partition=place.partition,
        )


def _past(reached: tuple[int, int], end: tuple[int, int]) -> bool:
    return reached[0] >= end[0] and reached[1] >= end[1]
