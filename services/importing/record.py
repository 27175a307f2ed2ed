"""What a row says, by the mapping: a case of another system's past, or what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.messages import ImportedCase, ImportedClosing
from schemas.places import Place, Reporter
from schemas.vocabulary import District
from services.importing.mapping import ImportMapping, Values
from services.importing.times import moment

# Only what looks like a reference is repeated to anyone: a broken row may hold anything there.
_REFERENCE = re.compile(r"[A-Za-z0-9._/#-]{1,64}")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with one cell of a row; never what the cell says."""

    column: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The case of a row; `assumed` are the columns whose value the mapping does not name.

    `kept` is the other system's own verdict, and `agrees` whether the times say the same.
    """

    case: ImportedCase
    assumed: tuple[str, ...] = ()
    kept: str | None = None

    @property
    def reversed(self) -> bool:
        """Whether it was closed before it was opened."""
        closing = self.case.closing
        return closing is not None and closing.at < self.case.opened_at

    @property
    def judged(self) -> str | None:
        """The verdict by the times alone, where a deadline and a closing are known."""
        deadline, closing = self.case.deadline, self.case.closing
        if deadline is None or closing is None:
            return None
        return "met" if closing.at <= deadline else "missed"


def record(cells: Mapping[str, str], mapping: ImportMapping) -> Record | list[Fault]:
    """The row as a case, else everything that is wrong with it."""
    reading = _Reading(cells, mapping)
    found = reading.record()
    return reading.faults or found


def reference_of(cells: Mapping[str, str], mapping: ImportMapping) -> str:
    """The row's reference as it may be repeated to a person; empty if it does not look like one."""
    text = cells.get(mapping.reference, "")
    return text if _REFERENCE.fullmatch(text) else ""


@dataclass(slots=True)
class _Reading:
    cells: Mapping[str, str]
    mapping: ImportMapping
    faults: list[Fault] = field(default_factory=list[Fault])
    assumed: list[str] = field(default_factory=list[str])

    def record(self) -> Record:
        mapping = self.mapping
        case = ImportedCase(
            municipality=mapping.municipality,
            system=mapping.system,
            reference=self._required(mapping.reference),
            channel=self._value(mapping.channel),
            text=self._text(),
            opened_at=self._opened_at(),
            department=self._value(mapping.department),
            category=self._value(mapping.category),
            place=self._place(),
            reporter=self._reporter(),
            deadline=self._moment(mapping.deadline),
            closing=self._closing(),
        )
        kept = mapping.verdict and mapping.verdict.named(self._cell(mapping.verdict.column) or "")
        return Record(case=case, assumed=tuple(self.assumed), kept=kept)

    def _cell(self, column: str | None) -> str | None:
        """What the cell says; none where it is empty or there is no such column."""
        return (self.cells[column] or None) if column is not None else None

    def _required(self, column: str) -> str:
        text = self._cell(column)
        if text is None:
            self._wrong(column, "is empty")
        return text or ""

    def _text(self) -> str:
        """An empty text is no fault of the row: a row says something in the columns it has."""
        said = [self._cell(column) for column in self.mapping.text.columns]
        distinct = dict.fromkeys(text for text in said if text)
        if not distinct:
            self._wrong(self.mapping.text.columns[0], "is empty")
        return self.mapping.text.joined_by.join(distinct)

    def _value(self, values: Values[Any]) -> Any:  # noqa: ANN401  # a word of the column's kind
        found = values.named(self._cell(values.column) or "")
        if found is not None:
            return found
        if values.otherwise is None:
            self._wrong(values.column, "is not a value that the mapping names")
        else:
            self.assumed.append(values.column)
        return values.otherwise

    def _moment(self, column: str | None) -> datetime | None:
        text = self._cell(column)
        if column is None or text is None:
            return None
        found = moment(text, self.mapping.times)
        if found is None:
            self._wrong(column, "is not a time as the mapping writes it")
        return found

    def _opened_at(self) -> Any:  # noqa: ANN401  # without one there is a fault, and no case
        column = self.mapping.opened_at
        return self._moment(column) if self._required(column) else None

    def _closing(self) -> ImportedClosing | None:
        at = self._moment(self.mapping.closed_at)
        if at is None:
            return None
        reasons = self.mapping.without_action
        why = None if reasons is None else reasons.named(self._cell(reasons.column) or "")
        return ImportedClosing(at=at, without_action=why)

    def _place(self) -> Place | None:
        columns = self.mapping.place
        district = self._cell(columns.district)
        lat, lon = self._degrees(columns.lat), self._degrees(columns.lon)
        if (lat, lon) in columns.nowhere or lat is None or lon is None:
            lat, lon = None, None
        address = self._cell(columns.address)
        if lat is None and address is None and district is None:
            return None
        return Place(
            lat=lat,
            lon=lon,
            address=address,
            district=None if district is None else District(district),
        )

    def _degrees(self, column: str | None) -> float | None:
        text = self._cell(column)
        if column is None or text is None:
            return None
        try:
            return float(text)
        except ValueError:
            self._wrong(column, "is not a number of degrees")
            return None

    def _reporter(self) -> Reporter | None:
        columns = self.mapping.reporter
        name, phone, email = map(self._cell, (columns.name, columns.phone, columns.email))
        return Reporter(name=name, phone=phone, email=email) if name or phone or email else None

    def _wrong(self, column: str, words: str) -> None:
        self.faults.append(Fault(column, words))
