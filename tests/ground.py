"""A log and its projection for tests of what stands behind them, both moved on by hand."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas.codec import decode_fact, encode
from schemas.facts import Fact
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, partition_of
from schemas.vocabulary import CaseId
from services.provision.tables import lay_out
from streams import postgres
from streams.core.terms import NO_TERMS, AllTerms
from streams.kafka import Broker, Log, reader, stopped
from streams.projector import tables
from streams.projector.batch import Batch
from streams.projector.folding import fold
from streams.projector.projection import changes_of
from tests.books import FixedBook
from tests.builders import CENTRE, CITY, PARKS
from tests.topics import make_fixed_topics, make_topic

WAIT_SECONDS = 10.0
TOPICS = tuple(
    f"{purpose}-{CITY}-{department}"
    for purpose in ("progress", "department")
    for department in (PARKS, CENTRE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Real servers. Nothing is projected, and no inbox accounted for, until the test says so."""

    kafka: str
    database: str
    connection: asyncpg.Connection
    log: Log
    broker: Broker
    consumer: AIOKafkaConsumer
    terms: AllTerms = field(default_factory=lambda: NO_TERMS)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def append(self, *facts: Fact) -> list[int]:
        """The facts as a router would append them."""
        return [
            (
                await self.log.append(
                    CASE_FACTS,
                    fact.case_id.encode(),
                    encode(fact),
                    partition=partition_of(fact.case_id),
                )
            ).offset
            for fact in facts
        ]

    async def project(self) -> None:
        """Reads the log to its end, in one transaction."""
        batch = Batch()
        for number, position in (await self.positions()).items():
            where = TopicPartition(CASE_FACTS, number)
            batch.add(await self.records(where, since=position))
        cases = {record.fact.case_id for record in batch.facts}
        known = await tables.known_states(self.connection, cases, FixedBook(self.terms))
        judged = fold(known, batch.facts, self.terms)
        async with self.connection.transaction():
            await tables.write(self.connection, batch, changes_of(batch, judged, []))
            await self.move({number: to for (_, number), to in batch.next_offsets.items()})

    async def positions(self) -> dict[int, int]:
        found = await self.connection.fetch("select log_partition, facts_offset from log_positions")
        return {row["log_partition"]: row["facts_offset"] for row in found}

    async def move(self, positions: Mapping[int, int]) -> None:
        moved = "update log_positions set facts_offset = $2 where log_partition = $1"
        await self.connection.executemany(moved, list(positions.items()))

    async def has_topics(self) -> bool:
        """The broker shows a new topic a moment after it was made."""
        return (await self.broker.partitions(TOPICS)).keys() >= set(TOPICS)

    async def rebuild(self, since: Mapping[int, int]) -> None:
        """Empties the projection, and reads the log again from those positions."""
        await self.connection.execute(
            "truncate facts, cases, clocks, contents, outbox, dead_letters, covered"
        )
        await self.move(since)
        await self.project()

    async def account(self) -> None:
        """Marks the inboxes of departments as accounted for, up to their ends."""
        for place in await self._inboxes():
            end = (await self.broker.ends([place]))[place]
            await self.connection.execute(
                """
                insert into inbox_marks (inbox, generation, inbox_partition, mark)
                values ($1, 1, $2, $3)
                on conflict (inbox, generation, inbox_partition) do update set mark = excluded.mark
                """,
                place.topic,
                place.partition,
                end,
            )

    async def records(self, where: TopicPartition, *, since: int = 0) -> list[ConsumerRecord]:
        """All of a partition from that offset to its end."""
        end = (await self.broker.ends([where]))[where]
        found: list[ConsumerRecord] = []
        async with self.reading:
            self.consumer.assign([where])
            self.consumer.seek(where, since)
            while since < end and await self.consumer.position(where) < end:
                for records in (await self.consumer.getmany(timeout_ms=1_000)).values():
                    found.extend(records)
        return found

    async def facts_of(self, *cases: CaseId) -> list[Fact]:
        """The facts of these cases as they lie in the log, repetitions too."""
        found: list[Fact] = []
        for number in {partition_of(case_id) for case_id in cases}:
            records = await self.records(TopicPartition(CASE_FACTS, number))
            facts = (decode_fact(record.value or b"") for record in records)
            found.extend(fact for fact in facts if fact.case_id in cases)
        return found

    async def _inboxes(self) -> list[TopicPartition]:
        counts = await self.broker.partitions(("progress-",))
        return [TopicPartition(name, one) for name, count in counts.items() for one in range(count)]


@asynccontextmanager
async def ground(kafka: str, database: str, *, terms: AllTerms = NO_TERMS) -> AsyncIterator[Ground]:
    """The topics and tables, made if they are missing; what lies in the log is projected."""
    await make_fixed_topics(kafka)
    for topic in TOPICS:
        await make_topic(kafka, topic)
    async with AsyncExitStack() as stack:
        log = Log(kafka, client="test", wait_seconds=WAIT_SECONDS)
        await log.start()
        stack.push_async_callback(log.stop)
        broker = Broker(kafka, client="test", wait_seconds=WAIT_SECONDS)
        await broker.start()
        stack.push_async_callback(broker.stop)
        connection = await postgres.connect(database, application="test", idle_seconds=30)
        stack.push_async_callback(connection.close)
        consumer = reader(kafka, client="test", max_wait_ms=20)
        await consumer.start()
        # Cancelled between two of its requests, it can wait for itself for ever.
        stack.push_async_callback(lambda: stopped(consumer.stop()))
        one = Ground(
            kafka=kafka,
            database=database,
            connection=connection,
            log=log,
            broker=broker,
            consumer=consumer,
            terms=terms,
        )
        if await lay_out(connection, await broker.cluster_id()):
            # What other tests left in this broker's log is not of this database.
            places = [TopicPartition(CASE_FACTS, number) for number in range(LOG_PARTITIONS)]
            ends = await broker.ends(places)
            await one.move({place.partition: end for place, end in ends.items()})
        await until(one.has_topics)
        await one.project()
        await connection.execute("delete from desk.leases")
        yield one


def now() -> datetime:
    return datetime.now(UTC)


def new_case() -> CaseId:
    return CaseId(secrets.token_hex(16))


@asynccontextmanager
async def working(role: str, ground: Ground, **settings: str) -> AsyncIterator["Process"]:
    """The worker as a process of its own; it is killed at the end if it still lives."""
    process = Process(role, ground, settings)
    process.start()
    try:
        yield process
    finally:
        process.kill()


class Process:
    def __init__(self, role: str, ground: Ground, settings: dict[str, str]) -> None:
        self._command = (sys.executable, "-m", "streams", role)
        self._environment = {
            **os.environ,
            "PEYGIR_KAFKA": ground.kafka,
            "PEYGIR_DATABASE_URL": ground.database,
            "PEYGIR_LEASE_SECONDS": "1",
            "PEYGIR_INSTANCE": f"{role}-1",
            **{f"PEYGIR_{name.upper()}": value for name, value in settings.items()},
        }

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> None:
    """Waits for it, asking a few times a second."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.05)
