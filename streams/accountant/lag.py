"""How far everybody is behind, shown now and then by the accountant at work."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime

import asyncpg

from schemas import logs, metrics
from schemas.topics import department_of
from streams.accountant.cities import Cities
from streams.accountant.records import Records
from streams.accountant.showing import keep_shown
from streams.accountant.tables import Progress, progress
from streams.away import AwayError
from streams.core.at_work import departments_of
from streams.core.lag import OUTBOX, Oldest, Place, Waiting, by_source, learned, unread
from streams.kafka import NoTopicError
from streams.process import Worker

KAFKA_SECONDS_MAX = 4.0
READ_SECONDS_MAX = 2.0
BROKER_WAIT_SECONDS = 10.0
# What was seen last is shown on, but not for long.
FAILED_LOOKS_MAX = 3

_log = logs.logger()


class Lag:
    """What fails in Kafka is looked at again: whether the world is away, the accounting says.

    What fails in Postgres ends the process, as everywhere.
    """

    def __init__(self, worker: Worker, connection: asyncpg.Connection, cities: Cities) -> None:
        self._worker = worker
        self._connection = connection
        self._cities = cities
        self._broker: Records | None = None
        self._oldest: Mapping[Place, Oldest] = {}
        self._failed = 0

    async def work(self) -> None:
        """Until the worker is asked to stop. Raises `AwayError`."""
        every = self._worker.settings.lag_seconds
        try:
            await keep_shown(self, self._worker, self._connection, every_seconds=every)
        finally:
            await self.let_go()

    async def look(self) -> float:
        """Shows how it is; gives how many seconds Postgres needed for it."""
        began = time.monotonic()
        try:
            known = await progress(self._connection, self._worker.settings.inbox_generation)
        except asyncpg.QueryCanceledError:
            self._missed("Postgres took too long")
            return time.monotonic() - began
        took = time.monotonic() - began
        try:
            await self._compare(known)
        except (AwayError, NoTopicError, TimeoutError) as error:
            # A topic that is deleted meanwhile has no end; the next look does not ask for it.
            await self.let_go()
            self._missed(f"Kafka did not answer ({type(error).__name__})")
        else:
            self._failed = 0
        return took

    def forget(self) -> None:
        for metric in (metrics.LAG_MESSAGES, metrics.LAG_SECONDS, metrics.DISPATCHER_PARKED):
            self._worker.meters.show_only(metric, {})
        self._worker.meters.show(metrics.ACCOUNTING_BEHIND, 0)
        self._oldest = {}

    async def _compare(self, known: Progress) -> None:
        async with asyncio.timeout(KAFKA_SECONDS_MAX):
            broker = await self._connected()
            waits = await broker.waiting(known.projected)
            read = await broker.times(unread(waits, self._oldest), READ_SECONDS_MAX)
        now = self._worker.now()
        self._oldest = learned(waits, self._oldest, read, now)
        self._show(waits, known, now)

    def _show(self, waits: Mapping[Place, Waiting], known: Progress, now: datetime) -> None:
        behind = {**by_source(waits, self._oldest), OUTBOX: known.outbox}
        meters = self._worker.meters
        meters.show_only(metrics.LAG_MESSAGES, {at: one.records for at, one in behind.items()})
        meters.show_only(metrics.LAG_SECONDS, {at: one.seconds(now) for at, one in behind.items()})
        unaccounted = sum(
            max(one.first + one.records - known.marks[place], 0)
            for place, one in waits.items()
            if place in known.marks
        )
        meters.show(metrics.ACCOUNTING_BEHIND, unaccounted)
        none = {department_of(*one): 0 for one in departments_of(self._cities.at_work(now))}
        parked = {**none, **known.parked}
        meters.show_only(metrics.DISPATCHER_PARKED, {(at,): one for at, one in parked.items()})

    def _missed(self, why: str) -> None:
        self._failed += 1
        _log.warning("how far everybody is behind was not seen", reason=why)
        if self._failed >= FAILED_LOOKS_MAX:
            self.forget()

    async def _connected(self) -> Records:
        if self._broker is None:
            self._broker = Records(
                self._worker.kafka, client="accountant lag", wait_seconds=BROKER_WAIT_SECONDS
            )
            await self._broker.start()
        return self._broker

    async def let_go(self) -> None:
        """Of the connection to Kafka: the next look makes another."""
        if self._broker is not None:
            broker, self._broker = self._broker, None
            await broker.stop()
