"""One import: what is appended, what is passed over, what is counted, and how it goes on."""

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from schemas.codec import decode
from schemas.messages import ImportedCase
from schemas.vocabulary import CaseId, FactId
from services.importing.inbox import Message
from services.importing.rows import BrokenRow, Row, rows
from services.importing.run import Import, Order
from services.importing.tally import Tally
from streams.core.importing import fact_ids
from streams.core.in_force import ready
from tests.builders import CITY, NOON
from tests.importing.mapped import HEADER, ROW, line, mapping, row
from tests.policies import policy


@dataclass
class World:
    """An inbox, and a projection that has read it as far as the test says."""

    reads: bool = True
    refuses: frozenset[str] = frozenset()
    fails_after: int | None = None
    lying: list[Message] = field(default_factory=list[Message])
    facts: set[FactId] = field(default_factory=set[FactId])
    mark: int = 0
    said: list[tuple[int, str, str, str]] = field(default_factory=list[tuple[int, str, str, str]])
    waited: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def append(self, messages: Sequence[Message]) -> list[tuple[str, int, int]]:
        if self.fails_after is not None and len(self.lying) >= self.fails_after:
            raise KeyboardInterrupt
        placed = [
            (one.reference, 0, len(self.lying) + number) for number, one in enumerate(messages)
        ]
        self.lying += messages
        return placed

    def ends(self) -> Mapping[int, int]:
        return {0: len(self.lying), 1: 0}

    async def known(self, cases: Sequence[CaseId]) -> frozenset[FactId]:
        return frozenset(one for one in self.facts if one.split("/")[0] in cases)

    async def marks(self) -> Mapping[int, int]:
        if self.reads:
            self.project()
        return {0: self.mark}

    async def set_aside(
        self, partition: int, since: int, before: int, *, limit: int
    ) -> list[tuple[int, str]]:
        return [
            (offset, "refused: as asked")
            for offset in range(since, before)
            if partition == 0 and self.refuses and self.lying[offset].reference in self.refuses
        ][:limit]

    def project(self) -> None:
        for one in self.lying[self.mark :]:
            if one.reference not in self.refuses:
                self.facts.update(fact_ids(decode(one.value, ImportedCase), one.case_id))
        self.mark = len(self.lying)

    def add(self, line: int, reference: str, column: str, words: str) -> None:
        self.said.append((line, reference, column, words))

    def reading(self, line: int) -> None: ...

    def waiting(self, left: int, total: int) -> None:
        self.waited.append((left, total))


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return Order(
        mapping=mapping(tmp_path),
        published={CITY: (ready(policy()),)},
        hmac_key=b"k" * 32,
        now=lambda: NOON,
        stall_seconds=0.3,
    )


def carry(world: World, order: Order, found: Iterable[Row | BrokenRow]) -> Tally:
    job = Import(order, world, world, world, world)
    asyncio.run(job.run(found))
    return job.tally


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.new, tally.changed, tally.unchanged, tally.refused


def numbered(*references: int, **cells: str) -> Iterator[Row]:
    for number, one in enumerate(references, start=2):
        yield Row(number, row(id=str(one), **cells))


def test_the_same_file_again_appends_nothing(order: Order) -> None:
    world = World()

    first = carry(world, order, numbered(1, 2, 3))
    second = carry(world, order, numbered(1, 2, 3))

    assert counts(first) == (3, 0, 0, 0)
    assert counts(second) == (0, 0, 3, 0)
    assert len(world.lying) == 3
    assert first.complete
    assert second.complete


def test_a_row_that_has_a_closing_now_is_changed_and_appended(order: Order) -> None:
    world = World()
    carry(world, order, numbered(1, 2, closed=""))

    tally = carry(world, order, [*numbered(1), *numbered(2, closed="")])

    assert counts(tally) == (0, 1, 1, 0)
    assert len(world.lying) == 3


def test_what_an_earlier_run_left_in_the_inbox_is_waited_for_and_not_appended_again(
    order: Order,
) -> None:
    world = World(reads=False)
    carry(world, order, numbered(1, 2))
    assert world.mark == 0

    world.reads = True
    tally = carry(world, order, numbered(1, 2, 3))

    assert counts(tally) == (1, 0, 2, 0)
    assert len(world.lying) == 3


