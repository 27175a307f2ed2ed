"""Watchers of changes who do not give up: each comes again with the last id that it has."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from schemas.codec import decode_fact
from schemas.facts import Routed
from schemas.topics import CASE_FACTS
from schemas.vocabulary import CaseId
from streams.core.case import Positioned
from streams.core.fold import fold
from tests.crash.city import City
from tests.sse import watch

AGAIN_SECONDS = 1.0

Lists = dict[str, list[str]]
"""The ids of effective facts by case, in the order of the log."""


@dataclass(slots=True)
class Watcher:
    """What one watcher was told. `department` narrows what it asks for."""

    city: City
    began: str  # "", or "after=beginning"
    department: str | None = None
    ids: list[str] = field(default_factory=list[str])
    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    last: str | None = None
    connections: int = 0
    refusals: int = 0
    wrong: list[str] = field(default_factory=list[str])

    async def run(self) -> None:
        while True:
            with suppress(OSError):
                await self._watch()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _watch(self) -> None:
        asked = [self.began, f"department={self.department}" if self.department else ""]
        query = "?" + "&".join(filter(None, asked))
        key = self.city.keys["read"]
        async with watch(self.city.url, query, key=key, after=self.last) as answer:
            if answer.status != 200:
                self.refusals += 1
                if answer.status != 503:
                    self.wrong.append(f"{answer.status} {answer.body.decode()}")
                return
            self.connections += 1
            async for event in answer.events:
                self.last = event.id
                if event.name == "change":
                    data = event.json()
                    self.ids.append(event.id)
                    self.told.append((data["case_id"], data["fact_id"]))
                elif event.name == "restart":
                    self.wrong.append("told to start again")

    def lists(self) -> Lists:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for case_id, fact_id in self.told:
            found[case_id].append(fact_id)
        return dict(found)

    def problems(self, expected: Lists) -> list[str]:
        """What is wrong with what it was told."""
        found = list(self.wrong)
        if len(set(self.ids)) != len(self.ids):
            found.append(f"{len(self.ids) - len(set(self.ids))} ids came again")
        lists = self.lists()
        for case_id in lists.keys() | expected.keys():
            ours, theirs = lists.get(case_id, []), expected.get(case_id, [])
            if ours != theirs:
                found.append(f"{case_id}: {ours}, not {theirs}")
        return found


async def effective(city: City) -> dict[str | None, Lists]:
    """Every effective fact of the log, and by department those of its cases since the routing."""
    histories: defaultdict[CaseId, list[Positioned]] = defaultdict(list)
    for record in await city.records((CASE_FACTS,)):
        fact = decode_fact(record.value)
        histories[fact.case_id].append(Positioned(offset=record.offset, fact=fact))
    terms = await city.terms()
    every: defaultdict[str | None, Lists] = defaultdict(dict)
    for case_id, history in histories.items():
        took_effect = fold(case_id, history, terms).effective
        # Of two facts with one id the first counts, and stands where it stood.
        first = {one.fact.fact_id: one.offset for one in reversed(history)}
        facts = [one.fact for one in history if first[one.fact.fact_id] == one.offset]
        ids = [str(one.fact_id) for one in facts if one.fact_id in took_effect]
        every[None][case_id] = ids
        for number, one in enumerate(facts):
            if isinstance(one, Routed) and one.fact_id in took_effect:
                every[one.department][case_id] = ids[number:]
    return dict(every)


async def until_told(watchers: Iterable[Watcher], expected: Lists, seconds_max: float) -> None:
    """Waits until each was told as many changes as there are, or the time is over."""
    count = sum(map(len, expected.values()))
    deadline = asyncio.get_running_loop().time() + seconds_max
    waiting = [one for one in watchers if len(one.told) < count]
    while waiting and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.1)
        waiting = [one for one in waiting if len(one.told) < count]
