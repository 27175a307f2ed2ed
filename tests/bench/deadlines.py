"""A deadline in working time with a warm index, against the library that is asked for most."""

import random
import signal
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

import businesstimedelta
import pytz

from schemas.calendar import Calendar
from streams.core.working_time import add_working_time, compile_calendar
from tests.bench.table import Row, show
from tests.calendars import DAYS, calendar, hours
from tests.second_by_second import WINDOW_DAYS, after, counted, seconds_worked, worked

ROUNDS = 200
SEED = 137
ANSWER_SECONDS_MAX = 0.5
DAY = timedelta(days=1)
# Zones with the day around which each window lies: clock changes, and ordinary weeks.
WINDOWS = (
    ("Asia/Tehran", date(2022, 3, 22)),
    ("Asia/Tehran", date(2022, 9, 22)),
    ("Asia/Tehran", date(2026, 11, 24)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
)
SHIFTS = (
    (("09:00", "17:00"),),
    (("07:30", "12:00"), ("13:00", "15:30")),
    (("00:00", "24:00"),),
    (("01:00", "04:00"),),
    (("22:00", "24:00"),),
)
VECTORS_A_PAIR = 3


@dataclass(frozen=True)
class Vector:
    """A question with the answer that counting second by second gives."""

    plan: Calendar
    start: datetime
    budget_seconds: int
    expected: datetime


def measure() -> Row:
    vectors = tuple(_vectors())
    answers = [(vector, _answer(vector)) for vector in vectors]
    theirs = [_theirs(vector) for vector, answer in answers if answer is not None]
    ours = [_ours(vector) for vector in vectors]
    right = sum(answer == vector.expected for vector, answer in answers)
    return Row(
        what="a deadline in working time, with a warm index",
        measured=_timed(ours, ROUNDS),
        unit=" µs",
        floor=5,
        aim=5,
        at_most=True,
        detail=f"businesstimedelta: {_timed(theirs, 3):,.0f} µs where it answers; of "
        f"{len(vectors)} vectors we have {_right(vectors)} right, it {right} right, "
        f"{len(theirs) - right} wrong, {len(vectors) - len(theirs)} not answered",
    )


def _vectors() -> Iterator[Vector]:
    drawn = random.Random(SEED)  # noqa: S311  # the same questions each time
    for zone, change in WINDOWS:
        for shifts in SHIFTS:
            # It fails where no holiday follows within five years, so one follows each year.
            closed = [change + DAY + n * 365 * DAY for n in range(8)]
            plan = calendar(zone, dict.fromkeys(DAYS, hours(*shifts)), closed=closed)
            begin = datetime.combine(change - 4 * DAY, time(), UTC)
            marks = seconds_worked(plan, begin)
            for _ in range(VECTORS_A_PAIR):
                start = drawn.randrange(WINDOW_DAYS * 43_200)
                budget = drawn.randrange(1, worked(marks, start, len(marks)))
                end = counted(marks, start, budget)
                yield Vector(plan, after(begin, start), budget, after(begin, end))


def _timed(asked: list[Callable[[], object]], rounds: int) -> float:
    """Microseconds a deadline, the median of some rounds with what was built before."""
    taken: list[float] = []
    for _ in range(rounds):
        began = perf_counter()
        for one in asked:
            one()
        taken.append((perf_counter() - began) / len(asked) * 1e6)
    return statistics.median(taken)


def _ours(vector: Vector) -> Callable[[], object]:
    index = compile_calendar(vector.plan)
    return lambda: add_working_time(vector.start, vector.budget_seconds, index)


def _theirs(vector: Vector) -> Callable[[], object]:
    zone = pytz.timezone(vector.plan.zone)
    closed = {one.day: one.reason for one in vector.plan.closed_dates}
    rules = businesstimedelta.Rules(
        [
            *(
                businesstimedelta.WorkDayRule(
                    start_time=_clock(own.opens),
                    end_time=_clock(own.closes),
                    working_days=list(range(7)),
                    tz=zone,
                )
                for own in vector.plan.monday
            ),
            businesstimedelta.HolidayRule(closed, tz=zone),
        ]
    )
    budget = businesstimedelta.BusinessTimeDelta(rules, seconds=vector.budget_seconds)
    start = vector.start.astimezone(zone)
    return lambda: start + budget


def _clock(second: int) -> time:
    # It has no word for 24:00, and a last minute of 23:59 would be another calendar.
    return time(second // 3_600 % 24, second // 60 % 60, second % 60)


def _answer(vector: Vector) -> object | None:
    """The library's answer; none where it fails, or looks for one without end."""
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, ANSWER_SECONDS_MAX)
    try:
        return _theirs(vector)()
    except Exception:  # noqa: BLE001  # It may fail in any way of its own.
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(*_: object) -> None:
    raise TimeoutError


def _right(vectors: tuple[Vector, ...]) -> int:
    return sum(_ours(vector)() == vector.expected for vector in vectors)


if __name__ == "__main__":
    show([measure()])
