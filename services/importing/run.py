"""One import from beginning to end: read, compare with what is known, append, wait until it is in.

It can be stopped at any moment and started again: what a row becomes has ids that follow from the
row, and what is known already is not appended.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

from schemas.codec import encode
from schemas.vocabulary import CaseId, FactId
from services.importing.book import Book
from services.importing.fault_file import Faults
from services.importing.inbox import Message
from services.importing.mapping import ImportMapping
from services.importing.record import Fault, Record, record, reference_of
from services.importing.rows import BrokenRow, Row
from services.importing.tally import Tally
from streams.core import ids, importing
from streams.core.in_force import Published

BATCH_ROWS = 500
LOOK_SECONDS = 0.25
SET_ASIDE_READ_MAX = 100_000


class Inbox(Protocol):
    def append(self, messages: Sequence[Message]) -> list[tuple[str, int, int]]: ...
    def ends(self) -> Mapping[int, int]: ...


class Known(Protocol):
    async def known(self, cases: Sequence[CaseId]) -> frozenset[FactId]: ...
    async def marks(self) -> Mapping[int, int]: ...
    async def set_aside(
        self, partition: int, since: int, before: int, *, limit: int
    ) -> list[tuple[int, str]]: ...


class Watcher(Protocol):
    """Who is told how far it has come."""

    def reading(self, line: int) -> None: ...
    def waiting(self, left: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done. `stall_seconds` is how long we wait while nothing moves."""

    mapping: ImportMapping
    published: Published
    hmac_key: bytes
    now: Callable[[], datetime]
    dry_run: bool = False
    wait: bool = True
    limit: int | None = None
    stall_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that may be imported."""

    record: Record
    case_id: CaseId
    fact_ids: tuple[FactId, ...]


class Import:
    """One run. `tally` is true at any moment, also when the run is broken off."""

    def __init__(
        self, order: Order, inbox: Inbox, known: Known, faults: Faults, watcher: Watcher
    ) -> None:
        self.tally = Tally()
        self._order = order
        self._inbox = inbox
        self._known = known
        self._faults = faults
        self._watcher = watcher
        self._book = Book()
        self._since: dict[int, int] = {}
        self._before: dict[int, int] = {}

    async def run(self, rows: Iterable[Row | BrokenRow]) -> Tally:
        try:
            if self._order.wait and not self._order.dry_run:
                # What an earlier run left in the inbox would look new, and be appended again.
                await self._settle(await asyncio.to_thread(self._inbox.ends))
            candidates = self._candidates(islice(rows, self._order.limit))
            while batch := list(islice(candidates, BATCH_ROWS)):
                await self._carry(batch)
                self._watcher.reading(self.tally.line)
            if self._order.wait and self._before:
                self.tally.unsettled = await self._settle(self._before)
                await self._look_aside()
        finally:
            self._book.close()
        return self.tally

    def _candidates(self, rows: Iterable[Row | BrokenRow]) -> Iterator[_Candidate]:
        for row in rows:
            self.tally.line = row.line
            if isinstance(row, BrokenRow):
                self._refuse(row.line, "", [Fault("", row.words)])
                continue
            found = self._checked(row)
            if isinstance(found, Record):
                yield self._candidate(found)
            else:
                self._refuse(row.line, reference_of(row.cells, self._order.mapping), found)

    def _checked(self, row: Row) -> Record | list[Fault]:
        mapping = self._order.mapping
        found = record(row.cells, mapping)
        if not isinstance(found, Record):
            return found
        # The router asks the same; asked here, the answer comes with the line and the column.
        wrong = importing.refusal(found.case, self._order.published, self._order.now())
        if wrong is not None:
            return [Fault(mapping.column_of(wrong[0]), wrong[1])]
        if self._book.first_line(found.case.reference, row.line) != row.line:
            return [Fault(mapping.reference, "stands in an earlier line already")]
        return found

    def _candidate(self, found: Record) -> _Candidate:
        case = found.case
        author = importing.author_of(case.system)
        case_id = ids.case_id(self._order.hmac_key, case.municipality, author, case.reference)
        return _Candidate(found, case_id, importing.fact_ids(case, case_id))

    async def _carry(self, batch: Sequence[_Candidate]) -> None:
        """Appends what is not known of the batch, and counts it once it is acknowledged."""
        known = await self._known.known([one.case_id for one in batch])
        fresh = [one for one in batch if not known.issuperset(one.fact_ids)]
        if fresh and not self._order.dry_run:
            placed = await asyncio.to_thread(self._inbox.append, [_message(one) for one in fresh])
            self._book.lies(placed)
            for _, partition, offset in placed:
                since = self._since.get(partition, offset)
                self._since[partition] = min(since, offset)
                self._before[partition] = max(self._before.get(partition, 0), offset + 1)
        for one in batch:
            there = sum(fact_id in known for fact_id in one.fact_ids)
            self.tally.take(one.record, known=there, wanted=len(one.fact_ids))

    async def _settle(self, ends: Mapping[int, int]) -> int:
        """Waits until all below the ends has its outcome; how many have none when nothing moves."""
        total = left = await self._left(ends)
        moved_at = time.monotonic()
        while left and time.monotonic() - moved_at < self._order.stall_seconds:
            self._watcher.waiting(left, total)
            await asyncio.sleep(LOOK_SECONDS)
            before, left = left, await self._left(ends)
            if left < before:
                moved_at = time.monotonic()
        self._watcher.waiting(left, total)
        return left

    async def _left(self, ends: Mapping[int, int]) -> int:
        marks = await self._known.marks()
        return sum(max(end - marks.get(partition, 0), 0) for partition, end in ends.items())

    async def _look_aside(self) -> None:
        """What the router refused after all: a policy may have changed meanwhile."""
        for partition, before in self._before.items():
            letters = await self._known.set_aside(
                partition, self._since[partition], before, limit=SET_ASIDE_READ_MAX
            )
            for offset, reason in letters:
                entry = self._book.at(partition, offset)
                if entry is not None:
                    self.tally.set_aside[reason] += 1
                    self._faults.add(entry.line, entry.reference, "", f"set aside: {reason}")

    def _refuse(self, line: int, reference: str, faults: Sequence[Fault]) -> None:
        self.tally.rows += 1
        self.tally.refused += 1
        for one in faults:
            self.tally.refuse(one.column, one.words)
            self._faults.add(line, reference, one.column, one.words)


def _message(candidate: _Candidate) -> Message:
    case = candidate.record.case
    return Message(case.reference, candidate.case_id, encode(case))
