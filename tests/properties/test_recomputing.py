"""Recomputing by the version that promised is to count the same time in another way: it agrees."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.calendar import Calendar
from schemas.facts import Fact
from streams.core.fold import fold
from streams.core.recomputing import Recomputation, recomputed
from tests.builders import CASE_ID, history
from tests.office import by_version, city, paused, resumed, tehran, under
from tests.second_by_second import DAY, after, scenes, seconds_of, seconds_worked

Scene = tuple[Calendar, datetime]
SINCE = tehran("01-01T00:00:00")


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), data=st.data())
def test_the_same_version_promises_the_same_whatever_was_paused(
    scene: Scene, data: st.DataObject
) -> None:
    plan, begin = scene
    assume(any(plan.week))
    made = replace(city(SINCE), calendars=(plan,), calendar_id=plan.calendar_id)
    marks = seconds_worked(plan, begin)
    edges = sorted(data.draw(seconds_of(marks)) for _ in range(2 * data.draw(st.integers(0, 3))))
    facts: list[Fact] = [*under(made, after(begin, 0))]
    for since, end in zip(edges[::2], edges[1::2], strict=True):
        longest = after(begin, end) + timedelta(seconds=data.draw(st.integers(-DAY, DAY)))
        until = max(longest, after(begin, since))
        facts += [paused(made, after(begin, since), until), resumed(after(begin, end))]
    terms = by_version(made)
    case = fold(CASE_ID, history(*facts), terms)
    now = after(begin, data.draw(st.integers(0, 30 * DAY)))

    for keep_budgets in (True, False):
        asked = Recomputation(
            version=terms[made.version], known=terms, now=now, keep_budgets=keep_budgets
        )
        assert recomputed(case, asked) == ()
