"""The linker's process: its connections, its lease, its tick."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg

from schemas import metrics
from streams import leases, postgres
from streams.kafka import Broker, Log
from streams.linker.figures import Figures
from streams.linker.linker import Linker
from streams.linker.projection import Projection
from streams.linker.sources import Sources
from streams.linker.telling import Telling
from streams.policies import PolicyBook
from streams.process import Worker

ROLE = "linker"
RENEWALS_A_LEASE = 3


async def run(worker: Worker) -> None:
    """Looks every tick until it is asked to stop. The world being away ends the process."""
    wait = worker.settings.broker_wait_seconds
    async with AsyncExitStack() as stack:
        connection = await postgres.connect(
            worker.database_url, application=ROLE, idle_seconds=worker.idle_seconds
        )
        stack.callback(connection.terminate)
        log = Log(worker.kafka, client=ROLE, wait_seconds=wait)
        await log.start()
        stack.push_async_callback(log.stop)
        broker = Broker(worker.kafka, client=ROLE, wait_seconds=wait)
        await broker.start()
        stack.push_async_callback(broker.stop)
        book = PolicyBook(worker.kafka, client=ROLE)
        await book.read()
        linker = Linker(
            Projection(connection, inbox_generation=worker.settings.inbox_generation),
            Sources(broker),
            Telling(log, worker.tracer),
            book,
            Figures(worker.meters, worker.now),
            hold_max=timedelta(seconds=worker.settings.hold_seconds_max),
        )
        await _tick(worker, linker, connection)
        await leases.release(connection, ROLE, worker.settings.instance)
        worker.meters.show(metrics.LEASES, 0, ROLE)
        linker.forget()


async def _tick(worker: Worker, linker: Linker, connection: asyncpg.Connection) -> None:
    settings = worker.settings
    passed = asyncio.get_running_loop().time
    mine, renew_at = False, passed()
    while not worker.stopping.is_set():
        if passed() >= renew_at:
            renew_at = passed() + settings.lease_seconds / RENEWALS_A_LEASE
            mine = await _ours(connection, worker)
            worker.meters.show(metrics.LEASES, int(mine), ROLE)
        more = mine and await linker.look(worker.now())
        if not mine:
            linker.forget()
        worker.heartbeat.beat()
        if not more:
            await worker.rest(settings.linker_tick_seconds)


async def _ours(connection: asyncpg.Connection, worker: Worker) -> bool:
    """Whether we are the linker; two for a moment say the same, and it counts once."""
    held = await leases.claim(
        connection,
        ROLE,
        worker.settings.instance,
        seconds=worker.settings.lease_seconds,
        partitions_max=1,
        partitions=1,
    )
    return bool(held)
