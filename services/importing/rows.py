"""The rows of a CSV file, strictly read: a broken one costs itself, and those after it go on."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.importing.lines import FileError

# A field, so that a quote that is never closed does not swallow the file.
FIELD_CHARACTERS_MAX = 100_000
_QUOTES = "a quote is not where it may be, or is never closed"
_TOO_LONG = f"a cell has more than {FIELD_CHARACTERS_MAX} characters, or a quote is never closed"


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, and the line on which it begins."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    line: int
    words: str


def rows(
    lines: Iterable[str], delimiter: str, columns: frozenset[str]
) -> Iterator[Row | BrokenRow]:
    """Every row after the header, which has at least these columns. Raises `FileError`."""
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    source = _Source(iter(lines))
    reader = csv.reader(source, strict=True, delimiter=delimiter)
    header = _header(source, reader, columns)
    while True:
        read = _next(source, reader)
        if read is None:
            return
        if isinstance(read, BrokenRow):
            yield read
        elif read[1]:
            yield _row(*read, header)


def _header(source: "_Source", reader: Iterator[list[str]], columns: frozenset[str]) -> list[str]:
    read = _next(source, reader)
    if read is None:
        raise FileError("the file is empty")
    if isinstance(read, BrokenRow):
        raise FileError(f"line 1, the header: {read.words}")
    header = [name.strip() for name in read[1]]
    missing = sorted(columns - set(header))
    if missing:
        raise FileError(f"line 1, the header: there is no column {', '.join(missing)}")
    twice = sorted({name for name in header if name in columns and header.count(name) > 1})
    if twice:
        raise FileError(f"line 1, the header: the column {', '.join(twice)} occurs twice")
    return header


def _row(line: int, cells: list[str], header: list[str]) -> Row | BrokenRow:
    if len(cells) != len(header):
        return BrokenRow(line, f"has {len(cells)} cells, and the header {len(header)}")
    return Row(line, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _next(
    source: "_Source", reader: Iterator[list[str]]
) -> tuple[int, list[str]] | BrokenRow | None:
    line = source.begin()
    try:
        return line, next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        source.give_back()
        too_long = "field limit" in str(error)
        return BrokenRow(line, _TOO_LONG if too_long else _QUOTES)


class _Source:
    """Lines that can be given back: of a broken row only the first is lost."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._line = 1

    def begin(self) -> int:
        """Begins a row; the line on which it does."""
        self._line += len(self._taken)
        self._taken = []
        return self._line

    def give_back(self) -> None:
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def __iter__(self) -> "_Source":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(line)
        return line
