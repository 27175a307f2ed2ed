"""A ledger in a SQLite database, which the handler's own tables share."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.department.ledger import LedgerError
from services.department.position import Position

BUSY_SECONDS_MAX = 30.0
# A delivery is repeated soon or not at all; after a restore, all that is open is.
IDS_KEPT_MAX = 1_000_000
TABLES = """
create table if not exists department_position (
    department text primary key, topic_offset integer not null, topic_id text not null
);
create table if not exists department_seen (
    number integer primary key autoincrement,
    department text not null,
    delivery_id text not null,
    unique (department, delivery_id)
);
"""


class SqliteLedger:
    """The position and the seen ids of one department, on the connection that the handler uses.

    The handler writes through `connection` and neither commits nor rolls back.
    """

    def __init__(self, connection: sqlite3.Connection, department: str = "") -> None:
        self.connection = connection
        self._department = department
        connection.executescript(TABLES)

    @classmethod
    def at(cls, path: Path | str, department: str = "") -> "SqliteLedger":
        """In the database at this path, which is made where there is none."""
        # Transactions are begun and ended by `transaction` alone.
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS_MAX, isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        # A power cut may undo the last transactions, whole and in order: they come again then.
        connection.execute("pragma synchronous = normal")
        return cls(connection, department)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        # Taken at once: no other process reads the position between our reading and our writing.
        self.connection.execute("begin immediate")
        try:
            yield self.connection
            if not self.connection.in_transaction:
                raise LedgerError("the handler ended the transaction that it was to work in")
            self.connection.execute("commit")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("rollback")

    def position(self) -> Position | None:
        found = self.connection.execute(
            "select topic_offset, topic_id from department_position where department = ?",
            (self._department,),
        ).fetchone()
        return None if found is None else Position(offset=found[0], topic_id=found[1])

    def seen(self, delivery_id: str) -> bool:
        found = self.connection.execute(
            "select 1 from department_seen where department = ? and delivery_id = ?",
            (self._department, delivery_id),
        ).fetchone()
        return found is not None

    def remember(self, delivery_id: str | None, position: Position) -> None:
        self._require_transaction()
        if delivery_id is not None:
            self.connection.execute(
                "insert or ignore into department_seen (department, delivery_id) values (?, ?)",
                (self._department, delivery_id),
            )
            self.connection.execute(
                "delete from department_seen where number <="
                " (select max(number) from department_seen) - ?",
                (IDS_KEPT_MAX,),
            )
        self.connection.execute(
            "insert into department_position (department, topic_offset, topic_id)"
            " values (?, ?, ?) on conflict (department) do update"
            " set topic_offset = excluded.topic_offset, topic_id = excluded.topic_id",
            (self._department, position.offset, position.topic_id),
        )

    def _require_transaction(self) -> None:
        if not self.connection.in_transaction:
            raise LedgerError("the handler ended the transaction that it was to work in")
