"""Sends the message of a gap through a router again, at longer intervals than it may take."""

import base64
from collections.abc import Collection
from datetime import timedelta

from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas import logs, metrics
from schemas.codec import encode, headers
from schemas.fact_parts import Source
from schemas.messages import Repair
from schemas.topics import REPAIRS
from schemas.trace_context import of_headers
from streams.accountant.ledger import Ledger
from streams.core.accounting import Attempt, InboxPartition, next_attempt
from streams.kafka import Broker, Log, moment_of
from streams.process import Worker

_log = logs.logger()


class Repairs:
    def __init__(self, worker: Worker, broker: Broker, log: Log, ledger: Ledger) -> None:
        self._worker = worker
        self._broker = broker
        self._log = log
        self._ledger = ledger
        self._wait = timedelta(seconds=worker.settings.repair_after_seconds)

    async def ask(self, place: InboxPartition, offsets: Collection[int]) -> None:
        """For each gap its next try, if it is time for one."""
        repaired = await self._ledger.repaired(place, offsets)
        for offset in offsets:
            attempt = next_attempt(repaired.get(offset), self._worker.now(), self._wait)
            if attempt is not None:
                await self._try(place, offset, attempt)
            self._worker.heartbeat.beat()

    async def _try(self, place: InboxPartition, offset: int, attempt: Attempt) -> None:
        record = await self._broker.record_at(TopicPartition(place.inbox, place.partition), offset)
        if record is None:
            await self._ledger.cover(place, offset)
            return
        source = Source(
            inbox=place.inbox,
            generation=place.generation,
            partition=place.partition,
            offset=offset,
        )
        await self._append(source, record, attempt)
        # Noted after it is sent: a crash between the two repeats a try, and loses none.
        await self._ledger.tried(place, offset, attempts=attempt.number, at=self._worker.now())
        to = "centre" if attempt.to_centre else "router"
        self._worker.meters.count(metrics.ACCOUNTING_GAPS, to)
        _log.error("gap sent to repair", source=_words(source), attempt=attempt.number, to=to)

    async def _append(self, source: Source, record: ConsumerRecord, attempt: Attempt) -> None:
        repair = Repair(
            source=source,
            recorded_at=moment_of(record.timestamp),
            attempt=attempt.number,
            why="gap",
            payload=base64.b64encode(record.value or b"").decode("ascii"),
            to_centre=attempt.to_centre,
        )
        place = _words(source)
        traced = of_headers(record.headers)
        span = self._worker.tracer.follow(traced, f"send {REPAIRS}", "producer")
        await self._log.append(
            REPAIRS,
            key=place.encode(),
            value=encode(repair),
            headers=headers(
                repair.type,
                event_id=f"{place}/{attempt.number}",
                subject=place,
                source="peygir/accountant",
                at=self._worker.now(),
                trace=span.onward,
            ),
        )
        span.end()


def _words(source: Source) -> str:
    return f"{source.inbox}/{source.generation}/{source.partition}/{source.offset}"
