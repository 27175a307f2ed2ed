"""Makes the projection anew from the log beside the one at work, and puts it in its place."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.projection import OLD
from schemas.settings import Settings
from schemas.topics import CASE_FACTS, LOG_PARTITIONS
from streams import postgres, process
from streams.kafka import Broker
from streams.process import HaltError, Worker
from streams.projector import build
from streams.projector.loading import load, work_on
from streams.projector.start import Stand, projector
from streams.projector.swap import NotYetError, Standing, ends, reached, standing, swap
from streams.telling import tell

EXIT_TAKEN = 4
WAIT_SECONDS = 20.0
SWAPS_TRIED_MAX = 30
BETWEEN_SWAPS_SECONDS = 1.0
LOOK_SECONDS = 0.05


def main(arguments: list[str], settings: Settings, now: Callable[[], datetime]) -> int:
    """`rebuild [WORKERS]`; `rebuild part 0,2` is one of the processes that it starts."""
    match arguments:
        case ["part", share]:
            partitions = tuple(int(one) for one in share.split(","))
            work = partial(work_on, partitions=partitions)
        case [count]:
            process.end_with_whoever_started_it()
            work = partial(rebuild, workers=int(count))
        case _:
            process.end_with_whoever_started_it()
            work = partial(rebuild, workers=len(os.sched_getaffinity(0)))
    return process.once("rebuild", settings, work, now)


async def rebuild(worker: Worker, workers: int) -> int:
    """Gives the exit code. Raises `AwayError`, `HaltError`; the one at work is then untouched."""
    builder = await postgres.connect(
        worker.database_url,
        application="rebuild",
        idle_seconds=WAIT_SECONDS,
        **build.SESSION,
        **build.BUILDER,
    )
    try:
        if not await build.alone(builder):
            tell(end="another rebuild is under way")
            return EXIT_TAKEN
        broker = Broker(worker.kafka, client="rebuild", wait_seconds=WAIT_SECONDS)
        try:
            await broker.start()
            await _fill(worker, builder, broker, workers)
            await _take_over(worker, builder, broker)
        finally:
            await broker.stop()
    finally:
        builder.terminate()
    return 0


async def _fill(worker: Worker, builder: asyncpg.Connection, broker: Broker, workers: int) -> None:
    await _check_log(broker)
    await build.lay_out(builder, await broker.cluster_id())
    wanted = await ends(broker)
    began, of = time.monotonic(), sum(one.facts for one in wanted.values())

    def heard(now: Standing) -> None:
        seconds = round(time.monotonic() - began, 2)
        tell(phase="loading", facts=sum(one.facts for one in now.values()), of=of, seconds=seconds)

    await load(builder, wanted, workers, heard)
    if worker.stopping.is_set():
        raise HaltError("stopped on request; the projection at work is as it was")
    tell(phase="indexes")
    await build.finish(builder)


async def _take_over(worker: Worker, builder: asyncpg.Connection, broker: Broker) -> None:
    tell(phase="catching up")
    for _ in range(SWAPS_TRIED_MAX):
        try:
            await _catch_up_and_swap(worker, builder, broker)
        except NotYetError as error:
            tell(phase="catching up", again=str(error))
            await worker.rest(BETWEEN_SWAPS_SECONDS)
        else:
            break
    else:
        raise HaltError("the fresh projection never reached the one at work, which stays")
    generation = await builder.fetchval("select generation from projection.about")
    tell(phase="dropping the former one", generation=generation)
    gone = await build.drop(builder, OLD)
    words = "" if gone else f"; {OLD} is still read, and dropped by the next rebuild"
    tell(end=f"the projection is rebuilt{words}", generation=generation)


async def _catch_up_and_swap(worker: Worker, builder: asyncpg.Connection, broker: Broker) -> None:
    settings = worker.settings.model_copy(update={"instance": "rebuild"})
    ours = replace(worker, settings=settings, stopping=asyncio.Event())
    async with AsyncExitStack() as stack:
        stand = Stand(name="rebuild", session=build.SESSION)
        one = await stack.enter_async_context(projector(ours, stand))
        working = asyncio.create_task(one.work())

        async def let_go() -> None:
            ours.stopping.set()
            await working
            await stack.aclose()

        try:
            await _caught_up(worker, builder, broker, working)
            await swap(builder, broker, let_go)
        finally:
            ours.stopping.set()
            await asyncio.wait([working])


async def _caught_up(
    worker: Worker, builder: asyncpg.Connection, broker: Broker, working: "asyncio.Task[None]"
) -> None:
    """Until all that lies in the log now is in the fresh projection."""
    wanted = await ends(broker)
    while not reached(await standing(builder), wanted):
        if working.done():
            working.result()
        if worker.stopping.is_set():
            raise HaltError("stopped on request; the projection at work is as it was")
        await asyncio.sleep(LOOK_SECONDS)


async def _check_log(broker: Broker) -> None:
    log = [TopicPartition(CASE_FACTS, one) for one in range(LOG_PARTITIONS)]
    for place, start in (await broker.starts(log)).items():
        if start > 0:
            raise HaltError(
                f"the log begins at {start} in {place.topic}/{place.partition}: what was before "
                "is lost, and no projection can be made of the rest"
            )
