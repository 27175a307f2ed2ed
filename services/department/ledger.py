"""Each delivery handled exactly once: its work, its id and the position in one transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from schemas.deliveries import Delivery
from services.department.access import Say
from services.department.gap import Gap
from services.department.outbox import Outbox, Read, Unreadable
from services.department.position import Position


class LedgerError(RuntimeError):
    """The transaction is not what it has to be for "exactly once"; the text says why."""


class Ledger(Protocol):
    """Where a handler's own database keeps how far it is; `SqliteLedger` is an example.

    All but the first call of `position` happens inside `transaction`, and so does the handler, on
    one connection: what they write is there together, or none of it is.
    """

    def position(self) -> Position | None:
        """What was remembered last, none at first. Inside of a transaction it is locked."""
        ...

    def transaction(self) -> AbstractContextManager[object]:
        """Commits when it is left, and undoes everything when it is left by an error."""
        ...

    def seen(self, delivery_id: str) -> bool:
        """Whether a delivery of this id was remembered."""
        ...

    def remember(self, delivery_id: str | None, position: Position) -> None:
        """Keeps both; no id where something else than a delivery was passed."""
        ...


def carry(
    outbox: Outbox,
    ledger: Ledger,
    opened: Callable[[Read], Delivery | Gap | Unreadable],
    handle: Callable[[Delivery | Gap | Unreadable], None],
    say: Say,
) -> None:
    """Everything that the outbox gives to the handler, each in a transaction of the ledger."""
    for read in outbox.read():
        thing = opened(read)
        delivery_id = thing.delivery_id if isinstance(thing, Delivery) else None
        try:
            with ledger.transaction():
                _require(ledger.position(), read.before)
                if delivery_id is None or not ledger.seen(delivery_id):
                    handle(thing)
                ledger.remember(delivery_id, read.after)
        except _OvertakenError:
            say("another process works with the same ledger; this one goes on where that one is")
            outbox.lost()


def _require(now: Position | None, before: Position | None) -> None:
    if now != before:
        raise _OvertakenError


class _OvertakenError(Exception):
    """The ledger is further than this process knows."""
