"""One partition of the log folded once more, beside the rows that the projection has of it."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas import codec, records
from schemas.facts import Fact
from schemas.topics import ANSWERED_CALLS, CASE_FACTS, DEAD_LETTERS, KEYRING, LOG_PARTITIONS
from streams.core.tables import LETTER_COLUMNS, letter_row, outcome_row, position_row
from streams.core.terms import AllTerms
from streams.verifier.accounts import Accounts
from streams.verifier.calls import Calls
from streams.verifier.facts import Facts, window
from streams.verifier.folding import Slice
from streams.verifier.keys import Ring
from streams.verifier.reader import Reader
from streams.verifier.report import Report
from streams.verifier.snapshot import LOWEST, UNREADABLE_COLUMNS, Row, Snapshot, Standing
from streams.verifier.tables import Tables

# What the projector says of a record that can be read and not be kept.
UNFIT = "the tables do not take it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is compared, and with what. `moved` is told how many records were read."""

    snapshot: Snapshot
    reader: Reader
    report: Report
    accounts: Accounts
    master: bytes
    terms: AllTerms
    moved: Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """How much of one partition is compared, and in how many slices of its cases."""

    partition: int
    standing: Standing
    keys_end: int
    calls_end: int
    letters_start: int
    slices: int


class Partition:
    """Each slice reads the partition once, and holds its own cases alone in memory."""

    def __init__(self, sides: Sides, stretch: Stretch) -> None:
        self._sides = sides
        self._report = sides.report
        self._stretch = stretch
        self._number = stretch.partition
        self._share = 0

    async def verify(self) -> None:
        for share in range(self._stretch.slices):
            self._share = share
            ring, cases = await self._ring(), Slice(self._sides.terms)
            await self._facts(cases, ring)
            tables = Tables(self._sides.snapshot, self._report, self._number, self._ours)
            await tables.check(cases, ring)
            await (await self._calls()).check(self._sides.snapshot, self._report, self._ours)
        await self._letters()

    def _ours(self, case_id: str) -> bool:
        digest = zlib.crc32(case_id.encode())
        return digest // LOG_PARTITIONS % self._stretch.slices == self._share

    async def _ring(self) -> Ring:
        ring, start, end = Ring(self._sides.master), LOWEST, self._stretch.standing.keyring
        async for portion, upto in self._sides.reader.read(KEYRING, self._number, 0, end):
            aside = await self._aside(KEYRING, start, upto)
            for record in portion:
                if not records.is_heartbeat(record.key):
                    self._learn(ring, record, aside)
            # Of these the records may be gone: a later one of the same name took their place.
            start = upto
        behind = self._sides.reader.read(KEYRING, self._number, end, self._stretch.keys_end)
        async for portion, _ in behind:
            ring.move(portion, self._number)
        return ring

    def _learn(self, ring: Ring, record: Any, aside: dict[int, Row]) -> None:  # noqa: ANN401
        try:
            name, key = records.read_key(record.key, record.value, self._number)
        except codec.UndecodableError as error:
            self._unreadable(record, aside, str(error))
            return
        if not self._unfit(record, aside) and self._ours(name[0]):
            ring.learn(name, key)

    async def _calls(self) -> Calls:
        """As with the keys, a record may be gone whose place a later one took."""
        calls, start, end = Calls(self._number), LOWEST, self._stretch.standing.calls
        async for portion, upto in self._sides.reader.read(ANSWERED_CALLS, self._number, 0, end):
            aside = await self._aside(ANSWERED_CALLS, start, upto)
            for record in portion:
                try:
                    call = records.read_call(record.key, record.value, self._number)
                except codec.UndecodableError as error:
                    self._unreadable(record, aside, str(error))
                    continue
                if not self._unfit(record, aside) and self._ours(call.call):
                    calls.learn(call)
            start = upto
        reader = self._sides.reader
        async for portion, _ in reader.read(
            ANSWERED_CALLS, self._number, end, self._stretch.calls_end
        ):
            calls.move(portion)
        return calls

    async def _facts(self, cases: Slice, ring: Ring) -> None:
        facts = Facts(self._report, self._number, cases, ring)
        start, end = LOWEST, self._stretch.standing.facts
        async for portion, upto in self._sides.reader.read(CASE_FACTS, self._number, 0, end):
            rows = await window(self._sides.snapshot, self._number, start, upto)
            aside = await self._aside(CASE_FACTS, start, upto)
            for record in portion:
                read = self._fact(record, aside)
                if read is None:
                    continue
                text, fact = read
                taken = rows.take(record.offset)
                if self._ours(fact.case_id):
                    facts.compare(record, text, fact, taken)
            if self._share == 0:
                rows.tell_the_rest(self._report)
                self._tell_the_rest(aside)
                self._sides.moved(len(portion))
            start = upto
        if self._share == 0:
            await self._beyond(start)

    def _fact(self, record: Any, aside: dict[int, Row]) -> tuple[str, Fact] | None:  # noqa: ANN401
        """The fact, if the tables have it."""
        try:
            text, fact = records.read_fact(record.value, self._number)
        except codec.UndecodableError as error:
            self._unreadable(record, aside, str(error))
            return None
        if self._unfit(record, aside):
            return None
        outcome = outcome_row(fact)
        if outcome is not None and self._share == 0:
            self._sides.accounts.learn(outcome)
        return text, fact

    async def _beyond(self, start: int) -> None:
        """Rows of what the projection says it has not read yet."""
        letters = self._stretch.standing.letters
        beyond = await self._sides.snapshot.beyond(self._number, start, letters)
        for table, case_id, offset in beyond:
            self._report.too_many(table, case=case_id, where=f"{self._number}/{offset}")

    async def _letters(self) -> None:
        """Letters before the topic's start had their time; of their rows nothing is said."""
        first, end = self._stretch.letters_start, self._stretch.standing.letters
        for row in await self._sides.snapshot.letters(self._number, LOWEST, first):
            self._sides.accounts.learn(tuple(row[2:6]))
        start = first
        async for portion, upto in self._sides.reader.read(DEAD_LETTERS, self._number, first, end):
            found = await self._sides.snapshot.letters(self._number, start, upto)
            rows = {row[1]: row for row in found}
            aside = await self._aside(DEAD_LETTERS, start, upto)
            for record in portion:
                self._letter(record, aside, rows.pop(record.offset, None))
            self._tell_the_rest(aside)
            for offset in rows:
                self._report.too_many("dead_letters", where=f"{self._number}/{offset}")
            start = upto

    def _letter(self, record: Any, aside: dict[int, Row], row: Row | None) -> None:  # noqa: ANN401
        where = f"{self._number}/{record.offset}"
        try:
            letter = records.read_letter(record.value)
        except codec.UndecodableError as error:
            self._unreadable(record, aside, str(error))
            if row is not None:
                self._report.too_many("dead_letters", where=where)
            return
        if self._unfit(record, aside):
            return
        self._sides.accounts.learn(position_row(letter.source))
        if row is None:
            self._report.missing("dead_letters", where=where)
        else:
            wanted = letter_row(self._number, record.offset, letter)
            self._report.compare("dead_letters", LETTER_COLUMNS, row, wanted, where=where)

    async def _aside(self, topic: str, start: int, end: int) -> dict[int, Row]:
        """What the projector says that it could not read or keep."""
        found = await self._sides.snapshot.unreadable(topic, self._number, start, end)
        return {row[2]: row for row in found}

    def _unreadable(self, record: Any, aside: dict[int, Row], reason: str) -> None:  # noqa: ANN401
        row = aside.pop(record.offset, None)
        if self._share:
            return
        where = f"{record.topic}/{self._number}/{record.offset}"
        wanted = (record.topic, self._number, record.offset, reason, record.value)
        if row is None:
            self._report.missing("unreadable", where=where)
            return
        self._report.compare("unreadable", UNREADABLE_COLUMNS[:4], row[:4], wanted[:4], where=where)
        if row[4] != record.value:
            self._report.differs("unreadable", "record", where=where)

    def _unfit(self, record: Any, aside: dict[int, Row]) -> bool:  # noqa: ANN401
        """Whether the projector says that the tables did not take what can well be read."""
        row = aside.get(record.offset)
        if row is None or not row[3].endswith(UNFIT) or row[4] != record.value:
            return False
        del aside[record.offset]
        self._report.set_aside += self._share == 0
        return True

    def _tell_the_rest(self, aside: dict[int, Row]) -> None:
        for row in aside.values():
            self._report.too_many("unreadable", where=f"{row[0]}/{row[1]}/{row[2]}")
