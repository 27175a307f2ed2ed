"""The processes that announce and deliver notices, and when each notice was seen where it goes."""

import asyncio
import base64
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas.codec import decode, decode_fact
from schemas.deliveries import Delivery
from schemas.notices import Breached, Warned
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, department_of
from schemas.vocabulary import CaseId, FactId
from services.embedded.ports import free_port
from tests.bench.scraping import scraped
from tests.builders import CITY, PARKS

MASTER = b"m" * 32
DEPARTMENT = department_of(CITY, PARKS)
PLACES = (
    *(TopicPartition(CASE_FACTS, number) for number in range(LOG_PARTITIONS)),
    TopicPartition(DEPARTMENT, 0),
)


@dataclass(slots=True)
class Seen:
    """Every notice, when it was due, and when it was first seen in the log, and delivered."""

    due_at: dict[FactId, datetime] = field(default_factory=dict[FactId, datetime])
    in_log: dict[FactId, datetime] = field(default_factory=dict[FactId, datetime])
    delivered: dict[CaseId, datetime] = field(default_factory=dict[CaseId, datetime])
    cases: dict[FactId, CaseId] = field(default_factory=dict[FactId, CaseId])
    times: Counter[FactId] = field(default_factory=Counter[FactId])
    # When it was decided, by the timer's clock; and when it was seen here.
    last: tuple[datetime, datetime] | None = None

    async def watch(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            batches = await consumer.getmany(timeout_ms=50)
            now = datetime.now(UTC)
            for record in (record for batch in batches.values() for record in batch):
                self._see(record, now)

    def late(self, since: datetime, until: datetime) -> list[float]:
        """Seconds from when it was due to its lying in the log, of all that was due then."""
        return [
            (at - self.due_at[fact_id]).total_seconds()
            for fact_id, at in self.in_log.items()
            if since <= self.due_at[fact_id] < until
        ]

    def delivered_late(self, since: datetime, until: datetime) -> list[float]:
        return [
            (self.delivered[self.cases[fact_id]] - due_at).total_seconds()
            for fact_id, due_at in self.due_at.items()
            if since <= due_at < until and self.cases[fact_id] in self.delivered
        ]

    def _see(self, record: ConsumerRecord, now: datetime) -> None:
        raw = record.value or b""
        if record.topic == DEPARTMENT:
            self.delivered.setdefault(decode(raw, Delivery).case_id, now)
            return
        fact = decode_fact(raw)
        if isinstance(fact, Warned | Breached):
            self.times[fact.fact_id] += 1
            self.due_at[fact.fact_id] = fact.due_at
            self.cases[fact.fact_id] = fact.case_id
            self.in_log.setdefault(fact.fact_id, now)
            self.last = (fact.recorded_at, now)


class Process:
    """A worker as an installation runs it; its words go to a file."""

    def __init__(self, role: str, folder: Path, *, kafka: str, database: str) -> None:
        self._command = (sys.executable, "-m", "streams", role)
        self._log = folder / f"{role}.log"
        self.shown = free_port(f"bench {role}")
        self._environment = os.environ | {
            "PEYGIR_KAFKA": kafka,
            "PEYGIR_DATABASE_URL": database,
            "PEYGIR_METRICS_PORT": str(self.shown),
            "PEYGIR_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
        }

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def check(self) -> None:
        """Raises where it has ended."""
        if self._process.poll() is not None:
            raise AssertionError(self._log.read_text()[-2_000:])


@contextmanager
def at_work(*processes: Process) -> Iterator[None]:
    for one in processes:
        one.start()
    try:
        with scraped(*(one.shown for one in processes)):
            yield
        for one in processes:
            one.check()
    finally:
        for one in processes:
            one.kill()


async def back_after_kill(timer: Process, seen: Seen, seconds_max: float) -> float:
    """Seconds from the start of a timer whose forerunner was killed to its first notice."""
    timer.kill()
    started_at = datetime.now(UTC)
    timer.start()
    while seen.last is None or seen.last[0] < started_at:
        assert datetime.now(UTC) - started_at < timedelta(seconds=seconds_max), "it is not back"
        await asyncio.sleep(0.02)
    return (seen.last[1] - started_at).total_seconds()
