"""`python -m tests.department.working`: a department's process, with one handler or another.

It writes what it handled into a table of the database in which its ledger is. The handlers other
than `honest` are mistaken, each in a way of its own; they are killed where it shows.
"""

import os
import signal
import sqlite3
import sys

from services.department import Delivery, Department, Handed, SqliteLedger
from services.department.position import Position
from tests.department.laid import CITY

HANDLED = """
create table if not exists handled (
    place integer primary key autoincrement, delivery_id text, case_id text, version integer
)
"""
DIES_EVERY = 60


class PositionFirst(SqliteLedger):
    """Keeps the position in a transaction of its own, before the work is done."""

    def seen(self, delivery_id: str) -> bool:
        if super().seen(delivery_id):
            return True
        before = self.position()
        after = Position(
            offset=before.offset + 1 if before else 0, topic_id=before.topic_id if before else ""
        )
        if before:
            super().remember(delivery_id, after)
            self.connection.execute("commit")
            dies(self.connection)
            self.connection.execute("begin immediate")
        return False


class WorkFirst(SqliteLedger):
    """Commits the work, and then keeps the position in a transaction of its own."""

    def remember(self, delivery_id: str | None, position: Position) -> None:
        self.connection.execute("commit")
        dies(self.connection)
        self.connection.execute("begin immediate")
        super().remember(delivery_id, position)


def dies(connection: sqlite3.Connection) -> None:
    """Now and then, as a power cut does."""
    (handled,) = connection.execute("select count(*) from handled").fetchone()
    if handled % DIES_EVERY == DIES_EVERY - 1:
        # Done once more, so that the next process does not die here again.
        connection.execute("insert into died default values")
        (died,) = connection.execute("select count(*) from died").fetchone()
        if died % 2:
            os.kill(os.getpid(), signal.SIGKILL)


LEDGERS = {
    "honest": SqliteLedger,
    "position-first": PositionFirst,
    "work-first": WorkFirst,
}


def main(kafka: str, department: str, database: str, which: str) -> None:
    ledger = LEDGERS[which].at(database)
    ledger.connection.execute(HANDLED)
    ledger.connection.execute("create table if not exists died (number integer primary key)")

    def handle(thing: Handed) -> None:
        assert isinstance(thing, Delivery)
        ledger.connection.execute(
            "insert into handled (delivery_id, case_id, version) values (?, ?, ?)",
            (thing.delivery_id, thing.case_id, thing.version),
        )

    with Department(kafka=kafka, municipality=CITY, department=department) as system:
        signal.signal(signal.SIGTERM, lambda *_: system.stop())
        system.run(handle, ledger=ledger)


if __name__ == "__main__":
    main(*sys.argv[1:])
