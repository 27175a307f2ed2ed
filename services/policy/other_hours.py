"""Dates, and spans of dates, with working hours of their own: Ramadan, a shortened day."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from schemas.calendar import Hours, OtherHours
from services.policy.document import Section
from services.policy.draft import HoursSpan
from services.policy.hours import read_hours

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN_DAYS_MAX = 366
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")


def read_other_hours(section: Section) -> tuple[tuple[OtherHours, ...], tuple[HoursSpan, ...]]:
    """The single dates, and the spans, which do not overlap."""
    dates: list[OtherHours] = []
    spans: list[HoursSpan] = []
    for key in section.values:
        own = section.section(key)
        span = _SPAN.fullmatch(str(key))
        if is_day(key):
            hours = read_hours(own, "hours")
            dates.append(OtherHours(day=key, hours=hours, reason=own.required_text("reason")))
        elif span is not None:
            first, last = date.fromisoformat(span[1]), date.fromisoformat(span[2])
            _check_length(section, key, first, last)
            spans.append(_span(own, first, last))
        else:
            section.wrong(key, "is to be a date like 2027-03-18 or a span of 2027-02-08/2027-03-09")
        own.close()
    _check_apart(section, spans)
    return tuple(dates), tuple(spans)


def is_day(value: object) -> bool:
    """Whether it is a whole day: a date with a time is a date too, and is none."""
    return type(value) is date


def _span(section: Section, first: date, last: date) -> HoursSpan:
    """`hours` are for each working day, unless the day of the week has its own."""
    usual = read_hours(section, "hours")
    return HoursSpan(
        first=first,
        last=last,
        week=tuple(_hours_of(section, day, usual) for day in DAYS),
        reason=section.required_text("reason"),
    )


def _hours_of(section: Section, day: str, usual: tuple[Hours, ...]) -> tuple[Hours, ...]:
    return read_hours(section, day) if day in section.values else usual


def _check_length(section: Section, key: str, first: date, last: date) -> None:
    if last < first:
        section.wrong(key, "ends before it starts")
    elif (last - first).days >= SPAN_DAYS_MAX:
        section.wrong(key, "is longer than a year: those would be the hours of the week")


def _check_apart(section: Section, spans: list[HoursSpan]) -> None:
    ordered = sorted(spans, key=lambda one: one.first)
    for one, other in pairwise(ordered):
        if other.first <= one.last:
            section.wrong(_key(other), f"overlaps {_key(one)}")


def _key(span: HoursSpan) -> str:
    return f"{span.first}/{span.last}"


def dates_of(span: HoursSpan) -> Iterator[date]:
    """Every date from the first to the last."""
    for ordinal in range(span.first.toordinal(), span.last.toordinal() + 1):
        yield date.fromordinal(ordinal)
