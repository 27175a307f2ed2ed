"""A projection in memory that changes are read from; it passes the contract suite of Postgres."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from schemas.topics import LOG_PARTITIONS, partition_of
from schemas.vocabulary import CaseId
from services.api.changes.cursor import Cursor, Offsets, generation_of
from services.api.changes.page import Learned, Page
from services.api.changes.reads import EACH_MAX, AwayError
from tests.builders import CITY, NOON, PARKS
from tests.changing import case_id


def learned(number: int, offset: int, type: str = "case.routed.v1") -> Learned:  # noqa: A002  # as the field is named
    """A fact of that case, which left it routed to the parks."""
    case = case_id(number)
    return Learned(
        partition=partition_of(CaseId(case)),
        offset=offset,
        case_id=case,
        fact_id=f"{case}/{offset}",
        type=type,
        recorded_at=NOON,
        municipality=CITY,
        department=PARKS,
        state="routed",
    )


@dataclass(slots=True)
class FakeProjection:
    """May be away; `add` notifies, but for a test that wants a notification lost."""

    away: bool = False
    generation: bytes = field(default_factory=lambda: generation_of("one"))
    facts: list[Learned] = field(default_factory=list[Learned])
    listeners: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    # What a page costs, in questions: one each.
    pages: int = 0

    @property
    def reading(self) -> "FakeProjection":
        return self

    @property
    def positions(self) -> Offsets:
        ends = [0] * LOG_PARTITIONS
        for one in self.facts:
            ends[one.partition] = max(ends[one.partition], one.offset + 1)
        return tuple(ends)

    def add(self, *facts: Learned) -> None:
        self.facts.extend(facts)
        for heard in self.listeners:
            heard()

    @asynccontextmanager
    async def listening(self, heard: Callable[[], None]) -> AsyncIterator["FakeProjection"]:
        self._check()
        self.listeners.append(heard)
        try:
            yield self
        finally:
            self.listeners.remove(heard)

    async def start(self) -> Cursor:
        self._check()
        return Cursor(self.generation, self.positions)

    async def page(
        self, cursor: Cursor, *, until: Offsets | None = None, case_id: str | None = None
    ) -> Page:
        self._check()
        self.pages += 1
        positions = self.positions
        ends = until or positions
        found: list[Learned] = []
        reached: list[int] = []
        for partition in range(LOG_PARTITIONS):
            start, end = cursor.offsets[partition], min(ends[partition], positions[partition])
            there = [
                one
                for one in self.facts
                if one.partition == partition
                and start <= one.offset < end
                and case_id in {None, one.case_id}
            ]
            found += there[:EACH_MAX]
            full = len(there) >= EACH_MAX
            reached.append(there[EACH_MAX - 1].offset + 1 if full else max(start, end))
        return Page(self.generation, positions, tuple(reached), tuple(found))

    def _check(self) -> None:
        if self.away:
            raise AwayError("it was asked to be away")
