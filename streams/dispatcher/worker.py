"""The dispatcher's process: its connections, its leases, and what wakes it."""

import asyncio
from contextlib import AsyncExitStack, suppress

import asyncpg

from schemas import metrics
from streams import leases, postgres
from streams.dispatcher.delivery import Post
from streams.dispatcher.outbox import Outbox, restored_at
from streams.dispatcher.rounds import Dispatcher
from streams.kafka import Log
from streams.policies import PolicyBook
from streams.process import Worker

ROLE = "dispatcher"
WOKEN_BY = "peygir_projected"
RENEWALS_A_LEASE = 3


async def run(worker: Worker) -> None:
    """Delivers whenever the projector has written, until it is asked to stop.

    The world being away ends the process, and so does the end of its one session.
    """
    async with AsyncExitStack() as stack:
        connection = await postgres.connect(
            worker.database_url, application=ROLE, idle_seconds=worker.idle_seconds
        )
        stack.callback(connection.terminate)
        log = Log(worker.kafka, client=ROLE, wait_seconds=worker.settings.broker_wait_seconds)
        await log.start()
        stack.push_async_callback(log.stop)
        outbox = Outbox(connection, role=ROLE, owner=worker.settings.instance)
        book = PolicyBook(worker.kafka, client=ROLE)
        restored = await restored_at(connection)
        post = Post(log, book, restored_at=restored, tracer=worker.tracer)
        dispatcher = Dispatcher(outbox, post, worker.meters, worker.now)
        await _deliver(worker, dispatcher, connection, await _wake(connection))
        await leases.release(connection, ROLE, worker.settings.instance)
        worker.meters.show(metrics.LEASES, 0, ROLE)


async def _wake(connection: asyncpg.Connection) -> asyncio.Event:
    """Set whenever the projector has committed."""
    woken = asyncio.Event()
    with postgres.away():
        # What a crash of Postgres forgets is delivered again, under the same ids.
        await connection.execute("set synchronous_commit = off")
        await connection.add_listener(WOKEN_BY, lambda *_: woken.set())
    return woken


async def _deliver(
    worker: Worker, dispatcher: Dispatcher, connection: asyncpg.Connection, woken: asyncio.Event
) -> None:
    settings = worker.settings
    passed = asyncio.get_running_loop().time
    mine, renew_at, again_at = frozenset[int](), passed(), passed()
    while not worker.stopping.is_set():
        if passed() >= renew_at:
            renew_at = passed() + settings.lease_seconds / RENEWALS_A_LEASE
            mine = await leases.claim(
                connection, ROLE, settings.instance, seconds=settings.lease_seconds
            )
            worker.meters.show(metrics.LEASES, len(mine), ROLE)
        again = passed() >= again_at
        if again:
            again_at = passed() + settings.dispatcher_tick_seconds
        woken.clear()
        more = await dispatcher.round(mine, again=again)
        worker.heartbeat.beat()
        if not more:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), settings.dispatcher_tick_seconds)
