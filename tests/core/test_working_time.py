"""The rules of working time, one by one."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from schemas.calendar import Calendar
from services.policy.zones import offset_changes
from streams.core.wall_clock import WallClock
from streams.core.working_time import (
    BUDGET_SECONDS_MAX,
    NoWorkingTimeError,
    WorkingCalendar,
    add_working_time,
    before_deadline,
    compile_calendar,
    working_seconds,
)
from tests.calendars import calendar, every_day, hours, iranian

HOUR = 3_600
VECTORS = Path(__file__).parents[1] / "data" / "tehran_tz_vectors.json"
OFFICE = compile_calendar(iranian(("08:00", "16:00")))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def tehran(text: str) -> datetime:
    return at(f"{text}+03:30")


def test_a_budget_that_ends_exactly_at_closing_time_ends_then() -> None:
    # A Saturday.
    assert add_working_time(tehran("2026-11-21T08:00:00"), 8 * HOUR, OFFICE) == tehran(
        "2026-11-21T16:00:00"
    )


def test_one_second_more_than_the_day_ends_in_the_next_opening() -> None:
    assert add_working_time(tehran("2026-11-21T08:00:00"), 8 * HOUR + 1, OFFICE) == tehran(
        "2026-11-22T08:00:01"
    )


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2026-11-21T07:00:00", "2026-11-21T08:00:00"),
        ("2026-11-21T08:00:00", "2026-11-21T08:00:00"),
        ("2026-11-21T11:22:33", "2026-11-21T11:22:33"),
        ("2026-11-21T16:00:00", "2026-11-22T08:00:00"),
        ("2026-11-25T16:00:00", "2026-11-28T08:00:00"),
    ],
)
def test_a_zero_budget_ends_at_the_first_working_instant(start: str, first: str) -> None:
    assert add_working_time(tehran(start), 0, OFFICE) == tehran(first)


def test_a_budget_over_the_weekend_waits_for_saturday() -> None:
    assert add_working_time(tehran("2026-11-25T15:00:00"), 2 * HOUR, OFFICE) == tehran(
        "2026-11-28T09:00:00"
    )


def test_a_holiday_is_skipped_and_other_hours_win_over_it() -> None:
    week = {"sunday": hours(("08:00", "16:00")), "monday": hours(("08:00", "16:00"))}
    closed = [date(2026, 11, 22), date(2026, 11, 23)]
    own = {date(2026, 11, 23): hours(("10:00", "12:00"))}
    plan = compile_calendar(calendar("Asia/Tehran", week, closed=closed, other=own))

    assert add_working_time(tehran("2026-11-22T08:00:00"), 0, plan) == tehran("2026-11-23T10:00:00")


def test_a_date_closed_every_year_is_closed_in_each() -> None:
    every = {"friday": hours(("08:00", "16:00")), "saturday": hours(("08:00", "16:00"))}
    plan = compile_calendar(calendar("UTC", every, annually=[(1, 1)]))

    # New Year's Day of 2027 is a Friday, that of 2028 a Saturday.
    assert add_working_time(at("2027-01-01T08:00:00Z"), 0, plan) == at("2027-01-02T08:00:00Z")
    assert add_working_time(at("2028-01-01T08:00:00Z"), 0, plan) == at("2028-01-07T08:00:00Z")


def test_round_the_clock_has_its_last_minute() -> None:
    plan = compile_calendar(every_day("Asia/Tehran", ("00:00", "24:00")))
    start = tehran("2026-11-21T23:59:30")

    assert add_working_time(start, 90, plan) == start + timedelta(seconds=90)
    assert working_seconds(start, start + timedelta(days=9), plan) == 9 * 86_400


def test_several_shifts_of_a_day_leave_their_gap_out() -> None:
    plan = compile_calendar(iranian(("08:00", "12:00"), ("13:00", "16:00")))

    assert add_working_time(tehran("2026-11-21T11:30:00"), HOUR, plan) == tehran(
        "2026-11-21T13:30:00"
    )


def test_a_week_with_one_open_hour_still_ends() -> None:
    plan = compile_calendar(calendar("UTC", {"tuesday": hours(("10:00", "11:00"))}))

    assert add_working_time(at("2026-11-25T00:00:00Z"), 3 * HOUR, plan) == at(
        "2026-12-15T11:00:00Z"
    )


def test_no_working_time_elapsed_is_zero() -> None:
    night = tehran("2026-11-21T20:00:00")

    assert working_seconds(night, night + timedelta(hours=6), OFFICE) == 0
    assert working_seconds(night, night, OFFICE) == 0


def test_an_end_before_the_start_counts_zero() -> None:
    noon = tehran("2026-11-21T12:00:00")

    assert working_seconds(noon, noon - timedelta(hours=2), OFFICE) == 0


def test_before_a_deadline_is_the_latest_moment_with_that_much_left() -> None:
    deadline = tehran("2026-11-22T09:30:00")

    assert before_deadline(deadline, 120 * 60, OFFICE) == tehran("2026-11-21T15:30:00")
    # 90 minutes are left from the closing the day before until this morning's opening.
    assert before_deadline(deadline, 90 * 60, OFFICE) == tehran("2026-11-22T08:00:00")
    assert before_deadline(deadline, 0, OFFICE) == deadline


def test_an_iranian_summer_day_has_its_own_offset_before_1402_alone() -> None:
    summer = compile_calendar(iranian(("08:00", "16:00")))

    assert add_working_time(at("2021-07-03T00:00:00Z"), 0, summer) == at("2021-07-03T03:30:00Z")
    assert add_working_time(at("2023-07-01T00:00:00Z"), 0, summer) == at("2023-07-01T04:30:00Z")


@pytest.mark.parametrize(
    ("zone", "day", "worked_hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Asia/Tehran", "2022-03-22", 23),
        ("Asia/Tehran", "2022-09-21", 25),
        ("Asia/Tehran", "2023-03-22", 24),
    ],
)
def test_on_a_day_with_a_clock_change_real_seconds_count(
    zone: str, day: str, worked_hours: int
) -> None:
    on_that_day = {date.fromisoformat(day): hours(("00:00", "24:00"))}
    plan = compile_calendar(calendar(zone, {}, other=on_that_day))
    noon = at(f"{day}T12:00:00Z")

    assert (
        working_seconds(noon - timedelta(days=3), noon + timedelta(days=3), plan)
        == worked_hours * HOUR
    )


def test_a_wall_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    plan = compile_calendar(every_day("Europe/Berlin", ("02:30", "04:00")))

    assert add_working_time(at("2026-03-29T00:00:00+01:00"), 0, plan) == at(
        "2026-03-29T03:30:00+02:00"
    )


def test_a_wall_time_that_occurs_twice_is_the_first() -> None:
    plan = compile_calendar(every_day("Europe/Berlin", ("02:30", "04:00")))

    assert add_working_time(at("2026-10-25T00:00:00+02:00"), 0, plan) == at(
        "2026-10-25T02:30:00+02:00"
    )


def test_tehran_reads_its_wall_clock_as_the_published_vectors() -> None:
    clock = WallClock(offset_changes("Asia/Tehran", 2010, 2030))
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    first_readings = [vector for vector in vectors if vector["fold"] == 0]

    assert first_readings
    for vector in first_readings:
        assert clock.instant_of(at(vector["local"])) == at(vector["utc"]), vector


def test_a_day_that_a_zone_skipped_does_not_count_twice() -> None:
    # Samoa had no 30 December 2011.
    plan = compile_calendar(every_day("Pacific/Apia", ("09:00", "17:00")))

    assert (
        working_seconds(at("2011-12-29T00:00:00Z"), at("2012-01-02T00:00:00Z"), plan)
        == 4 * 8 * HOUR
    )


def test_an_evening_shift_at_the_edge_of_the_index_is_whole() -> None:
    # 2026-12-13 in UTC begins a block of the index, in the middle of New York's evening.
    plan = compile_calendar(every_day("America/New_York", ("18:00", "24:00")))
    noon = at("2026-12-12T12:00:00Z")

    assert working_seconds(noon, noon + timedelta(days=2), plan) == 12 * HOUR


@pytest.mark.parametrize(
    "plan",
    [
        calendar("UTC", {}),
        calendar("UTC", {}, other={date(2020, 1, 1): hours(("08:00", "09:00"))}),
    ],
)
def test_a_search_without_working_time_ends_in_words(plan: Calendar) -> None:
    compiled: WorkingCalendar = compile_calendar(plan)

    with pytest.raises(NoWorkingTimeError, match="no working time in 3660 days after 2026"):
        add_working_time(at("2026-01-01T00:00:00Z"), 60, compiled)
    with pytest.raises(NoWorkingTimeError, match="after 2026"):
        add_working_time(at("2026-01-01T00:00:00Z"), 0, compiled)
    with pytest.raises(NoWorkingTimeError, match="before 2019"):
        before_deadline(at("2019-01-01T00:00:00Z"), 60, compiled)


def test_a_budget_that_takes_more_than_a_century_is_refused() -> None:
    plan = compile_calendar(calendar("UTC", {"tuesday": hours(("10:00", "10:01"))}))

    with pytest.raises(NoWorkingTimeError, match="not enough working time in 36600 days"):
        add_working_time(at("2026-01-01T00:00:00Z"), BUDGET_SECONDS_MAX, plan)


@pytest.mark.parametrize("budget", [-1, BUDGET_SECONDS_MAX + 1])
def test_a_budget_below_zero_or_over_ten_years_is_refused(budget: int) -> None:
    with pytest.raises(ValueError, match="ten years"):
        add_working_time(datetime(2026, 1, 1, tzinfo=UTC), budget, OFFICE)


def test_fractions_of_a_second_are_kept() -> None:
    start = tehran("2026-11-21T15:59:59.250")

    assert add_working_time(start, 1, OFFICE) == tehran("2026-11-22T08:00:00.250")
