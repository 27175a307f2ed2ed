"""Kills processes: each in the middle of its work, as is shown from outside, or any at random."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

import psutil

from tests.crash.city import City, kill_process, stop_process, until, wake_process
from tests.crash.storm import Storm

MOMENTS_MAX = 60
LOOK_SECONDS = 2.0
BACK_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A process, and what of its work can be seen unfinished while it is stopped."""

    worker: str
    unfinished: Callable[[], Awaitable[int]]
    what: str


@dataclass(slots=True)
class Killer:
    """Kills victims and keeps a line for each, with what was left undone."""

    city: City
    storm: Storm
    done: list[str] = field(default_factory=list[str])

    def victims(self) -> tuple[Victim, ...]:
        async def under_way() -> int:
            return self.storm.under_way

        city = self.city
        return (
            Victim(
                worker="router-intake",
                unfinished=lambda: city.lag("intake"),
                what="messages not committed",
            ),
            Victim(worker="projector", unfinished=city.unprojected, what="facts not projected"),
            Victim(worker="sla-timer", unfinished=city.notices_owed, what="notices owed"),
            Victim(worker="dispatcher", unfinished=city.undelivered, what="deliveries not made"),
            Victim(worker="edge", unfinished=under_way, what="requests without an answer"),
            Victim(worker="kafka", unfinished=under_way, what="requests without an answer"),
        )

    async def kill(self, victim: Victim) -> None:
        """Stops it; if it is in the middle of something, kills it, else tries another moment."""
        for moment in range(MOMENTS_MAX):
            pid = self.city.pid(victim.worker)
            if pid is None or not stop_process(pid):
                await asyncio.sleep(0.1)
                continue
            left = await self._left(victim)
            if left:
                kill_process(pid)
                self.done.append(f"{victim.worker}: {left} {victim.what} (moment {moment + 1})")
                await self._back(victim, pid)
                return
            wake_process(pid)
            await asyncio.sleep(0.05)
        msg = f"{victim.worker} was never seen in the middle of its work"
        raise AssertionError(msg)

    async def _left(self, victim: Victim) -> int:
        end = asyncio.get_running_loop().time() + LOOK_SECONDS
        while asyncio.get_running_loop().time() < end:
            try:
                left = await victim.unfinished()
            except Exception:  # noqa: BLE001  # Another victim is not back yet: nothing is shown.
                left = 0
            if left:
                return left
            await asyncio.sleep(0.05)
        return 0

    async def _back(self, victim: Victim, killed: int) -> None:
        async def another() -> bool:
            process = self.city.run()["processes"].get(victim.worker)
            return bool(process and process["pid"] != killed and process["state"] == "healthy")

        await until(another, True, BACK_SECONDS_MAX, f"{victim.worker} back")  # noqa: FBT003


# A start costs a second of a processor: more kills would be a trial of the machine.
PAUSE_SECONDS = (0.5, 2.0)


class Harm(Protocol):
    """What is done to a city for a while, and how often to whom."""

    done: Counter[str]

    async def work(self, seconds: float) -> None: ...


@dataclass(slots=True)
class Away:
    """Each of these servers in its turn answers nothing, and then goes on as if nothing were."""

    city: City
    servers: Sequence[str]
    done: Counter[str] = field(default_factory=Counter[str])

    async def work(self, seconds: float) -> None:
        for server in self.servers:
            pid = self.city.pid(server)
            assert pid is not None, f"{server} does not run"
            stopped = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
            try:
                for one in stopped:
                    stop_process(one)
                await asyncio.sleep(seconds / len(self.servers))
            finally:
                for one in stopped:
                    with suppress(ProcessLookupError):
                        wake_process(one)
            self.done[server] += 1


@dataclass(slots=True)
class AtRandom:
    """Kills any of these at any moment, whatever it does and whether it is back or not."""

    city: City
    workers: Sequence[str]
    chance: Random
    done: Counter[str] = field(default_factory=Counter[str])

    async def work(self, seconds: float) -> None:
        """One round after the other, each in an order of its own."""
        end = asyncio.get_running_loop().time() + seconds
        waiting: list[str] = []
        while asyncio.get_running_loop().time() < end:
            waiting = waiting or self.chance.sample(self.workers, len(self.workers))
            worker = waiting.pop()
            pid = self.city.pid(worker)
            if pid is not None and stop_process(pid):
                kill_process(pid)
                self.done[worker] += 1
            await asyncio.sleep(self.chance.uniform(*PAUSE_SECONDS))
