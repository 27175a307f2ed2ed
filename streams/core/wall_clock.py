"""From a wall clock to instants and back, by a closed list of offset changes."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from schemas.calendar import OffsetChange

DAY_MICROS = 86_400_000_000
EPOCH_ORDINAL = datetime(1970, 1, 1, tzinfo=UTC).toordinal()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_MICROS = 1_000_000


class WallClock:
    """Local time: what does not exist moves forward by the gap; what occurs twice is the first."""

    __slots__ = ("_changes", "_offsets", "_walls")

    def __init__(self, offsets: Sequence[OffsetChange]) -> None:
        if not offsets:
            raise ValueError("a calendar needs at least one offset of its zone")
        self._offsets = [change.offset_seconds * _MICROS for change in offsets]
        self._changes = [(change.since - _EPOCH) // _MICRO for change in offsets]
        if self._changes != sorted(self._changes):
            raise ValueError("the offsets of a zone stand in the order of time")
        # In a gap and in an overlap alike the offset before the change still counts: a wall time
        # is read with the new one only from the greater of its two readings at the change.
        self._walls = [
            change + max(old, new)
            for change, old, new in zip(
                self._changes[1:], self._offsets, self._offsets[1:], strict=False
            )
        ]

    def instant(self, wall: int) -> int:
        """Microseconds since 1970 in UTC, of a wall time counted the same way."""
        return wall - self._offsets[bisect_right(self._walls, wall)]

    def offset(self, instant: int) -> int:
        """How far local time is ahead of UTC at an instant, in microseconds."""
        return self._offsets[max(0, bisect_right(self._changes, instant) - 1)]

    def instant_of(self, local: datetime) -> datetime:
        """The instant that a wall clock without zone shows."""
        wall = (local.replace(tzinfo=UTC) - _EPOCH) // _MICRO
        return _EPOCH + timedelta(microseconds=self.instant(wall))

    def local(self, moment: datetime) -> datetime:
        """The same moment with the offset of this zone."""
        offset = self.offset((moment - _EPOCH) // _MICRO)
        return moment.astimezone(timezone(timedelta(microseconds=offset)))
