"""What every worker's process has in common: its logs, its metrics, its health, its end."""

import asyncio
import base64
import binascii
import contextlib
import gc
import os
import signal
import stat
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import uvloop
from pydantic import SecretStr

from schemas import logs
from schemas.exposition import Meters, serve
from schemas.kafka import KafkaAccess
from schemas.sealing import KEY_BYTES
from schemas.settings import Settings
from schemas.shown import shown_by
from schemas.tracer import tracer_of
from schemas.tracing import UNTRACED, Tracer
from streams.away import AwayError

EXIT_USAGE = 64  # Nobody knows what was asked for.
EXIT_AWAY = 75  # The world is away: start me again.
EXIT_HALT = 65  # Something that only a person can decide.
STOP_SECONDS_MAX = 5.0

T = TypeVar("T")

_log = logs.logger()


class HaltError(Exception):
    """The process must not go on; its words say what a person has to do."""


class Heartbeat:
    """Whether a loop still turns, and whether each of its sources still moves."""

    def __init__(self, seconds_max: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_max = seconds_max
        self._clock = clock
        self._beaten_at = clock()
        self._moved_at: dict[str, tuple[int, float]] = {}

    def beat(self) -> None:
        self._beaten_at = self._clock()

    def at(self, source: str, position: int, end: int) -> None:
        """The loop has read the source up to `position`, and it goes on to `end`."""
        known, _ = self._moved_at.get(source, (-1, 0.0))
        if position >= end:
            self._moved_at.pop(source, None)
        elif position != known:
            self._moved_at[source] = (position, self._clock())

    def forget(self, source: str) -> None:
        """The source is another's now, or read from another place."""
        self._moved_at.pop(source, None)

    def forget_all(self) -> None:
        self._moved_at.clear()

    def wrong(self) -> str | None:
        """What stands still, in words; nothing if all is well."""
        now = self._clock()
        if now - self._beaten_at > self._seconds_max:
            return f"the loop has stood still for {now - self._beaten_at:.0f} s"
        for source, (position, since) in sorted(self._moved_at.items()):
            if now - since > self._seconds_max:
                return f"{source} has stood still at {position} for {now - since:.0f} s"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker is given: everything it needs from outside."""

    name: str
    settings: Settings
    now: Callable[[], datetime]
    meters: Meters
    heartbeat: Heartbeat
    tracer: Tracer = UNTRACED
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def kafka(self) -> KafkaAccess:
        return needed(self.settings.kafka_access, "PEYGIR_KAFKA")

    @property
    def database_url(self) -> str:
        return needed(self.settings.database_url, "PEYGIR_DATABASE_URL").get_secret_value()

    @property
    def master_key(self) -> bytes:
        return key(self.settings.master_key, "PEYGIR_MASTER_KEY")

    @property
    def hmac_key(self) -> bytes:
        return key(self.settings.hmac_key, "PEYGIR_HMAC_KEY")

    @property
    def idle_seconds(self) -> float:
        """How long a transaction may lie open: a lease outlives it."""
        return self.settings.lease_seconds / 2

    async def rest(self, seconds: float) -> None:
        """Waits, but no longer than until the process is asked to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


# Policies and facts live long and hold few cycles: to search for those rarely is enough.
GARBAGE_THRESHOLD = 50_000

Work = Callable[[Worker], Awaitable[None]]


def run(name: str, settings: Settings, work: Work, now: Callable[[], datetime]) -> int:
    """Works until it is asked to stop; gives the exit code."""
    logs.start(name)
    gc.set_threshold(GARBAGE_THRESHOLD)
    traces = tracer_of(settings, name, now)
    try:
        uvloop.run(_live(replace(_worker(name, settings, now), tracer=traces), work))
    except AwayError as error:
        _log.error("the world is away", reason=str(error))
        return EXIT_AWAY
    except HaltError as error:
        _log.critical("stopped for good", reason=str(error))
        return EXIT_HALT
    finally:
        traces.close()
    return 0


def end_with_whoever_started_it() -> None:
    """Where a pipe is the input, its end is the end of the process, however that came about."""
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_end_at_the_end_of_input, daemon=True).start()


def _end_at_the_end_of_input() -> None:
    while os.read(0, 4096):
        continue
    os._exit(EXIT_AWAY)


def once(
    name: str,
    settings: Settings,
    work: Callable[[Worker], Awaitable[int]],
    now: Callable[[], datetime],
) -> int:
    """Works to its end, with nobody to ask how it is and no traces; gives the exit code."""
    logs.start(name)
    try:
        return uvloop.run(_to_the_end(_worker(name, settings, now), work))
    except AwayError as error:
        _log.error("the world is away", reason=str(error))
        return EXIT_AWAY
    except HaltError as error:
        _log.critical("stopped for good", reason=str(error))
        return EXIT_HALT


def show(worker: Worker) -> int:
    """Serves the worker's metrics and health from now on; gives the port."""
    wanted = worker.settings
    host, port = wanted.metrics_host, wanted.metrics_port
    got = serve(worker.meters, worker.name, worker.heartbeat.wrong, host=host, port=port)
    _log.info("ready", metrics=f"http://{host}:{got}")
    return got


def needed(value: T | None, name: str) -> T:
    if value is None:
        raise HaltError(f"{name} is not set")
    return value


def key(value: SecretStr | None, name: str) -> bytes:
    text = needed(value, name).get_secret_value()
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise HaltError(f"{name} is not base64url") from error
    if len(raw) != KEY_BYTES:
        raise HaltError(f"{name} has {len(raw)} bytes, not {KEY_BYTES}")
    return raw


async def _live(worker: Worker, work: Work) -> None:
    _stop_when_asked(worker)
    show(worker)
    working = asyncio.ensure_future(work(worker))
    stopping = asyncio.create_task(worker.stopping.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({working}, timeout=STOP_SECONDS_MAX)
    stopping.cancel()
    if not working.done():
        working.cancel()
        return
    working.result()


async def _to_the_end(worker: Worker, work: Callable[[Worker], Awaitable[int]]) -> int:
    _stop_when_asked(worker)
    return await work(worker)


def _worker(name: str, settings: Settings, now: Callable[[], datetime]) -> Worker:
    return Worker(
        name=name,
        settings=settings,
        now=now,
        meters=Meters(shown_by(name)),
        heartbeat=Heartbeat(settings.watchdog_seconds),
    )


def _stop_when_asked(worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, worker.stopping.set)
