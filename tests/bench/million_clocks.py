"""Open clocks put in by `COPY`: cases, their clocks, and the facts that they are folded from."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from schemas.codec import encode
from schemas.facts import Fact
from schemas.topics import partition_of
from schemas.vocabulary import CaseId
from streams.core.case import Judgement, Positioned
from streams.core.fold import fold
from streams.core.tables import (
    CASE_COLUMNS,
    CLOCK_COLUMNS,
    FACT_COLUMNS,
    Row,
    case_row,
    clock_rows,
    fact_row,
)
from tests.builders import promise, routed, submitted

CLOCKS_A_CASE = 2
CASES_AT_ONCE = 20_000
SAMPLES = 500
DAYS_AHEAD = 30
WARNED_PERCENT = 75
HOUR = timedelta(hours=1)
_PLACEHOLDER = CaseId("x" * 32)
_EFFECTIVE = Judgement(verdict="effective")
# Below every offset of the log: a projector that starts at its beginning finds these there already.
_OFFSETS_FROM = -(2**40)


@dataclass(frozen=True, slots=True)
class Sample:
    """A case as any number of others are, but for its id and its place."""

    facts: Sequence[tuple[Fact, str]]
    case: Row
    clocks: Sequence[Row]


@dataclass(slots=True)
class _Rows:
    facts: list[Row] = field(default_factory=list[Row])
    cases: list[Row] = field(default_factory=list[Row])
    clocks: list[Row] = field(default_factory=list[Row])


class Filling:
    """Fills the tables; every case has a number of its own."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._cases = 0
        self._offsets: defaultdict[int, int] = defaultdict(lambda: _OFFSETS_FROM)

    async def calm(self, cases: int, now: datetime) -> None:
        """Cases of which nothing is due for two hours, and then over the next thirty days."""
        step = timedelta(days=DAYS_AHEAD) / SAMPLES
        samples = [sample(now + 2 * HOUR + number * step) for number in range(SAMPLES)]
        await self._copy(samples[number % SAMPLES] for number in range(cases))

    async def due(self, cases: int, begins_at: datetime, a_second: int) -> None:
        """So many cases a second from then on, half of them with a warning, half with a breach."""
        step = timedelta(seconds=1) / a_second
        await self._copy(
            sample(begins_at + number * step, warned=number % 2 == 0) for number in range(cases)
        )

    async def _copy(self, samples: Iterable[Sample]) -> None:
        rows = _Rows()
        for one in samples:
            self._add(one, rows)
            if len(rows.cases) == CASES_AT_ONCE:
                await self._write(rows)
                rows = _Rows()
        await self._write(rows)

    def _add(self, sample: Sample, rows: _Rows) -> None:
        case_id = CaseId(f"{self._cases:032x}")
        self._cases += 1
        partition = partition_of(case_id)
        offset = self._offsets[partition]
        self._offsets[partition] += len(sample.facts)
        for number, (fact, text) in enumerate(sample.facts):
            row = fact_row(partition, offset + number, "", fact, _EFFECTIVE)
            fact_id = fact.fact_id.replace(_PLACEHOLDER, case_id)
            raw = text.replace(_PLACEHOLDER, case_id)
            rows.facts.append((*row[:2], case_id, fact_id, *row[4:-1], raw))
        # The offsets of its first fact and of its last one stand in the case's row.
        version = offset + len(sample.facts) - 1
        of_case = (case_id, partition, version, *sample.case[3:9], offset, *sample.case[10:])
        rows.cases.append(of_case)
        rows.clocks += ((case_id, *row[1:3], partition, *row[4:]) for row in sample.clocks)

    async def _write(self, rows: _Rows) -> None:
        for table, columns, some in (
            ("facts", FACT_COLUMNS, rows.facts),
            ("cases", CASE_COLUMNS, rows.cases),
            ("clocks", CLOCK_COLUMNS, rows.clocks),
        ):
            await self._connection.copy_records_to_table(table, records=some, columns=columns)


def sample(due_at: datetime, *, warned: bool = False) -> Sample:
    """A case with a first notice at that moment, and the next one an hour later or more."""
    budget = 4 * HOUR
    used = budget * WARNED_PERCENT / 100 if warned else budget
    first = submitted(_PLACEHOLDER, at=due_at - used)
    promises = (
        promise(
            "first-response",
            seconds=int(budget.total_seconds()),
            start=first.recorded_at,
            percents=(WARNED_PERCENT,) if warned else (),
        ),
        promise(
            "resolution",
            seconds=int(20 * budget.total_seconds()),
            start=first.recorded_at,
            percents=(),
        ),
    )
    facts = (first, routed(first, promises=promises))
    case = fold(_PLACEHOLDER, _positioned(facts))
    return Sample(
        facts=[(fact, encode(fact).decode()) for fact in facts],
        case=case_row(case, 0),
        clocks=list(clock_rows(case, 0)),
    )


def _positioned(facts: Iterable[Fact]) -> Iterator[Positioned]:
    return (Positioned(offset=offset, fact=fact) for offset, fact in enumerate(facts))
