"""Working time against a count second by second, on random calendars around clock changes."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.calendar import Calendar, Hours
from streams.core.working_time import (
    WorkingCalendar,
    add_working_time,
    before_deadline,
    compile_calendar,
    working_seconds,
)
from tests.calendars import calendar
from tests.second_by_second import (
    DAY,
    after,
    counted,
    last_with_left,
    scenes,
    seconds_of,
    seconds_worked,
    worked,
)


@settings(max_examples=100, deadline=None)
@given(scene=scenes(), data=st.data())
def test_measuring_agrees_with_counting_each_second(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    index = compile_calendar(plan)

    for _ in range(3):
        start, end = data.draw(seconds_of(marks)), data.draw(seconds_of(marks))
        measured = working_seconds(after(begin, start), after(begin, end), index)
        assert measured == worked(marks, start, end)


@settings(max_examples=100, deadline=None)
@given(scene=scenes(), data=st.data())
def test_adding_agrees_with_counting_each_second(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    index = compile_calendar(plan)

    for _ in range(3):
        start, end = sorted((data.draw(seconds_of(marks)), data.draw(seconds_of(marks))))
        if not any(marks[start:]):
            continue
        first = counted(marks, start, 0)
        assert add_working_time(after(begin, start), 0, index) == after(begin, first)
        budget = worked(marks, start, end)
        deadline = counted(marks, start, budget)
        assert add_working_time(after(begin, start), budget, index) == after(begin, deadline)


@settings(max_examples=100, deadline=None)
@given(scene=scenes(), data=st.data())
def test_the_moment_before_a_deadline_is_the_latest_with_that_much_left(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    plan, begin = scene
    marks = seconds_worked(plan, begin)
    index = compile_calendar(plan)
    start, end = sorted((data.draw(seconds_of(marks)), data.draw(seconds_of(marks))))
    left = worked(marks, start, end)

    assert before_deadline(after(begin, end), left, index) == after(
        begin, last_with_left(marks, end, left)
    )


@settings(max_examples=100, deadline=None)
@given(scene=scenes(), data=st.data())
def test_adding_then_measuring_gives_the_budget_back(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    index, start, budget = far_reaching(scene, data)

    assert working_seconds(start, add_working_time(start, budget, index), index) == budget


@settings(max_examples=100, deadline=None)
@given(scene=scenes(), data=st.data())
def test_splitting_a_budget_changes_nothing(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    index, start, budget = far_reaching(scene, data)
    part = data.draw(st.integers(1, budget - 1)) if budget > 1 else budget

    halfway = add_working_time(start, part, index)

    if part < budget:
        assert add_working_time(halfway, budget - part, index) == add_working_time(
            start, budget, index
        )


@settings(max_examples=100, deadline=None)
@given(scene=scenes(), data=st.data())
def test_a_longer_budget_never_ends_earlier(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    index, start, budget = far_reaching(scene, data)

    assert add_working_time(start, budget - 1, index) <= add_working_time(start, budget, index)


def far_reaching(
    scene: tuple[Calendar, datetime], data: st.DataObject
) -> tuple[WorkingCalendar, datetime, int]:
    """A start and a budget of up to a year, on a calendar that works at least an hour a week."""
    plan, begin = scene
    if sum(own.closes - own.opens for day in plan.week for own in day) < 3_600:
        plan = calendar(plan.zone, {"monday": (Hours(opens=32_400, closes=61_200),)})
    start = begin + timedelta(seconds=data.draw(st.integers(-400 * DAY, 400 * DAY)))
    week = sum(own.closes - own.opens for day in plan.week for own in day)
    return compile_calendar(plan), start, data.draw(st.integers(1, 50 * week))
