"""What becomes of every inbox position: the gapless mark, the gaps below it, their repair."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

TRIES_BY_ROUTER = 3
GAPS_A_TURN_MAX = 200  # A turn ends; what is left is found again in the next.


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class InboxPartition:
    """One partition of an inbox, in one of the inbox's lives."""

    inbox: str
    generation: int
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """How often a position was sent to repair, and when last."""

    attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The next try for a position without an outcome. At the centre a person reads it."""

    number: int
    to_centre: bool


def advanced(mark: int, covered: Iterable[int]) -> int:
    """The mark moved over the covered offsets that follow it without a gap; it never goes back."""
    offsets = set(covered)
    while mark in offsets:
        mark += 1
    return mark


def gaps(mark: int, covered: Collection[int], below: int) -> tuple[int, ...]:
    """The offsets from the mark up to `below` that have no outcome, the lowest first."""
    return tuple(islice(_uncovered(mark, frozenset(covered), below), GAPS_A_TURN_MAX))


def gaps_counted(mark: int, covered: Iterable[int], below: int) -> int:
    """How many such offsets there are, however many."""
    passed = max(below - mark, 0)
    return passed - sum(mark <= offset < below for offset in frozenset(covered))


def next_attempt(repaired: Repaired | None, now: datetime, wait: timedelta) -> Attempt | None:
    """What to try now for a gap; nothing while the last try may still succeed."""
    if repaired is None:
        return Attempt(number=1, to_centre=False)
    if now < repaired.last_at + wait:
        return None
    number = repaired.attempts + 1
    return Attempt(number=number, to_centre=number > TRIES_BY_ROUTER)


def _uncovered(mark: int, covered: frozenset[int], below: int) -> Iterator[int]:
    return (offset for offset in range(mark, below) if offset not in covered)
