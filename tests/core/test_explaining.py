"""What is said of a clock's time: each reason, who ended a pause, and how a deadline moved."""

from datetime import date, datetime, timedelta

from schemas.facts import Fact
from schemas.notices import PauseEnded
from schemas.policy import Policy
from schemas.vocabulary import FactId
from streams.core.explaining import Explained, explained
from streams.core.retelling import Retold, retold
from tests.builders import CASE_ID, PARKS, acknowledged, history, resolved
from tests.office import (
    by_version,
    city,
    closed_day,
    holiday,
    paused,
    resumed,
    short_day,
    tehran,
    under,
)

# Saturday to Wednesday are the working days; the 21st is a Saturday.
CITY_OF_NOVEMBER = city(
    tehran("11-01T00:00:00"),
    closed=(holiday(date(2026, 11, 23), "Eid", estimated=True),),
    other=(short_day(date(2026, 11, 22)), closed_day(date(2026, 11, 24))),
)


def told(until: datetime, *facts: Fact, made: Policy = CITY_OF_NOVEMBER) -> Retold:
    return retold(CASE_ID, history(*facts), by_version(made), until)


def clocks(story: Retold, until: datetime, made: Policy = CITY_OF_NOVEMBER) -> list[Explained]:
    return list(explained(story, by_version(made), until))


def test_each_kind_of_day_is_told_with_its_reason() -> None:
    until = tehran("11-25T09:00:00")
    story = told(until, *under(CITY_OF_NOVEMBER, tehran("11-19T10:00:00")))

    resolution = clocks(story, until)[1]

    found = [
        (one.why, one.reason, one.estimated, one.counted / timedelta(hours=1))
        for one in resolution.stretches
    ]
    assert found == [
        ("free-weekday", None, False, 0),
        ("outside-hours", None, False, 0),
        ("working-hours", None, False, 6),
        ("outside-hours", None, False, 0),
        ("outside-hours", "dust", False, 0),
        ("other-hours", "dust", False, 2),
        ("outside-hours", "dust", False, 0),
        ("holiday", "Eid", True, 0),
        ("closed", "cold", False, 0),
        ("outside-hours", None, False, 0),
        ("working-hours", None, False, 1),
    ]
    assert resolution.used == timedelta(hours=9)


def test_who_ended_a_pause_is_named() -> None:
    since, end = tehran("11-21T10:00:00"), tehran("11-21T12:30:30")
    until = tehran("11-21T13:00:00")
    story = told(
        until,
        *under(CITY_OF_NOVEMBER, tehran("11-21T08:00:00")),
        paused(CITY_OF_NOVEMBER, since, tehran("11-25T10:00:00")),
        resumed(end),
    )

    first, resolution = clocks(story, until)

    assert "paused" not in {one.why for one in first.stretches}
    pause = next(one for one in resolution.stretches if one.why == "paused")
    assert (pause.start, pause.end, pause.counts) == (since, end, False)
    assert pause.wait is not None
    assert (pause.wait.author, pause.wait.ended_by, pause.wait.ended_author) == (
        "operator-7",
        "resumed",
        "operator-8",
    )
    assert resolution.used == timedelta(hours=5) - (end - since)


def test_a_pause_that_is_over_has_ended_by_itself() -> None:
    since, over = tehran("11-21T10:00:00"), tehran("11-21T11:00:00")
    until = tehran("11-21T12:00:00")
    story = told(
        until,
        *under(CITY_OF_NOVEMBER, tehran("11-21T08:00:00")),
        paused(CITY_OF_NOVEMBER, since, over),
    )

    resolution = clocks(story, until)[1]

    assert [(one.why, one.end) for one in resolution.stretches] == [
        ("working-hours", since),
        ("paused", over),
        ("working-hours", until),
    ]
    wait = resolution.stretches[1].wait
    assert wait is not None
    assert (wait.ended_by, wait.ended_author) == ("by-itself", None)
    assert resolution.deadline_at_latest is None


