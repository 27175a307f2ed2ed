"""The tables with a row a case, a clock or a key, held against what the fold left of a slice."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from schemas.vocabulary import CaseId
from streams.core.tables import (
    CASE_COLUMNS,
    CLOCK_COLUMNS,
    WORDS_COLUMNS,
    case_row,
    clock_rows,
)
from streams.verifier.folding import Known, Slice
from streams.verifier.keys import Ring
from streams.verifier.report import Report
from streams.verifier.snapshot import KEY_COLUMNS, Row, Snapshot

Ours = Callable[[str], bool]
# A citizen's words, or what a citizen is found by: it differs, and is not shown.
UNSHOWN = frozenset({"words", "address", "wrapped", "phone_index"})


class Tables:
    """One partition's tables; rows of other slices are passed over."""

    def __init__(self, snapshot: Snapshot, report: Report, partition: int, ours: Ours) -> None:
        self._snapshot = snapshot
        self._report = report
        self._partition = partition
        self._ours = ours

    async def check(self, cases: Slice, ring: Ring) -> None:
        known = [one for one in cases.cases.values() if one.case.known]
        self._report.cases += len(known)
        for one in cases.cases.values():
            self._check_contents(one, forgotten=one.case.case_id in ring.deleted)
        await self._match("cases", (*CASE_COLUMNS, "unfoldable"), 1, self._snapshot.cases, (
            (*case_row(one.case, self._partition), one.unfoldable) for one in known
        ))  # fmt: skip
        await self._match("clocks", CLOCK_COLUMNS, 3, self._snapshot.clocks, (
            row for one in known for row in _clocks(one, self._partition)
        ))  # fmt: skip
        await self._check_words(known, ring)
        await self._check_keys(cases, ring)

    def _check_contents(self, known: Known, *, forgotten: bool) -> None:
        """An erased case has none. One whose keys were deleted alone may have lost them all."""
        if known.case.erased_at is not None:
            if known.contents:
                self._report.too_many("contents", case=known.case.case_id)
            return
        for offset, what in known.wrong_contents:
            if what == "missing" and forgotten:
                continue
            row = {"case": known.case.case_id, "where": f"{self._partition}/{offset}"}
            match what:
                case "missing":
                    self._report.missing("contents", **row)
                case "too many":
                    self._report.too_many("contents", **row)
                case _:
                    self._report.differs("contents", "content", **row)

    async def _check_words(self, known: Iterable[Known], ring: Ring) -> None:
        unsure = {case_id for case_id, _ in ring.moved}
        forgotten = ring.deleted | unsure
        wanted: list[Row] = []
        tolerated: set[tuple[object, ...]] = {(one,) for one in unsure}
        for one in known:
            case_id = one.case.case_id
            if one.words is not None and one.case.erased_at is None and case_id not in unsure:
                wanted.append((case_id, self._partition, *one.words))
            if case_id in forgotten:
                tolerated.add((case_id,))
        await self._match(
            "case_words", WORDS_COLUMNS, 1, self._snapshot.words, wanted, absent=tolerated
        )

    async def _check_keys(self, cases: Slice, ring: Ring) -> None:
        def row(case_id: CaseId, kid: str, wrapped: str, phone_index: str | None) -> Row:
            known = cases.cases.get(case_id)
            if known is not None and known.case.erased_at is not None:
                return (case_id, kid, self._partition, None, None)
            return (case_id, kid, self._partition, wrapped, phone_index)

        wanted = [
            row(case_id, kid, key.wrapped, key.phone_index)
            for (case_id, kid), key in ring.kept.items()
            if (case_id, kid) not in ring.moved
        ]
        moved: set[tuple[object, ...]] = set(ring.moved)
        await self._match("keyring", KEY_COLUMNS, 2, self._snapshot.keys, wanted, absent=moved)

    async def _match(
        self,
        table: str,
        columns: Sequence[str],
        key_width: int,
        read: Callable[[int], AsyncIterator[Row]],
        wanted: Iterable[Row],
        *,
        absent: Iterable[tuple[Any, ...]] = (),
    ) -> None:
        """The first columns are the key. A row with a key in `absent` may be there or not."""
        expected = {tuple(row[:key_width]): row for row in wanted}
        either = set(absent)
        async for row in read(self._partition):
            key = tuple(row[:key_width])
            if not self._ours(key[0]):
                continue
            other = expected.pop(key, None)
            where = _where(key)
            if other is not None:
                self._compare(table, columns, row, other, where)
            elif key not in either:
                self._report.too_many(table, case=key[0], where=where)
        for key in expected.keys() - either:
            self._report.missing(table, case=key[0], where=_where(key))

    def _compare(
        self, table: str, columns: Sequence[str], row: Row, other: Row, where: str | None
    ) -> None:
        if tuple(row) == tuple(other):
            return
        shown = [index for index, one in enumerate(columns) if one not in UNSHOWN]
        self._report.compare(
            table,
            [columns[index] for index in shown],
            [row[index] for index in shown],
            [other[index] for index in shown],
            case=row[0],
            where=where,
        )
        for index, column in enumerate(columns):
            if column in UNSHOWN and row[index] != other[index]:
                self._report.differs(table, column, case=row[0], where=where)


def _clocks(known: Known, partition: int) -> Iterable[Row]:
    """The timer leaves alone what can no longer be folded."""
    for row in clock_rows(known.case, partition):
        yield row if known.unfoldable is None else (*row[:-1], None)


def _where(key: tuple[object, ...]) -> str | None:
    """The rest of a key, whose first column is the case."""
    return "/".join(str(one) for one in key[1:]) or None
