"""The kit for a department's own system: it works its cases through two topics of its own.

It reads what the department has to do, in order for each case, and writes what it did. How far
it has read is kept in one of two ways, and they promise different things:

- By Kafka, **at least once**: `Department.deliveries` and `Department.run` keep the position when
  the handler is done. Killed in between, the same delivery comes again, with the same
  `delivery_id`, and the handler has to stand that.
- By the handler's own database, **exactly once**: `run` with a `Ledger` keeps the position and the
  ids of what was handled in the very transaction of the handler's work. What the handler does
  outside of that transaction, reports among it, may still be done twice.
"""

from schemas.deliveries import Delivery
from schemas.kafka import KafkaAccess
from schemas.messages import ReportedPart
from services.department.access import AccessError
from services.department.department import Department, Handed
from services.department.gap import Gap, GapError
from services.department.ledger import Ledger, LedgerError
from services.department.outbox import Unreadable, UnreadableError
from services.department.position import Position
from services.department.reports import Receipt
from services.department.said import ReportError
from services.department.snapshot import Api, OpenCase, OpenCases, SnapshotError
from services.department.sqlite_ledger import SqliteLedger
from services.kafka import KafkaAwayError

__all__ = [
    "AccessError",
    "Api",
    "Delivery",
    "Department",
    "Gap",
    "GapError",
    "Handed",
    "KafkaAccess",
    "KafkaAwayError",
    "Ledger",
    "LedgerError",
    "OpenCase",
    "OpenCases",
    "Position",
    "Receipt",
    "ReportError",
    "ReportedPart",
    "SnapshotError",
    "SqliteLedger",
    "Unreadable",
    "UnreadableError",
]