def test_what_is_said_after_a_pause_was_over_did_not_end_it() -> None:
    since, over = tehran("11-21T10:00:00"), tehran("11-21T11:00:00")
    done = tehran("11-21T12:00:00")
    story = told(
        done,
        *under(CITY_OF_NOVEMBER, tehran("11-21T08:00:00")),
        paused(CITY_OF_NOVEMBER, since, over),
        resolved(at=done),
    )

    assert [(one.ended_at, one.ended_by, one.ended_author) for one in story.waits] == [
        (over, "by-itself", None)
    ]


def test_a_pause_that_the_timer_took_for_over_was_ended_by_who_ended_it_before() -> None:
    since, end, over = (tehran(f"11-21T{hour}:00:00") for hour in ("10", "11", "12"))
    pause = paused(CITY_OF_NOVEMBER, since, over)
    said = PauseEnded(
        fact_id=FactId(f"{pause.fact_id}/pause-ended"),
        case_id=CASE_ID,
        recorded_at=over,
        cause=pause.fact_id,
        due_at=over,
        department=PARKS,
    )
    until = tehran("11-21T13:00:00")
    story = told(
        until,
        *under(CITY_OF_NOVEMBER, tehran("11-21T08:00:00")),
        pause,
        said,
        resumed(end),
    )

    assert [(one.ended_at, one.ended_by) for one in story.waits] == [(end, "resumed")]
    resolution = clocks(story, until)[1]
    assert [(one.why, one.end) for one in resolution.stretches] == [
        ("working-hours", since),
        ("paused", end),
        ("working-hours", until),
    ]
    assert resolution.stretches[1].wait == story.waits[0]


def test_a_clock_that_stands_still_says_when_its_deadline_is_at_the_latest() -> None:
    since, over = tehran("11-21T10:00:00"), tehran("11-21T13:00:00")
    facts = (
        *under(CITY_OF_NOVEMBER, tehran("11-21T08:00:00")),
        paused(CITY_OF_NOVEMBER, since, over),
    )
    until = tehran("11-21T12:00:00")

    resolution = clocks(told(until, *facts), until)[1]

    later = tehran("12-30T00:00:00")
    after = clocks(told(later, *facts), later)[1]
    assert resolution.clock.state == "paused"
    assert [one.why for one in resolution.stretches] == ["working-hours", "paused"]
    assert resolution.stretches[-1].end == until
    assert resolution.deadline_at_latest == after.clock.promise.deadline
    assert resolution.deadline_at_latest != resolution.clock.promise.deadline


def test_what_comes_after_the_stop_does_not_count() -> None:
    start, done = tehran("11-21T08:00:00"), tehran("11-21T09:00:00")
    until = tehran("11-25T12:00:00")
    story = told(
        until,
        *under(CITY_OF_NOVEMBER, start),
        acknowledged(at=start + timedelta(minutes=5)),
        resolved(at=done),
    )

    first, resolution = clocks(story, until)

    assert [(one.why, one.end) for one in first.stretches] == [
        ("working-hours", start + timedelta(minutes=5)),
        ("after-the-stop", until),
    ]
    assert resolution.used == timedelta(hours=1)


def test_time_after_the_deadline_is_told_apart() -> None:
    start, until = tehran("11-21T08:00:00"), tehran("11-21T13:00:00")

    first = clocks(told(until, *under(CITY_OF_NOVEMBER, start)), until)[0]

    assert [(one.end, one.late) for one in first.stretches] == [
        (first.clock.promise.deadline, False),
        (until, True),
    ]


def test_every_move_of_a_deadline_is_told_with_what_moved_it() -> None:
    until = tehran("11-21T14:00:00")
    story = told(
        until,
        *under(CITY_OF_NOVEMBER, tehran("11-21T08:00:00")),
        paused(CITY_OF_NOVEMBER, tehran("11-21T09:00:00"), tehran("11-21T10:00:00")),
        resumed(tehran("11-21T09:30:00")),
        paused(CITY_OF_NOVEMBER, tehran("11-21T11:00:00"), tehran("11-21T12:00:00")),
    )

    moves = [one for one in story.moves if one.kind == "resolution"]

    assert [one.by for one in moves] == ["routed", "resumed", "by-itself"]
    assert [one.before for one in moves] == [None, *(one.deadline for one in moves[:-1])]
    assert moves[-1].at == tehran("11-21T12:00:00")
