"""Which cases one look of the linker compares, what it says of them, and where the next begins."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.exposition import Meters
from schemas.linker_metrics import LINKER_CASES, LINKER_WAITING_SECONDS
from schemas.vocabulary import CaseId, PolicyVersion
from streams.away import AwayError
from streams.core.duplicates import Again, Around, Compared
from streams.kafka import Broker
from streams.linker import linker as looking
from streams.linker.figures import Figures
from streams.linker.linker import Linker
from streams.linker.projection import Place, Projection
from streams.linker.settling import LATE_MAX
from streams.linker.sources import Sources
from streams.linker.telling import Telling, Told, report
from tests.alike import HERE, compared, north_of, ruled
from tests.books import FixedBook
from tests.builders import CITY, NOON, after

VERSION, BARE = PolicyVersion("ruled"), PolicyVersion("bare")
HOLD = timedelta(minutes=5)
INBOX = TopicPartition("intake-web", 0)


@dataclass
class Tables:
    """The projection: the pages of the log, and the cases as they stand."""

    places: list[Place] = field(default_factory=list[Place])
    known: dict[CaseId, Compared] = field(default_factory=dict[CaseId, Compared])
    judged: set[CaseId] = field(default_factory=set[CaseId])
    marked: int = 1_000
    stands: dict[int, int] = field(default_factory=dict[int, int])

    def add(self, *cases: Compared, partition: int = 0, version: PolicyVersion = VERSION) -> None:
        for case in cases:
            self.known[case.case_id] = case
            place = Place(
                log_partition=partition,
                log_offset=len(self.places),
                case_id=case.case_id,
                recorded_at=case.recorded_at,
                policy_version=version,
            )
            self.places.append(place)

    async def pages(self, *, each_max: int) -> Mapping[int, Sequence[Place]]:
        found: dict[int, list[Place]] = {}
        for one in self.places:
            page = found.setdefault(one.log_partition, [])
            if one.log_offset >= self.stands.get(one.log_partition, 0) and len(page) < each_max:
                page.append(one)
        return {partition: page for partition, page in found.items() if page}

    async def marks(self) -> Mapping[TopicPartition, int]:
        return {INBOX: self.marked}

    async def moved(self, offsets: Mapping[int, int]) -> None:
        self.stands |= offsets

    async def cases(self, named: Collection[CaseId]) -> Mapping[CaseId, Compared]:
        return {one: self.known[one] for one in named if one not in self.judged}

    async def alike(
        self, case: Compared, around: Around, told: Mapping[CaseId, CaseId]
    ) -> list[Compared]:
        del case, around
        return [
            replace(one, parent=told[one.case_id], state="linked") if one.case_id in told else one
            for one in self.known.values()
        ]

    async def followers(self, parents: Collection[CaseId]) -> int:
        return len(parents)


@dataclass
class Inboxes:
    """A broker with one citizens' inbox."""

    end: int = 1_000

    async def partitions(self, begins: tuple[str, ...]) -> Mapping[str, int]:
        assert INBOX.topic.startswith(begins)
        return {INBOX.topic: 1}

    async def ends(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(places, self.end)


@dataclass
class Desk:
    """What was said there, in order."""

    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def tell(self, links: Mapping[Compared, Again], now: datetime) -> None:
        del now
        self.said += [(case.case_id, again.parent) for case, again in links.items()]


@dataclass
class Stand:
    tables: Tables = field(default_factory=Tables)
    inboxes: Inboxes = field(default_factory=Inboxes)
    desk: Desk = field(default_factory=Desk)
    meters: Meters = field(default_factory=lambda: Meters(metrics.ALL))

    def linker(self) -> Linker:
        return Linker(
            cast("Projection", self.tables),
            Sources(cast("Broker", self.inboxes)),
            cast("Telling", self.desk),
            FixedBook({VERSION: ruled(), BARE: ruled(None)}),
            Figures(self.meters, lambda: NOON),
            hold_max=HOLD,
        )

    def counted(self, found: str) -> float | None:
        labels = {"municipality": CITY, "found": found}
        return self.meters.registry.get_sample_value(LINKER_CASES.name, labels)

    @property
    def waits(self) -> float | None:
        return self.meters.registry.get_sample_value(LINKER_WAITING_SECONDS.name)


FIRST, SECOND, THIRD = (compared(name, at=after(at)) for at, name in enumerate("abc"))


def looks(stand: Stand, *seconds: float) -> list[bool]:
    """The looks of one linker at these moments after noon."""

    async def run() -> list[bool]:
        one = stand.linker()
        return [await one.look(after(at)) for at in seconds]

    return asyncio.run(run())


def test_a_case_is_compared_when_it_has_settled_and_not_before() -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND)

    looks(stand, 20.9)
    assert stand.desk.said == []
    assert stand.tables.stands == {0: 1}
    assert stand.waits == 0
    looks(stand, 21)

    assert stand.desk.said == [("b", "a")]
    assert stand.tables.stands == {0: 2}
    assert (stand.counted("alone"), stand.counted("linked")) == (1, 1)


def test_a_case_waits_until_all_that_came_before_it_is_read() -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND)
    stand.tables.marked = stand.inboxes.end - 1

    looks(stand, 60)
    assert stand.desk.said == []
    assert stand.waits == 40
    stand.tables.marked += 1
    looks(stand, 61)

    assert stand.desk.said == [("b", "a")]
    assert stand.waits == 0


