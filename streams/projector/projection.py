"""One batch into the tables: load, fold, write, all or nothing; and what is kept in memory."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import asyncpg

from schemas.vocabulary import CaseId
from streams import postgres
from streams.core.tables import (
    Row,
    case_row,
    clock_rows,
    fact_row,
    letter_row,
    outbox_rows,
    outcome_row,
    position_row,
)
from streams.core.terms import AllTerms, versions_named
from streams.policies import Book
from streams.process import Worker
from streams.projector import calls, tables
from streams.projector.batch import Batch, KeyName, LetterRecord
from streams.projector.contents import (
    Opened,
    content_row,
    keys_needed,
    opened,
    words_rows,
)
from streams.projector.figures import Figures
from streams.projector.folding import Judged, State, Unfoldable, case_of, fold
from streams.projector.layout import check_layout
from streams.projector.positions import Lease, Position, Positions, advance, claim, moved
from streams.projector.recent import Recent
from streams.projector.tables import Changes

CASES_KEPT_MAX = 20_000
KEYS_KEPT_MAX = 20_000

# What Postgres says of a value, not of itself.
UNFIT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)


class UnfitError(Exception):
    """Some record of the batch holds a value that the tables do not take."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch folded by these terms: what is to be written, and from which positions to which."""

    batch: Batch
    judged: list[Judged]
    terms: AllTerms
    changes: Changes
    old: Positions
    new: Positions


class Projection:
    """One batch is written while the next is folded on what the first will have left."""

    def __init__(
        self,
        worker: Worker,
        lease: Lease,
        book: Book,
        *,
        writing: asyncpg.Connection,
        reading: asyncpg.Connection,
    ) -> None:
        self._figures = Figures(worker.meters, worker.now, worker.tracer)
        self._book = book
        self._master_key = worker.master_key
        self._writing = writing
        self._reading = reading
        self.lease = lease
        self.positions: dict[int, Position] = {}
        self._ahead: dict[int, Position] = {}
        # Larger than any two batches, so that what is not written yet is never looked for in a
        # table.
        self._cases: Recent[CaseId, State] = Recent(CASES_KEPT_MAX)
        self._keys: Recent[KeyName, str] = Recent(KEYS_KEPT_MAX)

    async def claim(self) -> tuple[Positions, set[str]]:
        """Ours from now on. Raises `HaltError` where what was claimed is another's to write."""
        self._figures.expect(await self._book.knowing(()))
        claimed = await claim(self._writing, self.lease)
        # In this order: a rebuild may have put another projection here a moment ago.
        await check_layout(self._reading)
        return claimed

    def start_at(self, positions: Positions) -> None:
        """What is remembered holds only as long as nobody else has written."""
        self.positions, self._ahead = dict(positions), dict(positions)
        self._cases.clear()
        self._keys.clear()

    async def keys_missing(self, batch: Batch) -> set[KeyName]:
        """The keys of its facts that neither it nor the tables have; others are remembered."""
        here = {record.name for record in batch.keys}
        missing = {
            name
            for name in keys_needed(batch.facts)
            if name not in here and self._keys.get(name) is None
        }
        if not missing:
            return missing
        with postgres.away():
            found = await tables.wrapped_keys(self._reading, missing)
        for name, wrapped in found.items():
            if wrapped is not None:  # An erased case's key is as good as absent.
                self._keys.put(name, wrapped)
        return missing - set(found)

    async def prepare(self, batch: Batch) -> Prepared:
        states = await self._states(batch)
        terms = await self._book.knowing(versions_named(one.fact for one in batch.facts))
        self._figures.expect(terms)
        judged = fold(states, batch.facts, terms)
        contents = opened(judged, self._wrapped(batch), self._master_key)
        changes = changes_of(batch, judged, list(contents))
        new = moved(self._ahead, batch.next_offsets)
        old = {one: self._ahead[one] for one in new}
        prepared = Prepared(batch, judged, terms, changes, old, new)
        self._ahead.update(new)
        self._remember(batch, judged)
        return prepared

    async def write(self, prepared: Prepared) -> None:
        """All of it or nothing. Raises `LostError` or `UnfitError`."""
        started = time.monotonic()
        with postgres.away():
            try:
                async with self._writing.transaction():
                    await advance(self._writing, self.lease, prepared.old, prepared.new)
                    await tables.write(self._writing, prepared.batch, prepared.changes)
                    new_calls = await calls.write(self._writing, prepared.batch.calls)
            except UNFIT as error:
                raise UnfitError(f"{type(error).__name__}: the tables do not take it") from error
        self.positions.update(prepared.new)
        took = time.monotonic() - started
        self._figures.written(prepared.batch, prepared.judged, prepared.terms, took)
        self._figures.answered(new_calls)

    async def _states(self, batch: Batch) -> Mapping[CaseId, State]:
        states: dict[CaseId, State] = {}
        unknown: list[CaseId] = []
        for case_id in {record.fact.case_id for record in batch.facts}:
            state = self._cases.get(case_id)
            if state is None:
                unknown.append(case_id)
            else:
                states[case_id] = state
        if unknown:
            with postgres.away():
                states |= await tables.known_states(self._reading, unknown, self._book)
        return states

    def _wrapped(self, batch: Batch) -> dict[KeyName, str]:
        """The keys that the batch's contents are opened with, as they stand at its end."""
        known = {name: self._keys.get(name) for name in keys_needed(batch.facts)}
        known |= {record.name: record.key and record.key.wrapped for record in batch.keys}
        return {name: wrapped for name, wrapped in known.items() if wrapped is not None}

    def _remember(self, batch: Batch, judged: Iterable[Judged]) -> None:
        for one in judged:
            self._cases.put(one.record.fact.case_id, one.state)
        for record in batch.keys:
            if record.key is None:
                self._keys.forget(record.name)
            else:
                self._keys.put(record.name, record.key.wrapped)


