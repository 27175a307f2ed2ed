"""What may be deleted by now, and how long an erased person can still be read anywhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SEGMENT_DAYS = 1  # A file of a topic is deleted as a whole, so it may not grow for longer.
HEARTBEATS_A_KEYRING_AGE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """For how many days each place keeps what it holds."""

    inbox_days: int
    keyring_days: int
    dead_letter_days: int
    department_days: int

    @property
    def readable_days_max(self) -> int:
        """After so many days nothing of an erased person is left; backups count beside it."""
        by_age = max(self.inbox_days, self.dead_letter_days, self.department_days)
        return max(by_age + SEGMENT_DAYS, self.keyring_days)


def deletable_below(*, mark: int | None, committed: int | None, aged: int) -> int:
    """The offset below which an inbox may be deleted: each record there has its outcome.

    It is behind its router too, and older than raw messages are kept: `aged` is the first offset
    that is not. Where the mark or the router's position is not known, nothing may go.
    """
    if mark is None or committed is None:
        return 0
    return min(mark, committed, aged)


def heartbeat_due(last_at: datetime | None, now: datetime, *, keyring_days: int) -> bool:
    """Whether the keyring needs a record, so that the broker closes a file and compacts it."""
    every = timedelta(days=keyring_days) / HEARTBEATS_A_KEYRING_AGE
    return last_at is None or now - last_at >= every