def test_what_came_when_an_inbox_was_last_seen_read_is_not_known_to_be_read() -> None:
    """The end that was seen before a case came says nothing of what came with it."""
    stand = Stand()
    stand.tables.add(FIRST, replace(SECOND, recorded_at=after(30)))

    async def run() -> None:
        one = stand.linker()
        await one.look(after(25))
        stand.inboxes.end += 1
        await one.look(after(51))
        assert stand.desk.said == []
        stand.tables.marked += 1
        await one.look(after(52))

    asyncio.run(run())

    assert stand.desk.said == [("b", "a")]


def test_an_inbox_that_stands_still_holds_a_case_no_longer_than_is_allowed() -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND)
    stand.tables.marked = 0

    looks(stand, 1 + 20 + HOLD.total_seconds() - 0.1)
    assert stand.desk.said == []
    looks(stand, 1 + 20 + HOLD.total_seconds())

    assert stand.desk.said == [("b", "a")]


def test_what_has_settled_does_not_wait_for_what_has_not_and_is_compared_once() -> None:
    stand = Stand()
    early = replace(THIRD, recorded_at=after(5))
    stand.tables.add(FIRST)
    stand.tables.add(replace(SECOND, recorded_at=after(30)), early)

    async def run() -> None:
        one = stand.linker()
        await one.look(after(40))
        assert stand.desk.said == [("c", "a")]
        assert stand.tables.stands == {0: 1}, "the second has not settled"
        await one.look(after(45))
        await one.look(after(50))

    asyncio.run(run())

    assert stand.desk.said == [("c", "a"), ("b", "a")]
    assert stand.tables.stands == {0: 3}


def test_one_look_takes_the_oldest_of_all_partitions_first_and_says_that_there_is_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "CASES_A_LOOK_MAX", 2)
    stand = Stand()
    stand.tables.add(THIRD, partition=0)
    stand.tables.add(SECOND, partition=1)
    stand.tables.add(FIRST, partition=2)

    assert looks(stand, 60, 60) == [True, False]
    assert stand.desk.said == [("b", "a"), ("c", "a")]


def test_a_page_that_is_wholly_passed_is_followed_by_the_next_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "FACTS_A_PAGE_MAX", 2)
    stand = Stand()
    stand.tables.add(FIRST, SECOND, THIRD)

    assert looks(stand, 60, 60) == [True, False]
    assert stand.desk.said == [("b", "a"), ("c", "a")]


def test_who_comes_later_finds_what_was_told_and_is_not_projected() -> None:
    """Each is near the one before, and the third is too far from the first."""
    stand = Stand()
    second = replace(SECOND, spot=north_of(HERE, 50))
    third = replace(THIRD, spot=north_of(HERE, 100))
    stand.tables.add(FIRST, second, third)

    looks(stand, 60)

    assert stand.desk.said == [("b", "a"), ("c", "a")]


def test_what_a_person_has_judged_or_closed_is_left_as_it_is() -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND, replace(THIRD, state="resolved"))
    stand.tables.judged.add(SECOND.case_id)

    looks(stand, 60)

    assert stand.desk.said == []
    assert stand.counted("left") == 2
    assert stand.tables.stands == {0: 3}


def test_without_a_rule_or_long_after_a_case_is_passed_by() -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND, version=BARE)
    looks(stand, 60)
    assert (stand.desk.said, stand.tables.stands) == ([], {0: 2})

    late = Stand()
    late.tables.add(FIRST, SECOND)
    looks(late, LATE_MAX.total_seconds() + 1)

    assert (late.desk.said, late.tables.stands) == ([], {0: 2})


def test_a_case_that_cannot_be_compared_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND, THIRD)
    compare = looking.duplicate_of

    def breaks(case: Compared, *given: object) -> Again | None:
        assert case.case_id != "b", "our reasoning"
        return compare(case, *given)  # pyright: ignore[reportArgumentType]  # As it was given.

    monkeypatch.setattr(looking, "duplicate_of", breaks)
    looks(stand, 60)

    assert stand.desk.said == [("c", "a")]
    assert stand.tables.stands == {0: 3}
    assert "incident" in capsys.readouterr().out


def test_what_the_desk_has_not_acknowledged_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND)

    async def away(*_: object) -> None:
        raise AwayError("Kafka is away")

    with monkeypatch.context() as broken:
        broken.setattr(Desk, "tell", away)
        with pytest.raises(AwayError):
            looks(stand, 60)
    assert stand.tables.stands == {}
    looks(stand, 61)

    assert stand.desk.said == [("b", "a")]


def test_what_is_said_of_a_case_is_one_fact_whatever_it_follows() -> None:
    again = Again(parent=CaseId("a"), parent_recorded_at=NOON, because="same subject")
    said, other = (report(SECOND, replace(again, parent=CaseId(one))) for one in "az")

    assert (said.author, said.role, said.municipality) == ("linker", "operator", CITY)
    assert (said.parent, said.parent_recorded_at, said.because) == ("a", NOON, "same subject")
    assert (said.case_id, said.reference, said.did) == ("b", "b", "linked")
    assert other.reference == said.reference


def test_what_was_told_is_remembered_for_a_while_alone() -> None:
    told = Told()
    told.add(CaseId("b"), CaseId("a"), NOON)
    told.add(CaseId("c"), CaseId("a"), after(10))

    told.forget(before=after(5))

    assert told.known == {"c": "a"}


def test_whoever_is_not_the_linker_any_more_shows_nothing_of_it() -> None:
    stand = Stand()
    stand.tables.add(FIRST, SECOND)

    async def run() -> None:
        one = stand.linker()
        await one.look(after(60))
        assert stand.waits == 0
        one.forget()

    asyncio.run(run())

    assert stand.waits is None
