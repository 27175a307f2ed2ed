"""Working time counted second by second on random calendars: slow, and knows no index."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from schemas.calendar import Calendar, Hours
from tests.calendars import DAYS, calendar

DAY = 86_400
WINDOW_DAYS = 9
CHANGES = [
    ("Asia/Tehran", date(2020, 3, 21)),
    ("Asia/Tehran", date(2021, 9, 22)),
    ("Asia/Tehran", date(2022, 3, 22)),
    ("Asia/Tehran", date(2022, 9, 22)),
    ("Asia/Tehran", date(2023, 3, 22)),
    ("Asia/Tehran", date(2026, 11, 24)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    # No clock changes here, but a block of the index ends.
    ("America/New_York", date(2026, 12, 13)),
    ("Asia/Tehran", date(2026, 12, 13)),
]
# Round times are drawn often, since mistakes live where edges meet.
ROUND = st.sampled_from([0, 3_600, 5_400, 7_200, 9_000, 10_800, 28_800, 43_200, 57_600, DAY])
CLOCK = ROUND | st.integers(0, DAY)


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    edges = sorted(draw(st.sets(CLOCK, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Hours(opens=opens, closes=closes) for opens, closes in pairs)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar, and the midnight (UTC) at which a window with a clock change begins."""
    zone, change = draw(st.sampled_from(CHANGES))
    first = change - timedelta(days=draw(st.integers(1, 4)))
    near = st.integers(-1, WINDOW_DAYS).map(lambda n: first + timedelta(days=n))
    plan = calendar(
        zone,
        {name: draw(day_hours()) for name in DAYS},
        closed=draw(st.sets(near, max_size=2)),
        annually=draw(st.sets(near.map(lambda d: (d.month, d.day)), max_size=1)),
        other=draw(st.dictionaries(near, day_hours(), max_size=2)),
    )
    return plan, datetime.combine(first, time(), UTC)


def seconds_worked(plan: Calendar, begin: datetime) -> bytearray:
    """One byte a second of the window: 1 where the city works. Knows nothing of our index."""
    marks = bytearray(WINDOW_DAYS * DAY)
    zone = ZoneInfo(plan.zone)
    for n in range(-2, WINDOW_DAYS + 3):
        day = (begin + timedelta(days=n)).date()
        for own in hours_on(plan, day):
            opens = max(0, second_of(day, own.opens, zone, begin))
            closes = min(len(marks), second_of(day, own.closes, zone, begin))
            if opens < closes:
                marks[opens:closes] = b"\x01" * (closes - opens)
    assert len(marks) == WINDOW_DAYS * DAY, "an end before the window would cut it short"
    return marks


def hours_on(plan: Calendar, day: date) -> tuple[Hours, ...]:
    for other in plan.other_hours:
        if other.day == day:
            return other.hours
    if any(closed.day == day for closed in plan.closed_dates):
        return ()
    if any((closed.month, closed.day) == (day.month, day.day) for closed in plan.closed_annually):
        return ()
    return plan.week[day.weekday()]


@lru_cache(maxsize=100_000)
def second_of(day: date, second: int, zone: ZoneInfo, begin: datetime) -> int:
    wall = datetime.combine(day, time()) + timedelta(seconds=second)
    return int((wall.replace(tzinfo=zone).astimezone(UTC) - begin).total_seconds())


def counted(marks: bytearray, start: int, budget: int) -> int:
    """The second at which so many worked seconds passed; for none, the first that is worked."""
    wanted = max(budget, 1)
    seconds = range(start, len(marks) + 1)
    end = seconds[bisect_left(seconds, wanted, key=lambda at: worked(marks, start, at))]
    return end if budget else end - 1


def last_with_left(marks: bytearray, end: int, left: int) -> int:
    """The latest second from which so many worked seconds are left until the end."""
    seconds = range(end, -1, -1)
    return seconds[bisect_left(seconds, left, key=lambda at: worked(marks, at, end))]


def worked(marks: bytearray, start: int, end: int) -> int:
    return marks.count(1, start, end)


def seconds_of(marks: bytearray) -> st.SearchStrategy[int]:
    """Any second of the window, and often one at which work begins or ends."""
    edges = sorted({*_edges(marks, b"\x00\x01"), *_edges(marks, b"\x01\x00")})
    anywhere = st.integers(0, len(marks) - 1)
    return st.sampled_from(edges) | anywhere if edges else anywhere


def _edges(marks: bytearray, edge: bytes) -> Iterator[int]:
    at = marks.find(edge)
    while at >= 0:
        yield at + 1
        at = marks.find(edge, at + 1)


def after(begin: datetime, seconds: int) -> datetime:
    return begin + timedelta(seconds=seconds)