def test_broken_off_and_given_again_it_goes_on_where_it_stopped(order: Order) -> None:
    world = World(fails_after=500)
    job = Import(order, world, world, world, world)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(job.run(numbered(*range(1_200))))
    assert counts(job.tally) == (500, 0, 0, 0)

    world.fails_after = None
    tally = carry(world, order, numbered(*range(1_200)))

    assert counts(tally) == (700, 0, 500, 0)
    assert len(world.lying) == len({one.case_id for one in world.lying}) == 1_200


def test_a_reference_that_stands_twice_counts_once_and_is_named(order: Order) -> None:
    world = World()

    tally = carry(world, order, numbered(1, 2, 1))

    assert counts(tally) == (2, 0, 0, 1)
    assert world.said == [(4, "1", "id", "stands in an earlier line already")]


def test_a_dry_run_says_the_same_and_appends_nothing(order: Order) -> None:
    world = World()
    carry(world, order, numbered(1))

    dry = carry(world, replace(order, dry_run=True), numbered(1, 2))

    assert counts(dry) == (1, 0, 1, 0)
    assert len(world.lying) == 1


def test_no_more_rows_are_read_than_the_limit(order: Order) -> None:
    world = World()

    tally = carry(world, replace(order, limit=2), numbered(1, 2, 3))

    assert counts(tally) == (2, 0, 0, 0)


def test_what_nobody_reads_is_said_and_not_waited_for_for_ever(order: Order) -> None:
    world = World(reads=False)

    tally = carry(world, order, numbered(1, 2))

    assert tally.unsettled == 2
    assert not tally.complete
    assert world.waited[-1] == (2, 2)
    assert any("2 messages are in the inbox" in words for words in said(tally))


def test_what_the_router_sets_aside_is_named_by_its_line(order: Order) -> None:
    world = World(refuses=frozenset({"2"}))

    tally = carry(world, order, numbered(1, 2, 3))

    assert tally.set_aside == Counter({"refused: as asked": 1})
    assert world.said == [(3, "2", "", "set aside: refused: as asked")]
    assert not tally.complete


def test_what_the_router_would_refuse_is_refused_with_its_column(order: Order) -> None:
    world = World()

    tally = carry(world, order, numbered(1, lat="95", due="01/01/2300 00:00"))
    tomorrow = carry(world, order, numbered(2, closed="11/26/2036 00:00"))

    assert counts(tally) == counts(tomorrow) == (0, 0, 0, 1)
    assert [column for _, _, column, _ in world.said] == ["lat", "closed"]
    assert world.lying == []


def test_impossible_times_are_kept_and_counted(order: Order) -> None:
    world = World()

    tally = carry(world, order, numbered(1, closed="03/02/2015 09:00"))

    assert (tally.new, tally.reversed) == (1, 1)
    assert "1 rows close before they open: kept, and marked" in said(tally)


def test_the_summary_never_repeats_what_a_row_says(order: Order) -> None:
    world = World()
    found = rows(
        [HEADER, line(title="Mrs Example", source="Mrs Example"), 'x,"Mrs"E\n'], ",", COLUMNS
    )

    tally = carry(world, order, found)

    assert (tally.rows, tally.refused) == (2, 2)
    assert "Mrs" not in f"{world.said}{list(said(tally))}"


def test_the_memory_does_not_grow_with_the_file(order: Order) -> None:
    def peak(count: int) -> int:
        world = Forgetful()
        tracemalloc.start()
        try:
            carry(world, order, rows(file_of(count), ",", COLUMNS))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(600)
    few, many = peak(1_000), peak(5_000)

    # SQLite's own pages are not Python's; they are bounded by its cache.
    assert many < 1.5 * few, (few, many)


class Forgetful(World):
    """An inbox that keeps nothing of what was put into it."""

    def append(self, messages: Sequence[Message]) -> list[tuple[str, int, int]]:
        placed = [(one.reference, 0, self.mark + number) for number, one in enumerate(messages)]
        self.mark += len(messages)
        return placed

    async def marks(self) -> Mapping[int, int]:
        return {0: self.mark}


COLUMNS = frozenset(ROW)


def file_of(count: int) -> Iterator[str]:
    yield HEADER
    for number in range(count):
        yield line(id=str(number))


def said(tally: Tally) -> list[str]:
    return list(tally.lines(dry_run=False, compares=True))
