"""The file that says what is wrong with which row: its line, its reference, the column, the words.

It never repeats what the row says.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

HEADER = ("line", "reference", "column", "what is wrong")


class Faults(Protocol):
    def add(self, line: int, reference: str, column: str, words: str) -> None: ...


class FaultFile:
    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(HEADER)

    def add(self, line: int, reference: str, column: str, words: str) -> None:
        self._writer.writerow((line, reference, column, words))


@contextmanager
def fault_file(path: Path) -> Iterator[FaultFile]:
    """Begun anew: a file of an earlier run would speak of rows that may be in by now."""
    with path.open("w", encoding="utf-8", newline="") as file:
        yield FaultFile(file)
