"""One router process: it starts its Faust app, watches that it moves, and ends it safely."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn, cast

import faust
from aiokafka import TopicPartition

from schemas import logs, metrics
from schemas.settings import Settings
from schemas.topics import IMPORTS, REPAIRS, ROUTER_GROUPS, RouterKind
from schemas.tracing import NO_SPAN, Span
from streams import process
from streams.away import AwayError
from streams.core.inboxes import Inboxes, keyed_by_case
from streams.kafka import Broker, Log
from streams.process import EXIT_AWAY, EXIT_USAGE, HaltError, Worker
from streams.router.ahead import Ahead
from streams.router.handler import Handler
from streams.router.outlet import Incoming, Outlet
from streams.router.policies import Policies
from streams.router.sealed import Keys
from streams.router.worker import Handle, Pace, attach, build, on_assignment

WATCH_SECONDS = 1.0
DRAIN_SECONDS_MAX = 4.0
_log = logs.logger()


def run(kind: str, settings: Settings, now: Callable[[], datetime]) -> int:
    """Routes until it is asked to stop; gives the exit code."""
    if kind not in ROUTER_GROUPS:
        known = ", ".join(ROUTER_GROUPS)
        print(f"there is no router {kind}: {known}", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    chosen = cast("RouterKind", kind)
    return process.run(f"router-{kind}", settings, lambda worker: _work(worker, chosen), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What lives as long as the process; the lock is held while messages are handled."""

    worker: Worker
    kind: RouterKind
    app: faust.App
    pace: Pace
    broker: Broker
    policies: Policies
    inboxes: Inboxes
    handling: asyncio.Lock

    def topics(self) -> list[str]:
        return topics_of(self.kind, self.inboxes)


def topics_of(kind: RouterKind, inboxes: Inboxes) -> list[str]:
    """The inboxes of one kind of router."""
    if kind == "repairs":
        return [REPAIRS]
    if kind == "imports":
        return [IMPORTS]
    return sorted(name for name in inboxes if name.startswith(f"{kind}-"))


async def _work(worker: Worker, kind: RouterKind) -> None:
    """Never returns by an exception: cancelled, Faust would acknowledge what is under way."""
    try:
        parts = await _start(worker, kind)
        while not worker.stopping.is_set():
            await _watch(parts)
            parts.pace.look()
            await worker.rest(WATCH_SECONDS)
        await _stop(parts)
    except AwayError as error:
        _leave(EXIT_AWAY, f"the world is away: {error}")
    except HaltError:
        raise
    except Exception as error:  # noqa: BLE001  # Crash at once, before anything is acknowledged.
        _leave(EXIT_AWAY, "it failed", error)


async def _start(worker: Worker, kind: RouterKind) -> _Parts:
    wait_seconds = worker.settings.broker_wait_seconds
    log = Log(worker.kafka, client=worker.name, wait_seconds=wait_seconds)
    broker = Broker(worker.kafka, client=worker.name, wait_seconds=wait_seconds)
    policies = Policies(worker.kafka, lambda reason: _leave(EXIT_AWAY, reason))
    await log.start()
    await broker.start()
    await policies.start()
    app = build(worker.settings, kind, worker.kafka)
    parts = _Parts(
        worker=worker,
        kind=kind,
        app=app,
        pace=Pace(app),
        broker=broker,
        policies=policies,
        inboxes=policies.rules.inboxes,
        handling=asyncio.Lock(),
    )
    attach(app, parts.topics(), _handle(parts, log), worker.settings.inbox_generation)
    on_assignment(app, lambda: worker.meters.count(metrics.ROUTER_REBALANCES, worker.name))
    app.finalize()
    await app.start()
    return parts


