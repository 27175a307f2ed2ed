"""A real log and a real projection for one test: append, project, look."""

import asyncio
import base64
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from aiokafka.structs import TopicPartition
from pydantic import SecretStr

from schemas import metrics, projection, records, sealing
from schemas.codec import encode
from schemas.contents import Content
from schemas.exposition import Meters
from schemas.fact_parts import Source
from schemas.facts import Fact, Submitted
from schemas.messages import CallAnswered, DeadLetter, Key
from schemas.places import Place
from schemas.settings import Settings
from schemas.topics import (
    ANSWERED_CALLS,
    CASE_FACTS,
    DEAD_LETTERS,
    KEYRING,
    partition_of,
    partition_of_call,
)
from schemas.vocabulary import CaseId, Municipality
from streams.core.decide import area_of
from streams.kafka import Broker, Log
from streams.process import Heartbeat, Work, Worker
from tests.builders import CITY, NOON, SEALED, submitted

MASTER = b"m" * 32
PATIENCE_SECONDS = 30.0


class Lab:
    """One log, which other tests write to as well, and one projection that starts empty."""

    def __init__(self, kafka: str, database: str, log: Log, tables: asyncpg.Connection) -> None:
        self.kafka = kafka
        self.database = database
        self.log = log
        self.tables = tables

    def worker(self, instance: str = "1", *, master: bytes = MASTER, **settings: float) -> Worker:
        wanted = Settings(
            kafka=self.kafka,
            database_url=SecretStr(self.database),
            master_key=SecretStr(base64.urlsafe_b64encode(master).decode()),
            instance=instance,
            **settings,  # pyright: ignore[reportArgumentType]
        )
        return Worker(
            name="test",
            settings=wanted,
            now=lambda: datetime.now(UTC),
            meters=Meters(metrics.ALL),
            heartbeat=Heartbeat(wanted.watchdog_seconds),
        )

    async def append(self, *facts: Fact) -> None:
        sent = [
            await self.log.send(
                CASE_FACTS,
                fact.case_id.encode(),
                encode(fact),
                partition=partition_of(fact.case_id),
            )
            for fact in facts
        ]
        await asyncio.gather(*sent)

    async def append_bytes(self, topic: str, key: bytes, value: bytes | None, case: str) -> None:
        await self.log.append(topic, key, value, partition=partition_of(CaseId(case)))

    async def submit(
        self,
        case_id: CaseId,
        text: str,
        lies: Source,
        *,
        at: datetime = NOON,
        place: Place | None = None,
        municipality: Municipality = CITY,
    ) -> Submitted:
        """Appends a key and the submission that is sealed with it."""
        kid, secret = sealing.new_key()
        name = f"case/{case_id}/content"
        content = sealing.seal(
            encode(Content(text=text, place=place)), key=secret, kid=kid, bound_to=name
        )
        key = Key(case_id=case_id, kid=kid, wrapped=sealing.wrap(secret, MASTER))
        await self.append_bytes(KEYRING, f"{case_id}/{kid}".encode(), encode(key), case_id)
        fact = submitted(case_id, at=at, lies=lies, content=content)
        fact = replace(fact, municipality=municipality)
        if place is not None:
            fact = replace(fact, area=area_of(place))
        await self.append(fact)
        return fact

    async def erase(self, fact: Submitted) -> None:
        name = f"{fact.case_id}/{fact.content.kid}".encode()
        await self.append_bytes(KEYRING, name, None, fact.case_id)

    async def set_aside(self, source: Source) -> None:
        letter = DeadLetter(
            source=source,
            recorded_at=NOON,
            set_aside_at=NOON,
            reason="it cannot be read",
            kind="unreadable",
            payload=SEALED,
        )
        await self.log.append(DEAD_LETTERS, b"place", encode(letter), partition=0)

    async def answer(self, *calls: CallAnswered) -> None:
        for call in calls:
            key, where = records.call_name(call).encode(), partition_of_call(call.call)
            await self.log.append(ANSWERED_CALLS, key, encode(call), partition=where)

    async def count(self, table: str, **where: object) -> int:
        condition = " and ".join(f"{name} = ${at}" for at, name in enumerate(where, 1))
        text = f"select count(*) from {table} where {condition or 'true'}"  # noqa: S608
        return await self.tables.fetchval(text, *where.values()) or 0

    async def row(self, table: str, case_id: CaseId) -> asyncpg.Record | None:
        text = f"select * from {table} where case_id = $1"  # noqa: S608
        return await self.tables.fetchrow(text, case_id)

    async def settled(self, check: Callable[[], Awaitable[bool]]) -> None:
        """Waits until it is so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await check():  # noqa: ASYNC110 - the other side is another process
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def unfinished(self) -> AsyncIterator[None]:
        """Entered when the projector is in the middle of a transaction, and cannot go on."""
        query = """
        select count(*) from pg_stat_activity where application_name = 'peygir projector'
        and datname = current_database() and wait_event_type = 'Lock'
        """

        async def waits() -> bool:
            await self.tables.execute("select pg_stat_clear_snapshot()")
            return await self.tables.fetchval(query) == 1

        async with self.tables.transaction():
            await self.tables.execute("lock table cases in exclusive mode")
            await self.settled(waits)
            yield

    async def projected(self) -> None:
        """Waits until the projection is at the end of the log."""
        topics = {
            "facts_offset": CASE_FACTS,
            "keyring_offset": KEYRING,
            "letters_offset": DEAD_LETTERS,
            "calls_offset": ANSWERED_CALLS,
        }
        ends = {column: await self.ends(topic) for column, topic in topics.items()}

        async def at_the_end() -> bool:
            rows = await self.tables.fetch("select * from log_positions")
            return len(rows) == len(ends["facts_offset"]) and all(
                row[column] >= end[row["log_partition"]]
                for row in rows
                for column, end in ends.items()
            )

        await self.settled(at_the_end)

    async def ends(self, topic: str) -> dict[int, int]:
        broker = Broker(self.kafka, client="lab", wait_seconds=10)
        await broker.start()
        try:
            listed = await broker.partitions((topic,))
            places = [TopicPartition(topic, one) for one in range(listed[topic])]
            return {place.partition: end for place, end in (await broker.ends(places)).items()}
        finally:
            await broker.stop()


@asynccontextmanager
async def lab(kafka: str, postgres: str, name: str) -> AsyncIterator[Lab]:
    database = await _database(postgres, name)
    log = Log(kafka, client="lab", wait_seconds=20)
    await log.start()
    tables = await asyncpg.connect(database, server_settings={"search_path": "projection, desk"})
    try:
        yield Lab(kafka, database, log, tables)
    finally:
        await tables.close()
        await log.stop()


@asynccontextmanager
async def working(work: Work, worker: Worker) -> AsyncIterator[None]:
    """The worker at work in this process, for as long as the block lasts."""
    task = asyncio.ensure_future(work(worker))
    try:
        yield
    except TimeoutError:
        if task.done():
            task.result()
        raise
    finally:
        worker.stopping.set()
        await asyncio.wait([task])
    task.result()


@contextmanager
def process(
    lab: Lab, name: str, instance: str, **settings: object
) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as a process of its own, that may be stopped and killed."""
    environment = {
        "PATH": os.defpath,
        "PEYGIR_KAFKA": lab.kafka,
        "PEYGIR_DATABASE_URL": lab.database,
        "PEYGIR_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
        "PEYGIR_INSTANCE": instance,
        **{f"PEYGIR_{key.upper()}": str(value) for key, value in settings.items()},
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "streams", *name.split()],
        env=environment,
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGCONT)
            child.kill()
        child.wait()
        if child.stderr:
            child.stderr.close()


async def _database(postgres: str, name: str) -> str:
    server = await asyncpg.connect(postgres)
    await server.execute(f"drop database if exists {name} with (force)")
    await server.execute(f"create database {name}")
    await server.close()
    url = postgres.removesuffix("/postgres") + f"/{name}"
    tables = await asyncpg.connect(url)
    await tables.execute(projection.EXTENSIONS)
    await tables.execute("create schema projection")
    await tables.execute("set search_path = projection")
    await tables.execute(projection.TABLES)
    await tables.execute(projection.INDEXES)
    await tables.execute(projection.LAY_OUT, projection.LAYOUT)
    await tables.execute(projection.DESK)
    await tables.close()
    return url
