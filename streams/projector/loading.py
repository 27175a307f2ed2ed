"""The long part of a rebuild: processes side by side, each with its share of the partitions."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import replace

import asyncpg

from schemas.topics import LOG_PARTITIONS
from streams.away import AwayError
from streams.process import EXIT_AWAY, HaltError, Worker
from streams.projector.build import SESSION
from streams.projector.start import Stand, projector
from streams.projector.swap import Standing, reached, standing

LOOK_SECONDS = 0.25
NICENESS = 10  # What is at work goes first.
STOP_SECONDS_MAX = 30.0


async def load(
    connection: asyncpg.Connection,
    wanted: Standing,
    workers: int,
    heard: Callable[[Standing], None],
) -> None:
    """Returns when the fresh projection has reached what is wanted. `heard` is told how far."""
    parts = [
        await _started([one for one in range(LOG_PARTITIONS) if one % workers == share])
        for share in range(min(workers, LOG_PARTITIONS))
    ]
    try:
        while True:
            now = await standing(connection)
            heard(now)
            if reached(now, wanted):
                break
            _look_at(parts)
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await _end(parts)


async def work_on(worker: Worker, partitions: tuple[int, ...]) -> int:
    """One such process: it projects its share until whoever started it lets go of its input."""
    os.nice(NICENESS)
    settings = worker.settings.model_copy(update={"instance": f"rebuild {partitions}"})
    ours = replace(worker, settings=settings)
    watching = asyncio.create_task(_stop_at_the_end_of_input(ours))
    stand = Stand(name="rebuild part", partitions=partitions, session=SESSION)
    async with projector(ours, stand) as one:
        await one.work()
    watching.cancel()
    return 0


async def _started(partitions: Sequence[int]) -> Process:
    share = ",".join(str(one) for one in partitions)
    safe = ("-P",) if sys.flags.safe_path else ()
    # Its input is a pipe that ends with this process, however that ends.
    return await asyncio.create_subprocess_exec(
        sys.executable, *safe, "-m", "streams", "rebuild", "part", share, stdin=PIPE
    )


def _look_at(parts: Sequence[Process]) -> None:
    for part in parts:
        if part.returncode is None:
            continue
        if part.returncode == EXIT_AWAY:
            raise AwayError("a process of the rebuild found Kafka or Postgres away")
        raise HaltError(
            f"a process of the rebuild ended with exit code {part.returncode}; "
            "the projection at work is as it was"
        )


async def _end(parts: Sequence[Process]) -> None:
    for part in parts:
        assert part.stdin is not None, "it was started with a pipe"
        part.stdin.close()
    for part in parts:
        try:
            await asyncio.wait_for(part.wait(), STOP_SECONDS_MAX)
        except TimeoutError:
            part.kill()
            await part.wait()


async def _stop_at_the_end_of_input(worker: Worker) -> None:
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    worker.stopping.set()
