"""One bare Faust worker that forwards events, with the habit that is measured."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import faust
from aiokafka.errors import KafkaError

SLOW_EVERY = 250
HABITS: dict[str, Callable[[Any, bytes], Awaitable[None]]] = {}


def habit(
    name: str,
) -> Callable[[Callable[[Any, bytes], Awaitable[None]]], Callable[[Any, bytes], Awaitable[None]]]:
    def keep(
        forward: Callable[[Any, bytes], Awaitable[None]],
    ) -> Callable[[Any, bytes], Awaitable[None]]:
        HABITS[name] = forward
        return forward

    return keep


@habit("send")
async def send(target: Any, value: bytes) -> None:  # noqa: ANN401  # Faust's topic
    """What the documentation shows."""
    await target.send(value=value)


@habit("acknowledged")
async def acknowledged(target: Any, value: bytes) -> None:  # noqa: ANN401
    """What an oversized event breaks is set aside; nothing else is touched by it."""
    sent = await target.send(value=value)
    try:
        await sent
    except KafkaError:
        await (await target.send(value=value.split()[0] + b" set aside"))


@habit("raise")
async def fail(target: Any, value: bytes) -> None:  # noqa: ANN401
    """A mistake in our own reasoning, for one event of a hundred."""
    if int(value.split()[0]) % 100 == 0:
        raise ValueError(value.split()[0])
    await (await target.send(value=value))


@habit("slow")
async def slow(target: Any, value: bytes) -> None:  # noqa: ANN401
    """One event of many takes longer than the rest."""
    if int(value.split()[0]) % SLOW_EVERY == 0:
        await asyncio.sleep(4.0)
    await (await target.send(value=value))


def worker(arguments: argparse.Namespace) -> faust.App:
    chosen: dict[str, Any] = {"broker_commit_interval": 0.5}
    if arguments.session:
        chosen["broker_session_timeout"] = arguments.session
        chosen["broker_heartbeat_interval"] = arguments.session / 3
    if arguments.batch:
        chosen["producer_max_batch_size"] = arguments.batch
        chosen["producer_linger"] = 0.005
    if arguments.static:
        chosen["consumer_group_instance_id"] = f"{arguments.group}-1"
    app = faust.App(
        arguments.group,
        broker=f"kafka://{arguments.kafka}",
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_wait_empty=False,
        web_enabled=False,
        store="memory://",
        datadir=arguments.folder,
        **chosen,
    )
    source = app.topic(arguments.source, value_type=bytes, value_serializer="raw")
    target = app.topic(arguments.target, value_type=bytes, value_serializer="raw")
    forward = HABITS[arguments.habit]

    @app.agent(source, concurrency=arguments.concurrency, name="forward")
    async def agent(values: Any) -> None:  # noqa: ANN401  # Faust's stream
        async for value in values:
            await forward(target, value)

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("kafka", "group", "source", "target", "folder"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--habit", choices=HABITS, required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--session", type=float, default=0.0)
    parser.add_argument("--static", action="store_true")
    given = parser.parse_args()
    faust.Worker(worker(given), loglevel="warning").execute_from_commandline()
