"""Working time with pauses against a count second by second."""

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.calendar import Calendar
from streams.core.paused_time import Pause, ReversedPauseError, add_paused, paused_seconds
from streams.core.working_time import add_working_time, compile_calendar, working_seconds
from tests.calendars import every_day
from tests.second_by_second import DAY, after, counted, scenes, seconds_of, seconds_worked, worked

Scene = tuple[Calendar, datetime]
Paused = tuple[bytearray, list[Pause]]


def paused(begin: datetime, marks: bytearray, data: st.DataObject) -> Paused:
    """The seconds that are worked when some of them are paused, and the pauses."""
    left, pauses = bytearray(marks), list[Pause]()
    for _ in range(data.draw(st.integers(0, 4))):
        start, end = sorted((data.draw(seconds_of(marks)), data.draw(seconds_of(marks))))
        left[start:end] = bytes(end - start)
        pauses.append((after(begin, start), after(begin, end)))
    return left, pauses


@settings(max_examples=40, deadline=None)
@given(scene=scenes(), data=st.data())
def test_measuring_leaves_out_what_was_paused(scene: Scene, data: st.DataObject) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    left, pauses = paused(begin, marks, data)
    start, end = data.draw(seconds_of(marks)), data.draw(seconds_of(marks))

    found = paused_seconds(after(begin, start), after(begin, end), compile_calendar(plan), pauses)

    assert found == (worked(left, start, end) if start < end else 0)


@settings(max_examples=40, deadline=None)
@given(scene=scenes(), data=st.data())
def test_a_budget_ends_when_its_last_second_that_counts_does(
    scene: Scene, data: st.DataObject
) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    left, pauses = paused(begin, marks, data)
    start = data.draw(seconds_of(marks))
    assume(worked(left, start, len(left)))
    budget = data.draw(st.integers(0, worked(left, start, len(left))))

    found = add_paused(after(begin, start), budget, compile_calendar(plan), pauses)

    assert found == after(begin, counted(left, start, budget))


@settings(max_examples=40, deadline=None)
@given(scene=scenes(), data=st.data())
def test_a_pause_never_makes_a_deadline_earlier(scene: Scene, data: st.DataObject) -> None:
    plan, begin = scene
    assume(any(plan.week))
    marks = seconds_worked(plan, begin)
    _, pauses = paused(begin, marks, data)
    calendar = compile_calendar(plan)
    start, budget = after(begin, data.draw(seconds_of(marks))), data.draw(st.integers(0, 3 * DAY))

    deadlines = [
        add_paused(start, budget, calendar, pauses[:count]) for count in range(len(pauses) + 1)
    ]

    assert deadlines == sorted(deadlines)
    assert deadlines[0] == add_working_time(start, budget, calendar)


@settings(max_examples=40, deadline=None)
@given(scene=scenes(), data=st.data())
def test_adding_then_measuring_with_the_same_pauses_gives_the_budget_back(
    scene: Scene, data: st.DataObject
) -> None:
    plan, begin = scene
    assume(any(plan.week))
    marks = seconds_worked(plan, begin)
    _, pauses = paused(begin, marks, data)
    calendar = compile_calendar(plan)
    start, budget = after(begin, data.draw(seconds_of(marks))), data.draw(st.integers(0, 3 * DAY))

    end = add_paused(start, budget, calendar, pauses)

    assert paused_seconds(start, end, calendar, pauses) == budget
    assert working_seconds(start, end, calendar) >= budget


def test_a_pause_that_ends_before_it_starts_is_named() -> None:
    begin = datetime.fromisoformat("2026-11-24T10:00:00+00:00")
    hour = timedelta(hours=1)
    calendar = compile_calendar(every_day("UTC", ("08:00", "16:00")))

    with pytest.raises(ReversedPauseError) as caught:
        add_paused(begin, 60, calendar, [(begin, begin + hour), (begin + hour, begin)])

    assert caught.value.index == 1
