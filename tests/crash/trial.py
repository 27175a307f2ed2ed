"""One trial: messages and reports go in by bursts while every process is killed in turn."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.crash.city import City, Short
from tests.crash.kills import Killer
from tests.crash.oracle import Counts, count, settled
from tests.crash.storm import Message, Storm, report, reported

SHORT = Short("TRN-02", first_response_seconds=3, resolution_seconds=6)
REPORTED_EVERY = 20  # Of the other cases so many are acknowledged; half of those are resolved.


@dataclass(slots=True)
class Trial:
    """What was sent, killed and counted."""

    city: City
    storm: Storm
    kills: Killer
    counts: Counts = field(default_factory=lambda: Counts(taken=0))
    began_at: float = field(default_factory=time.monotonic)
    sent: int = 0
    expected: dict[str, str] = field(default_factory=dict[str, str])
    short: set[str] = field(default_factory=set[str])

    async def run(self, submissions: int, short_cases: int, rounds: int) -> None:
        """So many submissions over as many bursts as there are kills, then the counting."""
        await self.city.publish(SHORT)
        await asyncio.sleep(2)  # The version counts from the next second on, and everywhere.
        victims = [victim for _ in range(rounds) for victim in self.kills.victims()]
        for number, victim in enumerate(victims):
            size = _share(submissions, len(victims), number)
            burst = self._messages(size, _share(short_cases, len(victims), number))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.storm.burst(burst))
                tasks.create_task(self.kills.kill(victim))
            await self._report()
        assert self.storm.refused == [], self.storm.refused[:5]
        await settled(self.city)
        await self._resolve()
        await settled(self.city)
        self.counts = await count(
            self.city,
            self.storm.taken,
            self.expected,
            [self.storm.taken[one] for one in self.short if one in self.storm.taken],
        )

    def lines(self) -> list[str]:
        return [
            f"{len(self.kills.done)} kills in {time.monotonic() - self.began_at:.0f} s:",
            *(f"  {line}" for line in self.kills.done),
            f"tries to submit: {self.storm.tries}; refused: {self.storm.refused[:3]}",
            f"restarts: {self.city.said().count('starting it again')}",
            *self.counts.lines(),
        ]

    def _messages(self, size: int, short: int) -> list[Message]:
        return list(self._each(size, short))

    def _each(self, size: int, short: int) -> Iterator[Message]:
        for number in range(size):
            self.sent += 1
            reference = f"m{self.sent}"
            if number < short:
                self.short.add(reference)
            category = SHORT.category if number < short else None
            yield Message(reference=reference, category=category)

    async def _report(self) -> None:
        """Departments acknowledge some of the cases that were routed so far."""
        await self._say("acknowledged", REPORTED_EVERY)

    async def _resolve(self) -> None:
        await self._say("resolved", 2 * REPORTED_EVERY)

    async def _say(self, did: str, every: int) -> None:
        short = {self.storm.taken[one] for one in self.short if one in self.storm.taken}
        rows = await self.city.rows(
            "select case_id, department from cases where department is not null"
        )
        chosen = [
            (row["department"], reported(row["case_id"], did))
            for row in rows
            if row["case_id"] not in short
            and int(row["case_id"].encode().hex(), 16) % every == 0
            and self.expected.get(row["case_id"]) != did
        ]
        await report(self.city, chosen)
        self.expected.update((said.case_id, did) for _, said in chosen)


def new_trial(city: City) -> Trial:
    storm = Storm(city)
    return Trial(city, storm, Killer(city, storm))


def _share(total: int, parts: int, number: int) -> int:
    """The `number`-th of nearly equal shares."""
    return total * (number + 1) // parts - total * number // parts
