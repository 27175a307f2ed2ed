"""The janitor's loop: one janitor by its lease, one turn a tick, each step harmless twice."""

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import asyncpg
from aiokafka.structs import TopicPartition

from schemas import logs, metrics
from schemas.topics import (
    DEAD_LETTERS,
    HEARTBEAT,
    IMPORTS,
    KEYRING,
    LOG_PARTITIONS,
    REPAIRS,
    ROUTER_GROUPS,
)
from streams import leases, postgres
from streams.core.retention import deletable_below, heartbeat_due
from streams.janitor.owed import Owed
from streams.janitor.records import Records
from streams.janitor.tables import Tables
from streams.kafka import Log
from streams.process import Worker

ROLE = "janitor"
INBOXES = ("intake-", "progress-", IMPORTS, REPAIRS)
RENEWALS_A_LEASE = 3
REST_SECONDS_MAX = 1.0
BROKER_WAIT_SECONDS = 10.0

Offsets = Mapping[TopicPartition, int]
_log = logs.logger()


async def run(worker: Worker) -> None:
    """Clears up until it is asked to stop. The world being away ends the process."""
    async with AsyncExitStack() as stack:
        connection = await postgres.connect(
            worker.database_url, application=ROLE, idle_seconds=worker.idle_seconds
        )
        stack.callback(connection.terminate)
        log = Log(worker.kafka, client=ROLE, wait_seconds=BROKER_WAIT_SECONDS)
        await log.start()
        stack.push_async_callback(log.stop)
        records = Records(worker.kafka, client=ROLE, wait_seconds=BROKER_WAIT_SECONDS)
        await records.start()
        stack.push_async_callback(records.stop)
        tables = Tables(connection, inbox_generation=worker.settings.inbox_generation)
        janitor = Janitor(worker, tables, records, log)
        await _tick(worker, janitor, connection)
        await leases.release(connection, ROLE, worker.settings.instance)
        worker.meters.show(metrics.LEASES, 0, ROLE)
        janitor.owed.forget()


class Janitor:
    def __init__(self, worker: Worker, tables: Tables, records: Records, log: Log) -> None:
        self._worker = worker
        self._tables = tables
        self._records = records
        self._log = log
        self.owed = Owed(worker, tables)
        self._beaten_at: datetime | None = None

    async def turn(self) -> None:
        steps = (self.delete_raw, self.append_tombstones, self.keep_compacting, self.clear)
        for step in steps:
            await step()
            self._worker.heartbeat.beat()

    async def delete_raw(self) -> None:
        """Deletes the raw messages that have their outcome and are old enough; no other."""
        committed = await self._committed()
        marks = await self._marks(committed)
        starts = await self._records.starts(list(marks))
        kept = timedelta(days=self._worker.settings.inbox_days)
        aged = await self._records.first_since(list(marks), self._worker.now() - kept)
        wanted = {
            place: deletable_below(mark=mark, committed=committed.get(place), aged=aged[place])
            for place, mark in marks.items()
        }
        gone = {place: below for place, below in wanted.items() if below > starts[place]}
        deleted = await self._records.delete_below(gone)
        self._count(starts, deleted, aged)

    async def append_tombstones(self) -> None:
        """For each key of an erased case; the projector forgets the row when it reads them."""
        owed = await self._tables.owed_tombstones()
        sent = [
            await self._log.send(
                KEYRING, f"{one.case_id}/{one.kid}".encode(), None, partition=one.log_partition
            )
            for one in owed
        ]
        for acknowledged in sent:
            await acknowledged
        self._worker.meters.count(metrics.JANITOR_TOMBSTONES, by=len(owed))

    async def keep_compacting(self) -> None:
        """A record in each partition of the keyring, now and then, closes the file before it."""
        now, days = self._worker.now(), self._worker.settings.keyring_days
        if not heartbeat_due(self._beaten_at, now, keyring_days=days):
            return
        for partition in range(LOG_PARTITIONS):
            key = f"{HEARTBEAT}{partition}".encode()
            await self._log.append(KEYRING, key, now.isoformat().encode(), partition=partition)
        self._beaten_at = now

    async def clear(self) -> None:
        letters = [TopicPartition(DEAD_LETTERS, one) for one in range(LOG_PARTITIONS)]
        starts = await self._records.starts(letters)
        await self._tables.clear({place.partition: start for place, start in starts.items()})

    async def _committed(self) -> Offsets:
        known: dict[TopicPartition, int] = {}
        for group in ROUTER_GROUPS.values():
            known |= await self._records.committed(group)
        return known

    async def _marks(self, committed: Offsets) -> Offsets:
        """Of every inbox that is there. What became of a repair stands in its first inbox."""
        listed = await self._records.partitions(INBOXES)
        places = [TopicPartition(topic, one) for topic in listed for one in range(listed[topic])]
        marks = {**await self._tables.marks()}
        marks |= {place: end for place, end in committed.items() if place.topic == REPAIRS}
        return {place: marks[place] for place in places if place in marks}

    def _count(self, starts: Offsets, deleted: Offsets, aged: Offsets) -> None:
        """What went; and what is old enough, and is kept by a gap or by a router that is behind."""
        count = sum(below - starts[place] for place, below in deleted.items())
        left = {place: deleted.get(place, start) for place, start in starts.items()}
        overdue = sum(max(aged[place] - start, 0) for place, start in left.items())
        self._worker.meters.count(metrics.JANITOR_DELETED, by=count)
        self._worker.meters.show(metrics.JANITOR_OVERDUE, overdue)
        if count:
            _log.info("raw messages deleted", records=count, overdue=overdue)


async def _tick(worker: Worker, janitor: Janitor, connection: asyncpg.Connection) -> None:
    settings = worker.settings
    renew_at = turn_at = time.monotonic()
    mine = False
    while not worker.stopping.is_set():
        now = time.monotonic()
        if now >= renew_at:
            renew_at = now + settings.lease_seconds / RENEWALS_A_LEASE
            mine = await _ours(connection, worker)
            worker.meters.show(metrics.LEASES, int(mine), ROLE)
        if mine and now >= turn_at:
            turn_at = now + settings.janitor_tick_seconds
            await janitor.turn()
        if mine:
            await janitor.owed.look()
        else:
            janitor.owed.forget()
        worker.heartbeat.beat()
        await worker.rest(min(REST_SECONDS_MAX, settings.janitor_tick_seconds))


async def _ours(connection: asyncpg.Connection, worker: Worker) -> bool:
    """Whether we are the janitor; two for a moment do nothing that one would not."""
    held = await leases.claim(
        connection,
        ROLE,
        worker.settings.instance,
        seconds=worker.settings.lease_seconds,
        partitions_max=1,
        partitions=1,
    )
    return bool(held)
