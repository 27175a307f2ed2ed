"""The sla-timer's process: its connections, its leases, its tick."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg

from schemas import metrics
from streams import leases, postgres
from streams.kafka import Broker, Log
from streams.policies import PolicyBook
from streams.process import Worker
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.projection import Projection
from streams.sla_timer.sources import Sources
from streams.sla_timer.timer import Timer

ROLE = "sla-timer"
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
        announcer = Announcer(log, book, worker.meters, worker.now, worker.tracer)
        await _tick(worker, _timer(worker, connection, announcer, broker), connection)
        await leases.release(connection, ROLE, worker.settings.instance)
        worker.meters.show(metrics.LEASES, 0, ROLE)


def _timer(
    worker: Worker, connection: asyncpg.Connection, announcer: Announcer, broker: Broker
) -> Timer:
    return Timer(
        Projection(connection, inbox_generation=worker.settings.inbox_generation),
        Sources(broker),
        announcer,
        worker.meters,
        clock=worker.now,
        hold_max=timedelta(seconds=worker.settings.hold_seconds_max),
    )


async def _tick(worker: Worker, timer: Timer, connection: asyncpg.Connection) -> None:
    settings = worker.settings
    passed = asyncio.get_running_loop().time
    mine, renew_at = frozenset[int](), passed()
    while not worker.stopping.is_set():
        if passed() >= renew_at:
            renew_at = passed() + settings.lease_seconds / RENEWALS_A_LEASE
            mine = await leases.claim(
                connection, ROLE, settings.instance, seconds=settings.lease_seconds
            )
            worker.meters.show(metrics.LEASES, len(mine), ROLE)
        more = await timer.look(mine)
        worker.heartbeat.beat()
        if not more:
            await worker.rest(settings.timer_tick_seconds)
