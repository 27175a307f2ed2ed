"""Two hundred watch while processes are killed: each is told every change, and each once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import pytest

from tests.conftest import reachable
from tests.crash.city import City, Short, until
from tests.crash.kills import Killer, Victim
from tests.crash.storm import Message, Storm, report, reported
from tests.crash.watchers import Watcher, effective, until_told

pytestmark = [pytest.mark.integration, pytest.mark.crash]

WATCHERS = 200
OF_A_DEPARTMENT = 30
DEPARTMENT = "pasmand"
MESSAGES_A_BURST = 80
ROUNDS = (("edge", "projector"), ("postgres",), ("edge", "projector"))
SHORT = Short("TRN-02", first_response_seconds=1, resolution_seconds=2)
SHORT_EVERY = 10
HEARD_SECONDS_MAX = 20.0
SETTLED_SECONDS_MAX = 40.0


@dataclass(slots=True)
class Watched:
    """A city, its messages, and everybody who watches what becomes of them."""

    city: City
    storm: Storm
    watchers: list[Watcher] = field(default_factory=list[Watcher])
    numbers: Iterator[int] = field(default_factory=count)

    async def run(self) -> None:
        tasks = [asyncio.create_task(one.run()) for one in self.watchers]
        try:
            await until(self._heard, len(tasks), HEARD_SECONDS_MAX, "watchers who are heard")
            await self._storm()
            await self._settled()
            await self._compare()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _heard(self) -> int:
        return sum(one.connections > 0 for one in self.watchers)

    async def _storm(self) -> None:
        await self.city.publish(SHORT)
        await asyncio.sleep(1)
        killer = Killer(self.city, self.storm)
        for names in ROUNDS:
            burst = [self._message(number) for number in islice(self.numbers, MESSAGES_A_BURST)]
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.storm.burst(burst))
                for name in names:
                    tasks.create_task(killer.kill(self._victim(name)))
        assert len(killer.done) == sum(map(len, ROUNDS))
        print("\n".join(("", *killer.done)))  # noqa: T201
        await self._report()

    def _message(self, number: int) -> Message:
        category = None if number % SHORT_EVERY else SHORT.category
        return Message(reference=f"m{number}", category=category)

    def _victim(self, name: str) -> Victim:
        async def under_way() -> int:
            return self.storm.under_way

        unfinished = self.city.unprojected if name == "projector" else under_way
        return Victim(worker=name, unfinished=unfinished, what="left undone")

    async def _report(self) -> None:
        rows = await self.city.rows(
            "select case_id, department from cases where department is not null limit 100"
        )
        await report(
            self.city,
            ((row["department"], reported(row["case_id"], "resolved")) for row in rows),
        )

    async def _settled(self) -> None:
        wait = SETTLED_SECONDS_MAX
        for kind in ("intake", "progress"):
            await until(lambda kind=kind: self.city.lag(kind), 0, wait, f"lag of {kind}")
        await until(lambda: self.city.notices_owed(2.0), 0, wait, "notices owed")
        await until(self.city.unprojected, 0, wait, "facts not projected")

    async def _compare(self) -> None:
        """With the log as it is when everybody was told of it; it may still grow by a notice."""
        size, every = -1, {}
        while size != await self.city.log_size():
            size = await self.city.log_size()
            every = await effective(self.city)
            for department, expected in every.items():
                await until_told(self._of(department), expected, HEARD_SECONDS_MAX)
        for department in {one.department for one in self.watchers}:
            self._check(self._of(department), every[department])

    def _of(self, department: str | None) -> list[Watcher]:
        return [one for one in self.watchers if one.department == department]

    def _check(self, watchers: list[Watcher], expected: dict[str, list[str]]) -> None:
        wrong = [words for one in watchers for words in one.problems(expected)]
        again = sum(one.connections - 1 for one in watchers)
        facts = sum(map(len, expected.values()))
        print(  # noqa: T201
            f"{len(watchers)} watchers of {watchers[0].department or 'everything'}: {facts} changes"
            f" of {len(expected)} cases each, {again} resumptions, {len(wrong)} wrong {wrong[:3]}"
        )
        assert wrong == []
        assert facts > len(expected) > 0
        assert again > len(watchers)


def test_every_watcher_is_told_every_change_once_whatever_is_killed(tmp_path: Path) -> None:
    city = City(reachable(tmp_path) / "data").wait_until_ready()
    try:
        watched = Watched(city, Storm(city))
        watched.watchers = [
            Watcher(
                city,
                began="after=beginning" if number % 2 else "",
                department=DEPARTMENT if number < OF_A_DEPARTMENT else None,
            )
            for number in range(WATCHERS)
        ]
        asyncio.run(watched.run())
    finally:
        city.stop()

    assert watched.storm.refused == []
    assert len(watched.storm.taken) == MESSAGES_A_BURST * len(ROUNDS)
