"""The days to come that are not like their week, as `peygir policy show --days` lists them."""

from dataclasses import replace
from datetime import date

from schemas.calendar import Calendar, ClosedAnnually, ClosedDate, Hours, OtherHours
from services.command.policy_days import DAYS_SHOWN, days_table, rows
from tests.policies import policy
from tests.policy.hashtgerd import hashtgerd

FIRST = date(2027, 3, 19)


def calendar(**more: object) -> Calendar:
    return replace(policy().calendars[0], **more)


def test_closed_days_and_other_hours_are_listed_in_order_with_why() -> None:
    shown = calendar(
        closed_dates=(ClosedDate(day=date(2027, 3, 21), reason="Nowruz"),),
        closed_annually=(ClosedAnnually(month=4, day=1, reason="our day"),),
        other_hours=(
            OtherHours(
                day=date(2027, 3, 20), hours=(Hours(opens=27_000, closes=43_200),), reason="eve"
            ),
        ),
    )

    assert list(rows(shown, FIRST)) == [
        ("city", "2027-03-20", "1405-12-29", "Saturday", "07:30–12:00", "eve", ""),
        ("city", "2027-03-21", "1406-01-01", "Sunday", "closed", "Nowruz", ""),
        ("city", "2027-04-01", "1406-01-12", "Thursday", "closed", "our day", ""),
    ]


def test_a_lunar_holiday_that_nobody_confirmed_is_marked() -> None:
    found = {
        day: (why, mark) for _, day, _, _, _, why, mark in rows(hashtgerd().calendars[0], FIRST)
    }

    assert found["2027-06-16"][1] == "estimated"
    assert found["2027-03-21"][1] == ""


def test_other_hours_win_over_a_holiday_of_the_same_day() -> None:
    day = date(2027, 3, 21)
    shown = calendar(
        closed_dates=(ClosedDate(day=day, reason="Nowruz", estimated=True),),
        other_hours=(OtherHours(day=day, hours=(), reason="the city's own"),),
    )

    assert [one[4:] for one in rows(shown, FIRST)] == [("closed", "the city's own", "")]


def test_the_table_ends_after_a_year() -> None:
    last = date.fromordinal(FIRST.toordinal() + DAYS_SHOWN - 1)
    beyond = date.fromordinal(last.toordinal() + 1)
    shown = calendar(closed_dates=tuple(ClosedDate(day=day, reason="x") for day in (last, beyond)))

    table = days_table(replace(policy(), calendars=(shown,)), FIRST)

    assert table.row_count == 1
