"""Calendars to test with."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from schemas.calendar import Calendar, ClosedAnnually, ClosedDate, Hours, OtherHours
from services.policy.zones import offset_changes

Shift = tuple[str, str]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def hours(*shifts: Shift) -> tuple[Hours, ...]:
    return tuple(Hours(opens=seconds(opens), closes=seconds(closes)) for opens, closes in shifts)


def seconds(clock: str) -> int:
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return hour * 3_600 + minute * 60 + second


def calendar(
    zone: str,
    week: dict[str, tuple[Hours, ...]],
    *,
    closed: Iterable[date] = (),
    annually: Iterable[tuple[int, int]] = (),
    other: dict[date, tuple[Hours, ...]] | None = None,
) -> Calendar:
    return Calendar(
        calendar_id="test",
        zone=zone,
        offsets=offset_changes(zone, 2010, 2040),
        **week,
        closed_dates=tuple(ClosedDate(day=day, reason="holiday") for day in closed),
        closed_annually=tuple(ClosedAnnually(month=m, day=d, reason="yearly") for m, d in annually),
        other_hours=tuple(
            OtherHours(day=day, hours=own, reason="other") for day, own in (other or {}).items()
        ),
    )


def iranian(*shifts: Shift, closed: Iterable[date] = ()) -> Calendar:
    """Saturday to Wednesday with these shifts; Thursday and Friday closed."""
    working = ("saturday", "sunday", "monday", "tuesday", "wednesday")
    return calendar("Asia/Tehran", dict.fromkeys(working, hours(*shifts)), closed=closed)


def every_day(zone: str, *shifts: Shift) -> Calendar:
    return calendar(zone, dict.fromkeys(DAYS, hours(*shifts)))


def in_order(own: Iterable[Hours]) -> bool:
    """Whether the intervals of a day follow each other."""
    return all(one.closes <= other.opens for one, other in pairwise(own))
