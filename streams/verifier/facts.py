"""Facts of the log, one after the other, beside what the projection made of each."""

import json
from collections import defaultdict
from collections.abc import Sequence

from aiokafka.structs import ConsumerRecord

from schemas.contents import Content
from schemas.facts import Fact, Submitted
from schemas.sealed_parts import sealed_of
from schemas.trace_context import of_headers
from streams.core.tables import (
    FACT_COLUMNS,
    OUTBOX_COLUMNS,
    fact_row,
    outbox_rows,
    words_row,
)
from streams.verifier.folding import Folded, Slice
from streams.verifier.keys import Ring
from streams.verifier.report import Report
from streams.verifier.snapshot import Row, Snapshot

FACT = FACT_COLUMNS.index("fact")
CONTENT = FACT + 1
"""Where these stand in a row of the snapshot's facts."""


class Window:
    """The rows of a stretch of one partition; what is not taken out has nothing in the log."""

    def __init__(self, facts: Sequence[Row], outbox: Sequence[Row]) -> None:
        self._facts = {row[1]: row for row in facts}
        self._outbox: defaultdict[int, list[Row]] = defaultdict(list)
        for row in outbox:
            self._outbox[row[1]].append(row)

    def take(self, offset: int) -> tuple[Row | None, list[Row]]:
        return self._facts.pop(offset, None), self._outbox.pop(offset, [])

    def tell_the_rest(self, report: Report) -> None:
        for row in self._facts.values():
            report.too_many("facts", case=row[2], where=f"{row[0]}/{row[1]}")
        for rows in self._outbox.values():
            for row in rows:
                report.too_many("outbox", case=row[3], where=f"{row[0]}/{row[1]}")


async def window(snapshot: Snapshot, partition: int, start: int, end: int) -> Window:
    facts = await snapshot.facts(partition, start, end)
    return Window(facts, await snapshot.outbox(partition, start, end))


class Facts:
    """Folds each fact, and compares its row, its content and what it sends out."""

    def __init__(self, report: Report, partition: int, cases: Slice, ring: Ring) -> None:
        self._report = report
        self._partition = partition
        self._cases = cases
        self._ring = ring

    def compare(
        self, record: ConsumerRecord, text: str, fact: Fact, rows: tuple[Row | None, list[Row]]
    ) -> None:
        self._report.facts += 1
        offset, (row, outbox) = record.offset, rows
        folded = self._cases.fold(offset, fact)
        where = {"case": fact.case_id, "where": f"{self._partition}/{offset}"}
        if row is None:
            self._report.missing("facts", **where)
        else:
            wanted = fact_row(self._partition, offset, text, fact, folded.judgement)
            self._report.compare("facts", FACT_COLUMNS[:FACT], row[:FACT], wanted[:FACT], **where)
            if row[FACT] != text and json.loads(row[FACT]) != json.loads(text):
                self._report.differs("facts", FACT_COLUMNS[FACT], **where)
            self._content(offset, fact, folded, row[CONTENT])
        trace = of_headers(record.headers)
        expected = list(outbox_rows(self._partition, offset, fact, folded.outgoing, trace))
        self._compare_outbox(outbox, expected, where)

    def _content(self, offset: int, fact: Fact, folded: Folded, found: str | None) -> None:
        """Noted with the case: whether it is forgotten is known when all its facts are."""
        part, known = sealed_of(fact), folded.known
        known.contents += found is not None
        if part is not None and self._ring.unsure(fact.case_id, part.block):
            return
        own = part is not None and not folded.repeated
        opened = self._ring.opened(fact.case_id, part) if own and part is not None else None
        if opened is None:
            if found is not None:
                known.wrong_contents.append((offset, "too many"))
            return
        plain, content = opened
        if found is None:
            known.wrong_contents.append((offset, "missing"))
        elif found != plain and json.loads(found) != json.loads(plain):
            known.wrong_contents.append((offset, "differs"))
        if isinstance(fact, Submitted) and isinstance(content, Content) and folded.effective:
            known.words = words_row(fact, self._partition, content)[2:]

    def _compare_outbox(
        self, found: Sequence[Row], wanted: Sequence[Row], where: dict[str, str]
    ) -> None:
        by_ordinal = {row[2]: row for row in found}
        for row in wanted:
            other = by_ordinal.pop(row[2], None)
            if other is None:
                self._report.missing("outbox", **where)
            else:
                self._report.compare("outbox", OUTBOX_COLUMNS, other, row, **where)
        for _ in by_ordinal:
            self._report.too_many("outbox", **where)
