"""Every stretch of a clock's time against the arithmetic that dates promises, and every second."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.calendar import Calendar
from schemas.policy import Budget
from schemas.vocabulary import Department, FactId
from streams.core.case import Clock
from streams.core.explaining import DAYS_TOLD_MAX, Stretch, stretches
from streams.core.paused_time import Pause, paused_seconds
from streams.core.promises import ROUND_THE_CLOCK, Grounds, promise
from streams.core.working_time import WorkingCalendar, compile_calendar
from tests.calendars import every_day, iranian
from tests.second_by_second import DAY, WINDOW_DAYS, after, scenes, seconds_of, seconds_worked

Scene = tuple[Calendar, datetime]


def clock(
    start: datetime,
    seconds: int,
    calendar: WorkingCalendar,
    pauses: tuple[Pause, ...] = (),
    *,
    working_time: bool = True,
) -> Clock:
    grounds = Grounds(
        budget=Budget(seconds=seconds, working_time=working_time),
        calendar=calendar,
        warn_percents=(),
    )
    return Clock(
        promise=promise("resolution", start, grounds, pauses),
        set_by=FactId("routed"),
        department=Department("parks"),
        pauses=pauses,
    )


def used(told: tuple[Stretch, ...]) -> timedelta:
    return sum((one.counted for one in told), timedelta())


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), data=st.data())
def test_stretches_follow_each_other_and_add_up_to_what_is_used(
    scene: Scene, data: st.DataObject
) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    calendar = compile_calendar(plan)
    assume(sum(marks))
    start, until = sorted(after(begin, data.draw(seconds_of(marks))) for _ in range(2))
    edges = sorted(after(begin, data.draw(seconds_of(marks))) for _ in range(4))
    pauses = tuple(zip(edges[::2], edges[1::2], strict=True))
    one = clock(start, data.draw(st.integers(0, DAY)), calendar, pauses)

    told = stretches(one, (), calendar, until)

    assert used(told) == timedelta(seconds=paused_seconds(start, until, calendar, pauses))
    assert all(one.end == other.start for one, other in pairwise(told))
    assert [told[0].start, told[-1].end] == [start, until] if start < until else not told
    assert all(one.start < one.end for one in told)


@settings(max_examples=25, deadline=None)
@given(scene=scenes(), data=st.data())
def test_every_second_counts_where_a_count_second_by_second_says_so(
    scene: Scene, data: st.DataObject
) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    assume(sum(marks))
    calendar = compile_calendar(plan)
    pause = tuple(sorted(data.draw(seconds_of(marks)) for _ in range(2)))
    pauses = ((after(begin, pause[0]), after(begin, pause[1])),)
    one = clock(begin, data.draw(st.integers(0, DAY)), calendar, pauses)
    end = WINDOW_DAYS * DAY

    told = stretches(one, (), calendar, after(begin, end))

    expected = bytearray(marks)
    expected[pause[0] : pause[1]] = bytes(pause[1] - pause[0])
    found = bytearray(end)
    for stretch in told:
        lower, upper = ((at - begin) // timedelta(seconds=1) for at in (stretch.start, stretch.end))
        found[lower:upper] = bytes([stretch.counts]) * (upper - lower)
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), data=st.data())
def test_at_the_deadline_the_budget_is_used(scene: Scene, data: st.DataObject) -> None:
    plan, begin = scene
    assume(any(plan.week))
    calendar = compile_calendar(plan)
    start = after(begin, data.draw(st.integers(0, DAY))) + timedelta(microseconds=123_456)
    budget = data.draw(st.integers(0, 3 * DAY))
    paused = start + timedelta(seconds=data.draw(st.integers(0, DAY)))
    pauses = ((paused, paused + timedelta(seconds=data.draw(st.integers(0, 2 * DAY)))),)
    one = clock(start, budget, calendar, pauses)
    until = one.promise.deadline + timedelta(days=data.draw(st.integers(0, 3)))

    told = stretches(one, (), calendar, until)

    kept = tuple(stretch for stretch in told if stretch.end <= one.promise.deadline)
    assert used(kept) == timedelta(seconds=budget)
    assert all(stretch.late for stretch in told[len(kept) :])


@pytest.mark.parametrize("days", [DAYS_TOLD_MAX + 3, 5 * 365])
def test_many_days_are_one_stretch_and_still_add_up(days: int) -> None:
    calendar = compile_calendar(iranian(("08:00", "14:00")))
    start = datetime(2026, 3, 21, 6, 30, tzinfo=UTC)
    until = start + timedelta(days=days)
    one = clock(start, 3_600, calendar)

    told = stretches(one, (), calendar, until)

    assert used(told) == timedelta(seconds=paused_seconds(start, until, calendar, ()))
    assert told[-1].why == "days-joined"
    assert len(told) < 2 * DAYS_TOLD_MAX + 5


def test_what_is_promised_round_the_clock_counts_at_night() -> None:
    calendar = compile_calendar(every_day("Asia/Tehran", ("08:00", "14:00")))
    start = datetime(2026, 3, 21, 20, tzinfo=UTC)
    one = clock(start, 3_600, calendar, working_time=False)

    told = stretches(one, (), None, start + timedelta(hours=3))

    assert [(each.why, each.late) for each in told] == [
        ("round-the-clock", False),
        ("round-the-clock", True),
    ]
    assert used(told) == timedelta(
        seconds=paused_seconds(start, start + timedelta(hours=3), ROUND_THE_CLOCK, ())
    )
