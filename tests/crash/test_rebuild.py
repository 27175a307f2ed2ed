"""A rebuild under a storm of submissions: no reader sees a gap or a step back, and it is proven."""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import reachable
from tests.crash.city import City, until
from tests.crash.oracle import settled
from tests.crash.readers import Reader
from tests.crash.storm import Message, Storm
from tests.embedded.running import ROOT, command, environment

pytestmark = [pytest.mark.integration, pytest.mark.crash]

SUBMISSIONS_A_SECOND = 200
BEFORE, MORE_AFTER_SECONDS = 600, 2.0
BURST_SECONDS = 0.25
READERS = 3
READ_SECONDS_MAX = 30.0
REBUILD_SECONDS_MAX = 90.0


@dataclass(slots=True)
class Rebuilding:
    city: City
    storm: Storm
    readers: list[Reader] = field(default_factory=list[Reader])
    sent: int = 0
    said: str = ""
    exit_code: int | None = None
    rate: float = 0.0
    """Submissions taken a second while the rebuild was at work."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Cases first; then, while all go on sending and reading, the rebuild."""
        await self.storm.burst(self._messages(BEFORE))
        await until(self._unrouted, 0, READ_SECONDS_MAX, "cases not routed")
        before = await self._generation()
        cases = self.storm.taken.values()
        async with asyncio.TaskGroup() as tasks:
            for reader in self.readers:
                tasks.create_task(reader.look(cases, self.stop))
            tasks.create_task(self._go_on_sending())
            tasks.create_task(self._rebuild())
        assert await self._generation() != before
        await settled(self.city)

    async def _go_on_sending(self) -> None:
        async with asyncio.TaskGroup() as bursts:
            while not self.stop.is_set():
                size = int(SUBMISSIONS_A_SECOND * BURST_SECONDS)
                bursts.create_task(self.storm.burst(self._messages(size)))
                await asyncio.sleep(BURST_SECONDS)

    async def _rebuild(self) -> None:
        began_at, before = time.monotonic(), len(self.storm.taken)
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "services.command", "rebuild"),
            env=environment(self.city.data),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(REBUILD_SECONDS_MAX):
                said, _ = await child.communicate()
            self.said, self.exit_code = said.decode(), child.returncode
            self.rate = (len(self.storm.taken) - before) / (time.monotonic() - began_at)
            await asyncio.sleep(MORE_AFTER_SECONDS)
        finally:
            self.stop.set()
            if child.returncode is None:
                child.kill()
                await child.wait()

    async def _generation(self) -> str:
        return await self.city.value("select generation from about")

    async def _unrouted(self) -> int:
        return BEFORE - await self.city.value("select count(*) from cases where state = 'routed'")

    def _messages(self, size: int) -> list[Message]:
        self.sent += size
        return [Message(reference=f"r{self.sent - one}") for one in range(size)]


def test_no_reader_sees_a_gap_or_a_step_back(tmp_path: Path) -> None:
    city = City(reachable(tmp_path) / "data").wait_until_ready()
    try:
        trial = Rebuilding(city, Storm(city), [Reader(city) for _ in range(READERS)])
        asyncio.run(trial.run())
        proof = command("verify", data=city.data)
        cases = asyncio.run(city.value("select count(*) from cases"))
    finally:
        city.stop()
    # With nothing running the commands start the servers themselves, and stop them.
    again = command("rebuild", data=city.data)

    looks = sum(one.looks for one in trial.readers)
    taken = f"{len(trial.storm.taken)} taken, {trial.rate:.0f} a second beside the rebuild"
    print(f"\n{trial.said}\n{proof.stdout}{taken}, {looks} looks")  # noqa: T201
    assert trial.exit_code == 0, trial.said
    assert [one.wrong for one in trial.readers] == [[]] * READERS
    assert all(one.looks > 0 for one in trial.readers)
    assert trial.storm.refused == []
    assert cases == len(set(trial.storm.taken.values())) == trial.sent
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    assert not (city.data / "run.json").exists()