def _handle(parts: _Parts, log: Log) -> Handle:
    """What Faust's agent does with a record. It raises nothing: it ends the process instead."""
    worker, kind = parts.worker, parts.kind
    handler = _handler(worker, log, parts.policies)
    handle = handler.repair if kind == "repairs" else handler.handle

    async def one(incoming: Incoming) -> None:
        began, span = time.perf_counter(), _span(worker, kind, incoming)
        await handle(_within(span, incoming))
        took = time.perf_counter() - began
        span.end()
        worker.meters.observe(metrics.ROUTER_SECONDS, took, worker.name, trace=span.trace_id)

    ahead = Ahead(one, keyed=keyed_by_case(parts.inboxes))

    async def handled(incoming: Incoming, following: Iterable[Incoming]) -> None:
        async with parts.handling:
            try:
                parts.pace.handling()
                await ahead.handle(incoming, following)
            except AwayError as error:
                _leave(EXIT_AWAY, f"the world is away: {error}")
            except Exception as error:  # noqa: BLE001  # Faust would acknowledge and skip.
                _leave(EXIT_AWAY, "it failed", error)

    return handled


def _span(worker: Worker, kind: RouterKind, incoming: Incoming) -> Span:
    """What the message came with goes on, or a trace begins; a city's long past has none."""
    if not worker.tracer.on or kind == "imports":
        return NO_SPAN
    source = incoming.source
    return worker.tracer.begin(
        f"process {source.inbox}",
        "consumer",
        parent=incoming.trace,
        attributes={
            "messaging.system": "kafka",
            "messaging.destination.name": source.inbox,
            "messaging.destination.partition.id": str(source.partition),
            "messaging.kafka.offset": source.offset,
        },
    )


def _within(span: Span, incoming: Incoming) -> Incoming:
    return incoming if span.onward is None else replace(incoming, trace=span.onward)


def _handler(worker: Worker, log: Log, policies: Policies) -> Handler:
    outlet = Outlet(
        log=log,
        master_key=worker.master_key,
        meters=worker.meters,
        processor=worker.name,
        now=worker.now,
        tracer=worker.tracer,
    )
    return Handler(
        outlet=outlet,
        rulebook=policies,
        keys=Keys(master=worker.master_key, hmac=worker.hmac_key),
        meters=worker.meters,
    )


async def _watch(parts: _Parts) -> None:
    """Tells the watchdog how far each of this worker's partitions is."""
    if parts.app.should_stop:
        _leave(EXIT_AWAY, "Faust has stopped")
    if parts.policies.rules.inboxes.keys() != parts.inboxes.keys():
        _leave(EXIT_AWAY, "a policy names other inboxes: starting again with them")
    heartbeat = parts.worker.heartbeat
    owned = parts.app.consumer.assignment() if parts.app.consumer else set()
    sizes = await parts.broker.partitions(tuple(parts.topics()))
    every = [
        TopicPartition(topic, number)
        for topic in parts.topics()
        for number in range(sizes.get(topic, 0))
    ]
    committed = await parts.broker.committed(ROUTER_GROUPS[parts.kind])
    for partition, end in (await parts.broker.ends(every)).items():
        source = f"{partition.topic}/{partition.partition}"
        if owned and partition not in owned:
            heartbeat.forget(source)
        else:
            heartbeat.at(source, committed.get(partition, 0), end)
    heartbeat.beat()


async def _stop(parts: _Parts) -> NoReturn:
    """Lets the messages under way finish, commits, and leaves without cancelling anything."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS_MAX):
            await parts.handling.acquire()
            await asyncio.sleep(0)  # The handled message is acknowledged to Faust.
            await parts.app.consumer.commit()
    except TimeoutError:
        pass  # What is not committed is handled again: the same facts, by the same ids.
    parts.worker.tracer.close()
    _leave(0, "stopped")


def _leave(code: int, words: str, error: Exception | None = None) -> NoReturn:
    level = _log.error if error else _log.info
    level("leaving", why=words, code=code, exc_info=error)
    sys.stderr.flush()
    os._exit(code)
