"""The file that says what is wrong with which row: its line, its reference, the column, the words.

It never repeats what the row says.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

HEADER = ("line", "reference", "column", "what is wrong")


class FaultFileError(ValueError):
    """The file cannot be written; the text says which, and why."""


class Faults(Protocol):
    def add(self, line: int, reference: str, column: str, words: str) -> None: ...


class FaultFile:
    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(HEADER)
        self.lists_something = False

    def add(self, line: int, reference: str, column: str, words: str) -> None:
        self._writer.writerow((line, reference, column, words))
        self.lists_something = True


@contextmanager
def fault_file(path: Path) -> Iterator[FaultFile]:
    """Begun anew: a file of an earlier run would speak of rows that may be in by now.

    Where nothing is wrong, none is left. Raises `FaultFileError`.
    """
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        words = f"{path}, where refused rows are listed, cannot be written: {error.strerror}"
        raise FaultFileError(f"{words} (--errors names another)") from error
    with file:
        faults = FaultFile(file)
        try:
            yield faults
        finally:
            # A device or a pipe is not ours to take away.
            if not faults.lists_something and path.is_file() and not path.is_symlink():
                path.unlink()
