"""A projector put to work: its connections, its lease, and what must fit before it may write."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from schemas.sealing import UnsealError, unwrap
from schemas.topics import LOG_PARTITIONS
from streams import kafka, postgres
from streams.away import AwayError
from streams.kafka import Broker
from streams.policies import PolicyBook
from streams.process import HaltError, Worker
from streams.projector.layout import check_layout
from streams.projector.positions import Lease, release
from streams.projector.projection import Projection
from streams.projector.worker import BUSY, Projector

BROKER_WAIT_SECONDS = 10.0
# Facts and cases hold no cycles: the search for them would take a fifth of the time.
GARBAGE_THRESHOLD = 200_000
POLICIES_SECONDS = 10.0
A_KEY = "select wrapped from keyring where wrapped is not null limit 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a projector writes, under which name, and which partitions it takes at most."""

    name: str = "projector"
    partitions: tuple[int, ...] = tuple(range(LOG_PARTITIONS))
    session: dict[str, str] = field(default_factory=dict[str, str])
    """Settings of its sessions; a search path names another projection than the one at work."""


async def run(worker: Worker) -> None:
    """Projects until the worker is asked to stop. Raises `AwayError`, `HaltError`."""
    async with projector(worker, Stand()) as ours:
        await ours.work()


@asynccontextmanager
async def projector(worker: Worker, stand: Stand) -> AsyncIterator[Projector]:
    """A projector that may work for as long as the block lasts; then its partitions are free."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    broker = Broker(worker.kafka, client=stand.name, wait_seconds=BROKER_WAIT_SECONDS)
    consumer = kafka.reader(
        worker.kafka,
        client=stand.name,
        max_wait_ms=BUSY.max_wait_ms,
        min_bytes=BUSY.min_bytes,
    )
    writing, reading = connections = await _connections(worker, stand)
    book = PolicyBook(worker.kafka, client=stand.name)
    reading_on = asyncio.create_task(_read_on(worker, book))
    try:
        await broker.start()
        with kafka.away():
            await asyncio.wait_for(consumer.start(), BROKER_WAIT_SECONDS)
        await check_layout(reading)
        await _check_master_key(reading, worker.master_key)
        lease = Lease(
            owner=worker.settings.instance,
            seconds=worker.settings.lease_seconds,
            cluster_id=await broker.cluster_id(),
            partitions=stand.partitions,
        )
        await book.read()
        projection = Projection(worker, lease, book, writing=writing, reading=reading)
        yield Projector(worker, broker, consumer, projection)
        await release(writing, lease)
    finally:
        reading_on.cancel()
        await asyncio.wait([reading_on])
        await broker.stop()
        await kafka.stopped(consumer.stop())
        for connection in connections:
            connection.terminate()


async def _connections(worker: Worker, stand: Stand) -> list[asyncpg.Connection]:
    return [
        await postgres.connect(
            worker.database_url,
            application=name,
            idle_seconds=worker.idle_seconds,
            **stand.session,
        )
        for name in (stand.name, f"{stand.name} reading")
    ]


async def _read_on(worker: Worker, book: PolicyBook) -> None:
    """Reads of a municipality before there is a fact of it, so that its series begin at 0.

    Whoever folds reads what it needs itself, and ends where Kafka is away.
    """
    await worker.rest(POLICIES_SECONDS)
    while not worker.stopping.is_set():
        with suppress(AwayError):
            await book.read()
        await worker.rest(POLICIES_SECONDS)


async def _check_master_key(connection: asyncpg.Connection, master: bytes) -> None:
    with postgres.away():
        wrapped = await connection.fetchval(A_KEY)
    try:
        if wrapped is not None:
            unwrap(wrapped, master)
    except UnsealError as error:
        raise HaltError(f"PEYGIR_MASTER_KEY is not this installation's: {error}") from error
