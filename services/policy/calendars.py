"""The working calendars of a policy, read from calendar.yaml."""

from collections.abc import Iterator
from datetime import date

import holidays

from schemas.calendar import ClosedAnnually, ClosedDate
from services.policy.document import Section
from services.policy.draft import CalendarDraft, HolidayRule
from services.policy.hours import read_hours
from services.policy.other_hours import DAYS, is_day, read_other_hours
from services.policy.zones import known_zone

_YEARS_AHEAD_MAX = 30
_LEAP_YEAR = 2_000
_YEAR_DAYS = 365


def read_calendars(file: Section) -> tuple[str, tuple[CalendarDraft, ...]]:
    """The default calendar's id, and all of them."""
    default = file.required_text("default")
    listed = file.section("calendars")
    calendars = tuple(_calendar(name, section) for name, section in listed.sections())
    if default and default not in {one.calendar_id for one in calendars}:
        file.wrong("default", f'there is no calendar "{default}"')
    file.close()
    return default, calendars


def _calendar(name: str, section: Section) -> CalendarDraft:
    weekly = section.section("weekly")
    week = tuple(read_hours(weekly, day) for day in DAYS)
    weekly.close()
    listed = section.section("other_hours", optional=True)
    other_hours, spans = read_other_hours(listed)
    draft = CalendarDraft(
        calendar_id=name,
        zone=_zone(section),
        working_day_seconds=_working_day_seconds(section),
        week=week,
        holidays=_holidays(section),
        closed_dates=tuple(_closed_dates(section)),
        closed_annually=tuple(_closed_annually(section)),
        other_hours=other_hours,
        spans=spans,
    )
    if not any(week):
        section.wrong("weekly", "has no working time on any day")
    if len({(one.month, one.day) for one in draft.closed_annually}) >= _YEAR_DAYS:
        section.wrong("closed_annually", "leaves no day of a year to work on")
    closed = {one.day for one in draft.closed_dates}
    for one in other_hours:
        if one.day in closed:
            listed.wrong(one.day, "is among the closed_dates, too: which is it")
    section.close()
    return draft


def _working_day_seconds(section: Section) -> int:
    """A working day in whole hours, or in minutes where it is none."""
    if section.values.get("working_day_minutes") is None:
        return 3_600 * section.integer("working_day_hours", 8, least=1, most=24)
    if section.values.get("working_day_hours") is not None:
        section.wrong("working_day_hours", "is said already by working_day_minutes")
    return 60 * section.integer("working_day_minutes", 480, least=60, most=24 * 60)


def _zone(section: Section) -> str:
    zone = section.required_text("zone")
    try:
        if zone:
            known_zone(zone)
    except ValueError as error:
        section.wrong("zone", str(error))
    return zone


def _holidays(section: Section) -> HolidayRule | None:
    rule = section.section("holidays", optional=True)
    if not rule.values:
        return None
    country = rule.required_text("country")
    if country and country not in holidays.list_supported_countries():
        rule.wrong("country", f'the library knows no holidays of "{country}"')
    part = rule.text("subdivision", None)
    if part is not None and part not in holidays.list_supported_countries().get(country, ()):
        rule.wrong("subdivision", f'the library knows no holidays of "{part}" in "{country}"')
    ahead = rule.integer("years_ahead", 10, least=1, most=_YEARS_AHEAD_MAX)
    opened = tuple(day for day in rule.items("not_closed") if is_day(day))
    if len(opened) < len(rule.items("not_closed")):
        rule.wrong("not_closed", "is to be a list of dates like 2027-03-18")
    rule.close()
    return HolidayRule(country=country, subdivision=part, years_ahead=ahead, not_closed=opened)


def _closed_dates(section: Section) -> Iterator[ClosedDate]:
    listed = section.section("closed_dates", optional=True)
    for day in listed.values:
        reason = listed.required_text(day)
        if not is_day(day):
            listed.wrong(day, "is to be a date like 2027-03-18")
        else:
            yield ClosedDate(day=day, reason=reason)


def _closed_annually(section: Section) -> Iterator[ClosedAnnually]:
    listed = section.section("closed_annually", optional=True)
    for key in listed.values:
        reason = listed.required_text(key)
        try:
            day = date.fromisoformat(f"{_LEAP_YEAR}-{key}")
        except ValueError:
            listed.wrong(key, "is to be a month and a day like 02-11")
        else:
            yield ClosedAnnually(month=day.month, day=day.day, reason=reason)
