"""When a city works: the week, closures, other hours, and what is said of those that are wrong."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from schemas.calendar import Calendar, Hours
from schemas.policy import Policy
from services.policy.close import close, same_content
from services.policy.load import load
from streams.core.terms import terms
from streams.core.working_time import add_working_time, compile_calendar
from tests.policy.files import problems, written
from tests.policy.hashtgerd import SINCE, hashtgerd

HOUR = 3_600
WEEKLY_END = "    holidays: {country: DE"
EVE = '      2026-12-24: {hours: [["09:00", "11:00"]], reason: Christmas Eve}\n'
# From Monday to Sunday of the next week; the office works on Mondays, Tuesdays and Thursdays.
SPAN = '      2027-02-08/2027-02-21: {hours: [["10:00", "13:00"]], reason: Ramadan}\n'
CALENDAR = "calendar.yaml:%d: calendars.office."


def changed(folder: Path, *changes: tuple[str, str]) -> Policy:
    return close(load(written(folder, *(("calendar", *one) for one in changes))), SINCE)


def office(policy: Policy) -> Calendar:
    return next(one for one in policy.calendars if one.calendar_id == "office")


def hours(opens: int, closes: int) -> tuple[Hours, ...]:
    return (Hours(opens=opens * HOUR, closes=closes * HOUR),)


def test_thursday_is_a_half_day_and_friday_is_closed_because_the_file_says_so() -> None:
    city = compile_calendar(hashtgerd().calendars[0])
    thursday = datetime(2026, 11, 26, 4, tzinfo=UTC)

    assert add_working_time(thursday, 4 * HOUR, city) == datetime(2026, 11, 26, 8, tzinfo=UTC)
    saturday = datetime(2026, 11, 28, 4, 0, 1, tzinfo=UTC)
    assert add_working_time(thursday, 4 * HOUR + 1, city) == saturday


def test_a_span_of_other_hours_is_dates_on_which_there_is_work(tmp_path: Path) -> None:
    policy = changed(tmp_path, (EVE, EVE + SPAN), ("2026-11-30: snow", "2027-02-15: snow"))

    found = {one.day: one.hours for one in office(policy).other_hours}

    assert list(found) == [
        date(2026, 12, 24),
        date(2027, 2, 8),
        date(2027, 2, 9),
        date(2027, 2, 11),
        date(2027, 2, 16),
        date(2027, 2, 18),
    ]
    assert found[date(2027, 2, 9)] == hours(10, 13)


def test_a_holiday_within_a_span_stays_closed(tmp_path: Path) -> None:
    span = SPAN.replace("2027-02-08/2027-02-21", "2027-03-22/2027-03-31")

    policy = changed(tmp_path, (EVE, EVE + span))

    easter_monday = date(2027, 3, 29)
    assert easter_monday in {one.day for one in office(policy).closed_dates}
    assert easter_monday not in {one.day for one in office(policy).other_hours}


def test_a_day_closed_every_year_stays_closed_within_a_span(tmp_path: Path) -> None:
    policy = changed(tmp_path, (EVE, EVE + SPAN), ("02-29: leap", "02-09: our"))

    assert date(2027, 2, 9) not in {one.day for one in office(policy).other_hours}


def test_a_span_may_have_other_hours_on_a_day_of_the_week(tmp_path: Path) -> None:
    span = SPAN.replace(", reason", ', thursday: [["10:00", "11:00"]], tuesday: [], reason')

    found = {one.day: one.hours for one in office(changed(tmp_path, (EVE, EVE + span))).other_hours}

    assert found[date(2027, 2, 8)] == hours(10, 13)
    assert found[date(2027, 2, 11)] == hours(10, 11)
    assert found[date(2027, 2, 9)] == ()


def test_a_date_of_its_own_wins_over_a_span(tmp_path: Path) -> None:
    own = '      2027-02-09: {hours: [["09:00", "10:00"]], reason: a fair}\n'

    found = office(changed(tmp_path, (EVE, EVE + SPAN + own))).other_hours

    assert [one.hours for one in found if one.day == date(2027, 2, 9)] == [hours(9, 10)]


def test_a_sudden_closure_moves_what_is_promised_from_then_on(tmp_path: Path) -> None:
    """Dust on a Monday: nothing is worked, so what is promised on Sunday ends a day later."""
    sunday = datetime(2027, 2, 7, 12, tzinfo=UTC)
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    before = changed(tmp_path / "before")
    after = changed(tmp_path / "after", ("2026-11-30: snow", "2027-02-08: dust"))

    due = [
        add_working_time(sunday, 6 * HOUR, compile_calendar(office(one))) for one in (before, after)
    ]

    assert due[1] - due[0] == timedelta(days=1)
    assert not same_content(before, after)
    (reason,) = (one.reason for one in office(after).closed_dates if one.day == date(2027, 2, 8))
    assert reason == "dust"


def test_each_version_has_a_calendar_for_the_city_and_one_for_a_department(tmp_path: Path) -> None:
    version = terms(changed(tmp_path))

    parks, centre = (one.department for one in version.policy.departments)
    assert version.calendar_of(parks).calendar.calendar_id == "office"
    assert version.calendar_of(centre).calendar.calendar_id == "always"


def test_a_lunar_holiday_is_estimated_until_the_city_confirms_it(tmp_path: Path) -> None:
    lunar = date(2027, 6, 16)
    rule = ("country: DE, years_ahead: 2, not_closed: [2026-12-26]", "country: IR, years_ahead: 2")
    (tmp_path / "later").mkdir()
    (tmp_path / "moved").mkdir()

    closed = {one.day: one for one in office(changed(tmp_path, rule)).closed_dates}
    assert closed[lunar].estimated

    confirmed = ("2026-11-30: snow", "2027-06-16: Ashura")
    closed = {
        one.day: one for one in office(changed(tmp_path / "later", rule, confirmed)).closed_dates
    }
    assert not closed[lunar].estimated
    assert closed[lunar].reason == "Ashura"

    moved = ("2026-11-30: snow", "2027-06-17: Ashura")
    policy = changed(tmp_path / "moved", (rule[0], rule[1] + ", not_closed: [2027-06-16]"), moved)
    closed = {one.day: one for one in office(policy).closed_dates}
    assert lunar not in closed
    assert not closed[date(2027, 6, 17)].estimated


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '["09:00", "24:00"]',
            '["09:00", "09:00"]',
            CALENDAR % 10 + "weekly.thursday: the interval 09:00–09:00 is empty",
        ),
        (EVE, EVE + SPAN.replace("02-08/", "03-08/"), CALENDAR % 19 + "other_hours.2027-03-08"),
        (
            EVE,
            EVE + SPAN.replace("2027-02-21", "2028-02-21"),
            CALENDAR % 19 + "other_hours.2027-02-08/2028-02-21: is longer than a year",
        ),
        (
            EVE,
            EVE + SPAN + SPAN.replace("2027-02-08", "2027-02-21").replace("02-21:", "03-01:"),
            CALENDAR % 20 + "other_hours.2027-02-21/2027-03-01: overlaps 2027-02-08/2027-02-21",
        ),
        (
            EVE,
            EVE + SPAN.replace("/", " to "),
            CALENDAR % 19 + "other_hours.2027-02-08 to 2027-02-21: is to be a date like",
        ),
        (
            EVE,
            EVE + SPAN.replace("reason", "until: then, reason"),
            CALENDAR % 19 + "other_hours.2027-02-08/2027-02-21.until: is not a key",
        ),
        (
            EVE,
            EVE.replace("reason", "friday: [], reason"),
            CALENDAR % 18 + "other_hours.2026-12-24.friday: is not a key",
        ),
        (
            EVE,
            EVE + SPAN.replace("2027-02-21", "2027-02-31"),
            "calendar.yaml:19: there is no date 2027-02-31",
        ),
        (
            EVE,
            EVE + SPAN.replace('["10:00", "13:00"]', '["10:00", "13:00"], ["12:00", "14:00"]'),
            CALENDAR % 19 + "other_hours.2027-02-08/2027-02-21.hours: the intervals 10:00–13:00",
        ),
        (
            "2026-11-30: snow",
            "2026-12-24: snow",
            CALENDAR % 18 + "other_hours.2026-12-24: is among the closed_dates, too",
        ),
        ("2026-11-30: snow", "2026-11-30: ", CALENDAR % 15 + "closed_dates.2026-11-30: is missing"),
        ("not_closed: [2026", "not_closed: [x, 2026", CALENDAR % 14 + "holidays.not_closed: is to"),
        ("zone: Europe/Berlin", "zone: 1", CALENDAR % 4 + "zone: is to be a text"),
    ],
)
def test_a_mistake_in_a_calendar_is_named_with_line_and_field(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    found = problems(written(tmp_path, ("calendar", old, new)))

    assert any(one.startswith(said) for one in found), found


def test_a_year_closed_to_the_last_day_is_refused(tmp_path: Path) -> None:
    days = (date(2027, 1, 1) + timedelta(days=n) for n in range(365))
    closed = ", ".join(f"{day:%m-%d}: never" for day in days)

    found = problems(written(tmp_path, ("calendar", "02-29: leap day", closed)))

    assert found == [CALENDAR % 16 + "closed_annually: leaves no day of a year to work on"]


def test_a_budget_that_the_week_cannot_hold_in_ten_years_is_refused(tmp_path: Path) -> None:
    # The office works 27 hours a week, which is 14,000 in ten years.
    long = ("categories", "resolution: 2 working days", "resolution: 15000 working hours")
    found = problems(written(tmp_path, long))

    (only,) = found
    assert only.startswith("categories.yaml:14: categories.GRN-01.resolution: takes more than ten")
