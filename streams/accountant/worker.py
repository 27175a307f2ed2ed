"""The accountant's loop: move the marks, find the gaps below what the routers have committed."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.topics import CASE_FACTS, DEAD_LETTERS, IMPORTS, LOG_PARTITIONS, ROUTER_GROUPS
from streams import postgres
from streams.accountant.ledger import Ledger, Standings
from streams.accountant.promises import SESSION, OpenPromises
from streams.accountant.repairs import Repairs
from streams.core.accounting import InboxPartition, gaps
from streams.kafka import Broker, Log
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
        await _both(accountant, await _open_promises(worker, stack))
        await ledger.release()


async def _open_promises(worker: Worker, stack: AsyncExitStack) -> OpenPromises:
    """On a session of its own: the accounting does not wait for it."""
    connection = await postgres.connect(
        worker.database_url,
        application="accountant counting",
        idle_seconds=worker.idle_seconds,
        **SESSION,
    )
    stack.callback(connection.terminate)
    return OpenPromises(worker, connection)


async def _both(accountant: "Accountant", promises: OpenPromises) -> None:
    work = (accountant.work(), promises.work())
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
        while not self._worker.stopping.is_set():
            if await self._ours():
                await self.turn()
            self._worker.heartbeat.beat()
            await self._worker.rest(self._worker.settings.accounting_tick_seconds)

    async def _ours(self) -> bool:
        """Asked now and then: whoever writes asks again, inside the transaction."""
        seconds = self._worker.settings.lease_seconds
        if time.monotonic() >= self._lease_at:
            self._leased = await self._ledger.ours(seconds)
            self._lease_at = time.monotonic() + (seconds / RENEWALS_A_LEASE if self._leased else 0)
        return self._leased

    async def turn(self) -> None:
        """Gaps are looked for last: all that was committed at first has an outcome by then."""
        await self._list_inboxes()
        committed = await self._committed()
        projected = await self._projected_past_now()
        standings = await self._ledger.merge()
        await self._show(standings)
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

    async def _show(self, standings: Standings) -> None:
        places = {one: TopicPartition(one.inbox, one.partition) for one in self._places}
        ends = await self._broker.ends(list(places.values()))
        behind = sum(
            max(ends[place] - standings[one].mark, 0)
            for one, place in places.items()
            if one in standings
        )
        self._worker.meters.show(metrics.ACCOUNTING_BEHIND, behind)

    async def _repair(self, standings: Standings, committed: Committed) -> None:
        for place, below in committed.items():
            standing = standings.get(place)
            if standing is None or standing.mark >= below:
                continue
            known = standing.known_below
            missing = gaps(
                standing.mark, standing.covered, below if known is None else min(below, known)
            )
            if missing:
                await self._repairs.ask(place, missing)

    def _named(self, place: TopicPartition) -> InboxPartition:
        return InboxPartition(
            inbox=place.topic,
            generation=self._worker.settings.inbox_generation,
            partition=place.partition,
        )


def _past(reached: tuple[int, int], end: tuple[int, int]) -> bool:
    return reached[0] >= end[0] and reached[1] >= end[1]