def changes_of(batch: Batch, judged: list[Judged], contents: list[Opened]) -> Changes:
    """What a folded batch writes."""
    last = {one.record.fact.case_id: one for one in judged}
    after = [(case_of(one.state), one.record.partition) for one in last.values()]
    cases = [(case, partition) for case, partition in after if case.known]
    return Changes(
        facts=[_fact_row(one) for one in judged],
        cases=[case_row(case, partition) for case, partition in cases],
        clocks=[row for case, partition in cases for row in clock_rows(case, partition)],
        unfoldable=[one.state for one in last.values() if isinstance(one.state, Unfoldable)],
        erased=[case.case_id for case, _ in cases if case.erased_at is not None],
        outbox=[row for one in judged for row in _outbox_rows(one)],
        contents=[content_row(one) for one in contents],
        words=list(words_rows(contents)),
        letters=[letter_row(one.partition, one.offset, one.letter) for one in batch.letters],
        covered=_covered_rows(judged, batch.letters),
    )


def _fact_row(judged: Judged) -> Row:
    record, judgement = judged.record, judged.judgement
    if judgement is None:
        assert isinstance(judged.state, Unfoldable), "a fact is judged, or its case unfoldable"
        judgement = judged.state.reason
    return fact_row(record.partition, record.offset, record.text, record.fact, judgement)


def _outbox_rows(judged: Judged) -> Iterator[Row]:
    record = judged.record
    place, told = (record.partition, record.offset), judged.outgoing
    return outbox_rows(*place, record.fact, told, record.trace)


def _covered_rows(judged: Iterable[Judged], letters: Iterable[LetterRecord]) -> set[Row]:
    """The inbox positions that now have an outcome."""
    outcomes = (outcome_row(one.record.fact) for one in judged)
    return {row for row in outcomes if row is not None} | {
        position_row(one.letter.source) for one in letters
    }
