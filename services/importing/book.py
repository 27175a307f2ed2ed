"""Which references were seen in which line, and where their messages lie; kept on disk."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    line: int
    reference: str


class Book:
    """A table of its own for one run, in a temporary file that goes with it."""

    def __init__(self) -> None:
        # An empty name is SQLite's for a file that nobody else sees.
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute(
            "create table seen (reference text primary key, line int, part int, place int)"
            " without rowid"
        )
        self._rows.execute("begin")
        self._indexed = False

    def first_line(self, reference: str, line: int) -> int:
        """The line on which the reference was seen first: this one, if it is new."""
        added = self._rows.execute(
            "insert into seen (reference, line) values (?, ?) on conflict do nothing",
            (reference, line),
        )
        if added.rowcount:
            return line
        found = self._rows.execute("select line from seen where reference = ?", (reference,))
        return int(found.fetchone()[0])

    def lies(self, placed: Iterable[tuple[str, int, int]]) -> None:
        """Where in the inbox each reference's message lies: partition and offset."""
        self._rows.executemany(
            "update seen set part = ?, place = ? where reference = ?",
            ((part, place, reference) for reference, part, place in placed),
        )

    def at(self, partition: int, offset: int) -> Entry | None:
        """Whose message lies there; none if it is not of this run."""
        if not self._indexed:
            self._rows.execute("create index by_place on seen (part, place)")
            self._indexed = True
        found = self._rows.execute(
            "select line, reference from seen where part = ? and place = ?", (partition, offset)
        ).fetchone()
        return None if found is None else Entry(int(found[0]), str(found[1]))

    def close(self) -> None:
        self._rows.close()
