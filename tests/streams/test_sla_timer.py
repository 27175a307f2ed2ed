"""The timer's look at what is due: floods, held cities, and what it remembers, without servers."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.codec import decode_fact, encode
from schemas.exposition import Meters
from schemas.facts import Fact
from schemas.topics import CASE_FACTS, PROGRESS_DESK
from schemas.vocabulary import CaseId, Municipality
from streams.core.case import Positioned
from streams.core.fold import fold
from streams.core.notices import next_due_at
from streams.kafka import Log
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.projection import Due, Place, Projection, RawHistory
from streams.sla_timer.sources import Sources
from streams.sla_timer.timer import DUE_A_LOOK_MAX, Timer
from tests.books import FixedBook
from tests.builders import CITY, NOON, promise, routed, submitted
from tests.fakes import FakeLog

OTHER = Municipality("mashhad")
PARTITION = 0


@dataclass
class FakeProjection:
    """Cases in memory with one clock each, all of one partition."""

    facts: dict[CaseId, list[Fact]] = field(default_factory=dict[CaseId, list[Fact]])
    cities: dict[CaseId, Municipality] = field(default_factory=dict[CaseId, Municipality])
    position: int = 0
    read: dict[str, int] = field(default_factory=dict[str, int])

    def open(self, name: str, *, city: Municipality = CITY, start: datetime) -> None:
        case_id = CaseId(name)
        first = submitted(case_id, at=start)
        clock = promise("first-response", seconds=60, start=start, percents=())
        self.facts[case_id] = [first, routed(first, promises=(clock,))]
        self.cities[case_id] = city

    async def due(
        self, places: Mapping[int, Place], *, before: datetime, each_max: int
    ) -> tuple[Due, ...]:
        if PARTITION not in places:
            return ()
        place = places[PARTITION]
        found = sorted(
            (due_at, case_id) for case_id in self.facts if (due_at := self._due_at(case_id))
        )
        behind = [one for one in found if one > (place.due_at, place.case_id) and one[0] < before]
        return tuple(
            Due(
                log_partition=PARTITION,
                case_id=case_id,
                municipality=self.cities[case_id],
                due_at=due_at,
            )
            for due_at, case_id in behind[:each_max]
        )

    async def positions(self, partitions: Collection[int]) -> Mapping[int, int]:
        return dict.fromkeys(partitions, self.position)

    async def marks(self) -> Mapping[TopicPartition, int]:
        return {TopicPartition(name, 0): mark for name, mark in self.read.items()}

    async def histories(self, cases: Collection[CaseId]) -> Mapping[CaseId, RawHistory]:
        return {
            case_id: [(offset, encode(fact).decode()) for offset, fact in enumerate(known)]
            for case_id in cases
            if (known := self.facts.get(case_id))
        }

    def follow(self, log: FakeLog) -> None:
        """Projects what the timer has appended."""
        for raw in log.values(CASE_FACTS)[self.position :]:
            fact = decode_fact(raw)
            self.facts[fact.case_id].append(fact)
            self.position += 1

    def _due_at(self, case_id: CaseId) -> datetime | None:
        known = enumerate(self.facts[case_id])
        case = fold(case_id, (Positioned(offset=offset, fact=fact) for offset, fact in known))
        return next_due_at(case, case.clocks[0])


@dataclass
class FakeSources:
    """Read up to now, but for the cities that are behind."""

    behind_cities: set[Municipality] = field(default_factory=set[Municipality])
    now: datetime = NOON
    forgotten: list[int] = field(default_factory=list[int])

    async def look(self, _log_partitions: Collection[int], now: datetime) -> None:
        self.now = now

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
            Announcer(cast("Log", self.log), FixedBook(), self.meters, lambda: self.now),
            self.meters,
            clock=lambda: self.now,
            hold_max=timedelta(days=1),
        )

    def look(self, *mine: int) -> bool:
        return asyncio.run(self.timer.look(frozenset(mine or (PARTITION,))))

    @property
    def said(self) -> list[str]:
        return [decode_fact(raw).case_id for raw in self.log.values(CASE_FACTS)]


def test_a_flood_of_held_clocks_does_not_hide_what_may_be_said() -> None:
    bench = Bench()
    bench.sources.behind_cities.add(OTHER)
    for number in range(2 * DUE_A_LOOK_MAX + 1):
        bench.projection.open(f"held-{number}", city=OTHER, start=NOON - timedelta(hours=2))
    bench.projection.open("free", start=NOON - timedelta(hours=1))

    looks = 1
    while bench.look():
        looks += 1

    assert looks == 3
    assert bench.said == ["free"]
    shown = bench.meters.registry.get_sample_value(metrics.TIMER_HELD.name)
    assert shown == 2 * DUE_A_LOOK_MAX + 1


def test_a_flood_is_said_in_bounded_looks_the_oldest_first_and_each_once() -> None:
    bench = Bench()
    count = 2 * DUE_A_LOOK_MAX + 10
    for number in range(count):
        start = NOON - timedelta(hours=1) - timedelta(seconds=number)
        bench.projection.open(f"case-{number}", start=start)

    assert bench.look()
    assert len(bench.said) == DUE_A_LOOK_MAX
    assert bench.said[0] == f"case-{count - 1}"
    for _ in range(5):
        bench.look()

    assert len(bench.said) == len(set(bench.said)) == count


def test_what_was_said_is_not_said_again_before_the_projection_knows_of_it() -> None:
    bench = Bench()
    bench.projection.open("slow", start=NOON - timedelta(hours=1))

    for _ in range(3):
        bench.look()
    assert bench.said == ["slow"]
    bench.projection.follow(bench.log)
    for _ in range(3):
        bench.look()

    assert bench.said == ["slow"]


def test_of_a_partition_that_was_anothers_nothing_is_remembered() -> None:
    bench = Bench()
    bench.projection.open("case", start=NOON - timedelta(hours=1))
    bench.look(PARTITION, 1)

    bench.look(1)
    bench.look(PARTITION)

    assert bench.sources.forgotten == [PARTITION, 1]


def test_nothing_is_said_at_the_very_deadline() -> None:
    bench = Bench()
    bench.projection.open("case", start=NOON - timedelta(seconds=60))

    bench.look()
    assert bench.said == []
    bench.now += timedelta(milliseconds=150)
    bench.look()

    assert bench.said == ["case"]
