"""A timer among fakes: cases in memory, a log in memory, and a clock that the test sets."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.codec import decode_fact, encode
from schemas.exposition import Meters
from schemas.fact_parts import PauseTerms
from schemas.facts import Fact
from schemas.steering import Paused
from schemas.topics import CASE_FACTS, PROGRESS_DESK
from schemas.vocabulary import Author, CaseId, FactId, Municipality, PauseReason
from streams.core.case import Positioned
from streams.core.fold import fold
from streams.core.notices import next_due_at
from streams.core.terms import terms
from streams.kafka import Log
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.projection import Due, Place, Projection, RawHistory
from streams.sla_timer.sources import Sources
from streams.sla_timer.timer import Timer
from tests.books import FixedBook
from tests.builders import CITY, NOON, PARKS, promise, routed, source, submitted
from tests.fakes import FakeLog
from tests.policies import policy

PARTITION = 0
POLICY = policy()
TERMS = {POLICY.version: terms(POLICY)}


def paused(case_id: CaseId, *, at: datetime, until: datetime) -> Paused:
    return Paused(
        fact_id=FactId(f"desk/{case_id}/paused"),
        case_id=case_id,
        recorded_at=at,
        source=source(inbox=PROGRESS_DESK),
        author=Author("operator"),
        municipality=CITY,
        department=PARKS,
        pause=PauseTerms(why=PauseReason("weather"), until=until, clocks=("first-response",)),
        policy_version=POLICY.version,
    )


@dataclass
class FakeProjection:
    """Cases in memory with one clock each. What is broken there cannot be read."""

    facts: dict[CaseId, list[Fact]] = field(default_factory=dict[CaseId, list[Fact]])
    cities: dict[CaseId, Municipality] = field(default_factory=dict[CaseId, Municipality])
    places: dict[CaseId, int] = field(default_factory=dict[CaseId, int])
    broken: set[CaseId] = field(default_factory=set[CaseId])
    position: int = 0
    asked: int = 0

    def open(
        self, name: str, *, city: Municipality = CITY, start: datetime, partition: int = PARTITION
    ) -> None:
        case_id = CaseId(name)
        first = submitted(case_id, at=start)
        clock = promise("first-response", seconds=60, start=start, percents=())
        self.facts[case_id] = [first, routed(first, promises=(clock,))]
        self.cities[case_id] = city
        self.places[case_id] = partition

    async def due(
        self, places: Mapping[int, Place], *, before: datetime, each_max: int
    ) -> tuple[Due, ...]:
        found = sorted(
            (due_at, case_id) for case_id in self.facts if (due_at := self.due_at(case_id))
        )
        dues: list[Due] = []
        for partition, place in places.items():
            behind = [
                one
                for one in found
                if self.places[one[1]] == partition
                and (place.due_at, place.case_id) < one
                and one[0] < before
            ]
            dues += (self._due(due_at, case_id) for due_at, case_id in behind[:each_max])
        return tuple(dues)

    def _due(self, due_at: datetime, case_id: CaseId) -> Due:
        return Due(
            log_partition=self.places[case_id],
            case_id=case_id,
            municipality=self.cities[case_id],
            due_at=due_at,
        )

    async def positions(self, partitions: Collection[int]) -> Mapping[int, int]:
        return dict.fromkeys(partitions, self.position)

    async def marks(self) -> Mapping[TopicPartition, int]:
        return {}

    async def histories(self, cases: Collection[CaseId]) -> Mapping[CaseId, RawHistory]:
        self.asked += len(cases)
        return {
            case_id: [(offset, self._raw(fact)) for offset, fact in enumerate(self.facts[case_id])]
            for case_id in cases
        }

    def _raw(self, fact: Fact) -> str:
        return "{}" if fact.case_id in self.broken else encode(fact).decode()

    def follow(self, log: FakeLog) -> None:
        """Projects what the timer has appended."""
        for raw in log.values(CASE_FACTS)[self.position :]:
            fact = decode_fact(raw)
            self.facts[fact.case_id].append(fact)
            self.position += 1

    def due_at(self, case_id: CaseId) -> datetime | None:
        known = enumerate(self.facts[case_id])
        facts = (Positioned(offset=offset, fact=fact) for offset, fact in known)
        case = fold(case_id, facts, TERMS)
        return next_due_at(case, case.clocks[0])


@dataclass
class FakeSources:
    """Read up to now, but for the cities that are behind."""

    behind_cities: set[Municipality] = field(default_factory=set[Municipality])
    now: datetime = NOON
    looks: int = 0
    forgotten: list[int] = field(default_factory=list[int])

    async def look(self, _log_partitions: Collection[int], now: datetime) -> None:
        self.now = now
        self.looks += 1

    def forget(self, log_partition: int) -> None:
        self.forgotten.append(log_partition)

    def reached(self, log: Mapping[int, int], inboxes: Mapping[TopicPartition, int]) -> None:
        """Everything is read here."""

    def read_until(self, _log_partition: int, municipality: Municipality) -> datetime | None:
        return None if municipality in self.behind_cities else self.now

    def behind(
        self, _log_partition: int, _municipality: Municipality, _due_at: datetime
    ) -> tuple[str, ...]:
        return (PROGRESS_DESK,)


class Bench:
    """A timer among fakes."""

    def __init__(self) -> None:
        self.log, self.projection, self.sources = FakeLog(), FakeProjection(), FakeSources()
        self.now, self.meters = NOON, Meters(metrics.ALL)
        self.timer = Timer(
            cast("Projection", self.projection),
            cast("Sources", self.sources),
            Announcer(cast("Log", self.log), FixedBook(TERMS), self.meters, lambda: self.now),
            self.meters,
            clock=lambda: self.now,
            hold_max=timedelta(days=1),
        )

    def look(self, *mine: int) -> bool:
        return asyncio.run(self.timer.look(frozenset(mine or (PARTITION,))))

    @property
    def said(self) -> list[str]:
        return [fact.case_id for fact in self.facts]

    @property
    def facts(self) -> list[Fact]:
        return [decode_fact(raw) for raw in self.log.values(CASE_FACTS)]
