"""The days to come that are not like their week, as a table."""

from collections.abc import Iterator
from datetime import date, timedelta

from persiantools.jdatetime import JalaliDate
from rich.table import Table

from schemas.calendar import Calendar, Hours
from schemas.policy import Policy
from services.command.tables import whole_table

DAYS_SHOWN = 366
ESTIMATED = "estimated"
_COLUMNS = ("calendar", "date", "Jalali", "day", "hours", "why", "")


def days_table(policy: Policy, first: date) -> Table:
    """Closed days and other hours of a year from the first day on, for each calendar."""
    table = whole_table(*_COLUMNS)
    for calendar in policy.calendars:
        for row in rows(calendar, first):
            table.add_row(*row)
    return table


def rows(calendar: Calendar, first: date) -> Iterator[tuple[str, ...]]:
    """In order of date; a holiday after the moon that is not confirmed is marked."""
    for number in range(DAYS_SHOWN):
        day = first + timedelta(days=number)
        said = _said(calendar, day)
        if said is not None:
            jalali = JalaliDate(day).isoformat()
            yield calendar.calendar_id, day.isoformat(), jalali, f"{day:%A}", *said


def _said(calendar: Calendar, day: date) -> tuple[str, str, str] | None:
    """Its hours, why, and the mark; in the order in which one wins over the other."""
    for other in calendar.other_hours:
        if other.day == day:
            return _shown(other.hours), other.reason, ""
    for closed in calendar.closed_dates:
        if closed.day == day:
            return _shown(()), closed.reason, ESTIMATED if closed.estimated else ""
    for annual in calendar.closed_annually:
        if (annual.month, annual.day) == (day.month, day.day):
            return _shown(()), annual.reason, ""
    return None


def _shown(hours: tuple[Hours, ...]) -> str:
    return ", ".join(f"{_clock(one.opens)}–{_clock(one.closes)}" for one in hours) or "closed"


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600:02}:{seconds % 3_600 // 60:02}"
