"""Which moment it is when so much working time has passed, and how much has passed between two.

Working time is the union of the half-open intervals from `day_intervals`; real seconds count. A
budget that ends exactly at closing time ends then; an empty one, at the first working instant.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from schemas.calendar import Calendar
from streams.core.wall_clock import DAY_MICROS, WallClock
from streams.core.working_days import WorkingDays

BLOCK_DAYS = 64
BLOCK_MICROS = BLOCK_DAYS * DAY_MICROS
# A hundred years to use up a budget, ten in a row without any work: beyond, it is a mistake.
DAYS_SEARCHED_MAX = 36_600
DAYS_CLOSED_MAX = 3_660
BUDGET_SECONDS_MAX = 3_660 * 86_400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_MICROS = 1_000_000


class NoWorkingTimeError(ValueError):
    """The calendar does not hold the working time that was asked for within the search."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Working intervals of 64 UTC days; `before[i]` is what they hold ahead of the i-th."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    after: list[int]
    total: int

    def worked(self, instant: int) -> int:
        """Working time of this block that lies before the instant."""
        i = bisect_right(self.starts, instant) - 1
        if i < 0:
            return 0
        return self.before[i] + min(instant, self.ends[i]) - self.starts[i]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A calendar with its index, which is built where it is asked for and then kept."""

    calendar: Calendar
    clock: WallClock
    days: WorkingDays
    _blocks: dict[int, _Block] = field(default_factory=dict[int, _Block], repr=False)

    def block(self, number: int) -> _Block:
        """The `number`-th 64 days since 1970."""
        found = self._blocks.get(number)
        if found is None:
            found = self._blocks[number] = self._built(number)
        return found

    def _built(self, number: int) -> _Block:
        lower, upper = number * BLOCK_MICROS, (number + 1) * BLOCK_MICROS
        spans = self.days.between(lower, upper)
        lengths = [end - start for start, end in spans]
        sums = list(accumulate(lengths, initial=0))
        return _Block(
            starts=[start for start, _ in spans],
            ends=[end for _, end in spans],
            before=sums[:-1],
            after=sums[1:],
            total=sums[-1],
        )


def compile_calendar(calendar: Calendar) -> WorkingCalendar:
    """The calendar, ready to be asked. Keep it: the index lives in it."""
    clock = WallClock(calendar.offsets)
    return WorkingCalendar(calendar, clock, WorkingDays(calendar, clock))


def add_working_time(start: datetime, budget_seconds: int, calendar: WorkingCalendar) -> datetime:
    """The moment at which the budget is used up."""
    require_budget(budget_seconds)
    return moment_of(add_working_micros(instant_of(start), budget_seconds * _MICROS, calendar))


def working_seconds(start: datetime, end: datetime, calendar: WorkingCalendar) -> int:
    """Working time from start to end in whole seconds; 0 when the end is not after the start."""
    first, last = instant_of(start), instant_of(end)
    return worked_micros(first, last, calendar) // _MICROS if first < last else 0


def add_working_micros(instant: int, budget: int, calendar: WorkingCalendar) -> int:
    """The instant at which so many microseconds of working time are over."""
    if budget == 0:
        return _first_at_or_after(instant, calendar)
    number = instant // BLOCK_MICROS
    block = calendar.block(number)
    owed = block.worked(instant) + budget
    searched: _Search | None = None  # Most budgets end in the block in which they start.
    while owed > block.total:
        searched = searched or _Search(number, "after", instant)
        owed -= block.total
        number += 1
        searched.step(number, block)
        block = calendar.block(number)
    i = bisect_left(block.after, owed)
    return block.ends[i] - (block.after[i] - owed)


def worked_micros(first: int, last: int, calendar: WorkingCalendar) -> int:
    """Working time between two instants, in microseconds; the last is not before the first."""
    if last - first > DAYS_SEARCHED_MAX * DAY_MICROS:
        raise NoWorkingTimeError(
            f"from {moment_of(first).isoformat()} to {moment_of(last).isoformat()} "
            f"is more than {DAYS_SEARCHED_MAX} days"
        )
    low, high = first // BLOCK_MICROS, last // BLOCK_MICROS
    whole = sum(calendar.block(number).total for number in range(low, high))
    return whole + calendar.block(high).worked(last) - calendar.block(low).worked(first)


def before_deadline(deadline: datetime, seconds: int, calendar: WorkingCalendar) -> datetime:
    """The latest moment with that much working time left before the deadline."""
    require_budget(seconds)
    if seconds == 0:
        return deadline.astimezone(UTC)
    instant = instant_of(deadline)
    number = instant // BLOCK_MICROS
    block = calendar.block(number)
    left = block.worked(instant) - seconds * _MICROS
    searched = _Search(number, "before", instant)
    while left < 0:
        number -= 1
        searched.step(number, block)
        block = calendar.block(number)
        left += block.total
    i = bisect_right(block.before, left) - 1
    return moment_of(block.starts[i] + left - block.before[i])


def _first_at_or_after(instant: int, calendar: WorkingCalendar) -> int:
    number = instant // BLOCK_MICROS
    searched = _Search(number, "after", instant)
    while True:
        block = calendar.block(number)
        i = bisect_right(block.ends, instant)
        if i < len(block.ends):
            return max(instant, block.starts[i])
        number += 1
        searched.step(number, block)


class _Search:
    """How far a search has gone, so that it ends."""

    __slots__ = ("_closed_days", "_from", "_origin", "_way")

    def __init__(self, number: int, way: str, origin: int) -> None:
        self._from = number
        self._way = way
        self._origin = origin
        self._closed_days = 0

    @property
    def _said(self) -> str:
        return moment_of(self._origin).isoformat()

    def step(self, number: int, left_behind: _Block) -> None:
        self._closed_days = 0 if left_behind.total else self._closed_days + BLOCK_DAYS
        if self._closed_days > DAYS_CLOSED_MAX:
            raise NoWorkingTimeError(
                f"no working time in {DAYS_CLOSED_MAX} days {self._way} {self._said}"
            )
        if abs(number - self._from) * BLOCK_DAYS > DAYS_SEARCHED_MAX:
            raise NoWorkingTimeError(
                f"not enough working time in {DAYS_SEARCHED_MAX} days {self._way} {self._said}"
            )


def require_budget(seconds: int) -> None:
    """Raises `ValueError` for what no clock may run."""
    if not 0 <= seconds <= BUDGET_SECONDS_MAX:
        raise ValueError(f"a budget is 0 to {BUDGET_SECONDS_MAX} seconds (ten years): {seconds}")


def instant_of(moment: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // _MICRO


def moment_of(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)
