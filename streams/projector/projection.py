"""One batch into the tables: load, fold, write, all or nothing; and what is kept in memory."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import asyncpg

from schemas import metrics
from schemas.vocabulary import CaseId
from streams import postgres
from streams.core.case import Case
from streams.process import Worker
from streams.projector import tables
from streams.projector.batch import Batch, KeyName
from streams.projector.contents import content_rows, keys_needed
from streams.projector.folding import Judged, State, Unfoldable, fold
from streams.projector.positions import Lease, Position, advance, moved
from streams.projector.recent import Recent
from streams.projector.rows import (
    case_row,
    clock_rows,
    covered_rows,
    fact_row,
    letter_row,
    outbox_rows,
)
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


class Projection:
    def __init__(self, worker: Worker, connection: asyncpg.Connection, lease: Lease) -> None:
        self._worker = worker
        self.connection = connection
        self.lease = lease
        self.positions: dict[int, Position] = {}
        self._cases: Recent[CaseId, State] = Recent(CASES_KEPT_MAX)
        self._keys: Recent[KeyName, str] = Recent(KEYS_KEPT_MAX)

    def forget(self) -> None:
        """What is remembered holds only as long as nobody else has written."""
        self.positions = {}
        self._cases.clear()
        self._keys.clear()

    async def partitions_without_key(self, batch: Batch) -> set[int]:
        """The log partitions of facts whose key is not known; the keys found are remembered."""
        here = {record.name for record in batch.keys}
        missing = {
            name
            for name in keys_needed(batch.facts)
            if name not in here and self._keys.get(name) is None
        }
        if not missing:
            return set()
        with postgres.away():
            found = await tables.wrapped_keys(self.connection, missing)
        for name, wrapped in found.items():
            self._keys.put(name, wrapped)
        absent = {case_id for case_id, _ in missing - set(found)}
        return {record.partition for record in batch.facts if record.fact.case_id in absent}

    async def project(self, batch: Batch) -> None:
        """Raises `LostError`, and `UnfitError` with nothing changed."""
        started = time.monotonic()
        judged = fold(await self._states(batch), batch.facts)
        wrapped = self._wrapped(batch)
        changes = _changes(batch, judged, content_rows(judged, wrapped, self._worker.master_key))
        new = moved(self.positions, batch.next_offsets)
        with postgres.away():
            try:
                async with self.connection.transaction():
                    await advance(self.connection, self.lease, self.positions, new)
                    await tables.write(self.connection, batch, changes)
            except UNFIT as error:
                raise UnfitError(f"{type(error).__name__}: the tables do not take it") from error
        self.positions.update(new)
        self._remember(batch, judged)
        self._count(batch, judged, time.monotonic() - started)

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
                states |= await tables.known_states(self.connection, unknown)
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

    def _count(self, batch: Batch, judged: Collection[Judged], seconds: float) -> None:
        meters, now = self._worker.meters, self._worker.now()
        meters.observe(metrics.PROJECTION_BATCH_SECONDS, seconds)
        verdicts = Counter(
            one.judgement.verdict if one.judgement else "unfoldable" for one in judged
        )
        verdicts["unreadable"] = len(batch.unreadable)
        for verdict, count in verdicts.items():
            meters.count(metrics.PROJECTION_FACTS, verdict, by=count)
        for one in judged:
            delay = (now - one.record.fact.recorded_at).total_seconds()
            meters.observe(metrics.PROJECTION_DELAY_SECONDS, max(delay, 0))


def _changes(batch: Batch, judged: list[Judged], contents: Iterable[tables.Row]) -> Changes:
    last = {one.record.fact.case_id: one for one in judged}
    after = [(_case(one.state), one.record.partition) for one in last.values()]
    cases = [(case, partition) for case, partition in after if case.known]
    return Changes(
        facts=[fact_row(one) for one in judged],
        cases=[case_row(case, partition) for case, partition in cases],
        clocks=[row for case, partition in cases for row in clock_rows(case, partition)],
        unfoldable=[one.state for one in last.values() if isinstance(one.state, Unfoldable)],
        outbox=[row for one in judged for row in outbox_rows(one)],
        contents=list(contents),
        letters=[letter_row(record) for record in batch.letters],
        covered=covered_rows(judged, batch.letters),
    )


def _case(state: State) -> Case:
    return state.case if isinstance(state, Unfoldable) else state
