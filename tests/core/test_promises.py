"""What is promised, and when it is warned."""

from dataclasses import replace
from datetime import datetime

from schemas.policy import Budget, EscalationStep
from streams.core.promises import Counting, Grounds, promise, put_off
from streams.core.working_time import compile_calendar
from tests.calendars import iranian

OFFICE = compile_calendar(iranian(("08:00", "16:00")))


def grounds(seconds: int, *percents: int, working_time: bool = True) -> Grounds:
    budget = Budget(seconds=seconds, working_time=working_time)
    return Grounds(budget=budget, calendar=OFFICE, warn_percents=percents)


def tehran(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+03:30")


def test_warnings_count_the_same_working_time_as_the_deadline() -> None:
    made = promise(
        "resolution",
        tehran("2026-11-25T12:00:00"),
        grounds(8 * 3_600, 75, 50),
    )

    assert made.deadline == tehran("2026-11-28T12:00:00")
    assert [(one.percent, one.at) for one in made.warnings] == [
        (50, tehran("2026-11-25T16:00:00")),
        (75, tehran("2026-11-28T10:00:00")),
    ]


def test_round_the_clock_runs_through_the_night() -> None:
    made = promise(
        "first-response",
        tehran("2026-11-26T23:00:00"),
        grounds(4 * 3_600, 50, working_time=False),
    )

    assert made.deadline == tehran("2026-11-27T03:00:00")
    assert made.warnings[0].at == tehran("2026-11-27T01:00:00")


def test_a_promise_says_what_it_was_made_of() -> None:
    made = promise("resolution", tehran("2026-11-21T09:00:00"), grounds(60))

    assert (made.kind, made.budget_seconds, made.working_time) == ("resolution", 60, True)
    assert made.started_at == tehran("2026-11-21T09:00:00")
    assert made.warnings == ()


def test_a_pause_puts_off_what_was_left_when_it_began_and_nothing_that_had_come() -> None:
    made = promise(
        "resolution", tehran("2026-11-25T12:00:00"), grounds(4 * 3_600, 25, 50, working_time=False)
    )
    pause = (tehran("2026-11-25T13:00:00"), tehran("2026-11-25T13:20:00"))

    later = put_off(made, pause, Counting(calendar=None))

    assert later.deadline == tehran("2026-11-25T16:20:00")
    assert [one.at for one in later.warnings] == [
        tehran("2026-11-25T13:00:00"),
        tehran("2026-11-25T14:20:00"),
    ]


def test_no_pause_moves_whom_to_tell_after_a_deadline() -> None:
    before = (tehran("2026-11-25T13:00:00"), tehran("2026-11-25T13:20:00"))
    after = (tehran("2026-11-25T16:30:00"), tehran("2026-11-25T18:30:00"))
    hour = Budget(seconds=3_600, working_time=False)
    told = replace(
        grounds(4 * 3_600, working_time=False),
        escalation=(EscalationStep(role="head", after=hour),),
    )

    made = promise("resolution", tehran("2026-11-25T12:00:00"), told, (before, after))
    unpaused = promise("resolution", tehran("2026-11-25T12:00:00"), told)
    later = put_off(unpaused, before, Counting(calendar=None, pauses=(before, after)))

    assert made.deadline == later.deadline == tehran("2026-11-25T16:20:00")
    (step,), (put_off_step,) = made.escalations, later.escalations
    assert step == put_off_step
    assert step.at == tehran("2026-11-25T17:20:00")


def test_what_starts_during_a_pause_stands_still_from_its_start() -> None:
    made = promise("resolution", tehran("2026-11-25T12:00:00"), grounds(3_600))
    pause = (tehran("2026-11-25T11:00:00"), tehran("2026-11-25T12:20:00"))
    over = (tehran("2026-11-25T10:00:00"), tehran("2026-11-25T12:00:00"))

    later = put_off(made, pause, Counting(calendar=OFFICE))

    assert later.deadline == tehran("2026-11-25T13:20:00")
    assert put_off(made, over, Counting(calendar=OFFICE)) == made


def test_a_stated_moment_that_no_budget_comes_to_is_put_off_like_any_other() -> None:
    stated = replace(
        promise("resolution", tehran("2026-11-25T12:00:00"), grounds(60)),
        deadline=tehran("2026-11-28T09:00:00"),
    )
    pause = (tehran("2026-11-25T15:00:00"), tehran("2026-11-25T15:30:00"))

    later = put_off(stated, pause, Counting(calendar=OFFICE))

    assert later.deadline == tehran("2026-11-28T09:30:00")
