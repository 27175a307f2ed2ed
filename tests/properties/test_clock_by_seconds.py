"""A clock that stands still and goes on, against one that is counted second by second."""

from datetime import datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.calendar import Calendar
from schemas.vocabulary import ClockKind
from tests.builders import resolved
from tests.second_by_second import DAY, after, counted, scenes, seconds_of, seconds_worked, worked
from tests.steering import city, known, opened, paused, real, resumed, working
from tests.told import announced, clock, judged, told

Scene = tuple[Calendar, datetime]
ALONE: tuple[ClockKind, ...] = ("resolution",)


@st.composite
def waits(draw: st.DrawFn, marks: bytearray, start: int) -> list[tuple[int, int, int]]:
    """Pauses one after the other: when one begins, when it ends, and when it would by itself."""
    edges = sorted({draw(seconds_of(marks)) for _ in range(2 * draw(st.integers(0, 3)))})
    later = [edge for edge in edges if edge >= start]
    pairs = list(zip(later[::2], later[1::2], strict=False))
    found = list[tuple[int, int, int]]()
    for since, to in pairs:
        longest = draw(st.sampled_from((to, to + 1, to + DAY)))
        found.append((since, to, longest))
    return found


@settings(max_examples=40, deadline=None)
@given(scene=scenes(), data=st.data(), real_time=st.booleans(), timely=st.booleans())
def test_a_paused_clock_agrees_with_one_that_is_counted_second_by_second(
    scene: Scene, data: st.DataObject, *, real_time: bool, timely: bool
) -> None:
    plan, begin = scene
    assume(any(plan.week))
    marks = bytearray(b"\x01" * (9 * DAY)) if real_time else seconds_worked(plan, begin)
    start = data.draw(seconds_of(marks))
    planned = data.draw(waits(marks, start))
    left = bytearray(marks)
    for since, to, _ in planned:
        left[since:to] = bytes(to - since)
    assume(worked(left, start, len(left)))
    budget = data.draw(st.integers(1, worked(left, start, len(left))))
    made = city(plan, answer=real(1), done=real(budget) if real_time else working(budget))
    terms = known(made)

    case = told(*opened(made, after(begin, start)), terms=terms)
    for since, to, longest in planned:
        case = judged(case, paused(after(begin, since), after(begin, longest), clocks=ALONE), terms)
        if longest > to:
            case = judged(case, resumed(after(begin, to)), terms)
        elif timely:
            case, _ = announced(case, after(begin, to) + timedelta(seconds=1), terms)

    deadline = counted(left, start, budget)
    stop = data.draw(st.sampled_from((deadline, deadline + 1)) | seconds_of(marks))
    assume(stop >= max([start, *(to for _, to, _ in planned)]))
    case = judged(case, resolved(at=after(begin, stop)), terms)
    assert clock(case).promise.deadline == after(begin, deadline)
    assert clock(case).state == ("met" if stop <= deadline else "missed")
