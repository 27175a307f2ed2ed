"""The offset changes of a time zone over some years, from the pinned time-zone database."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.calendar import OffsetChange

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@lru_cache(maxsize=1_024)
def offset_changes(zone: str, first_year: int, last_year: int) -> tuple[OffsetChange, ...]:
    """The offset at the start of the first year, and every change to the end of the last.

    Raises `ZoneInfoNotFoundError` or `ValueError` when there is no such zone.
    """
    rules = ZoneInfo(zone)
    day = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    changes = [OffsetChange(since=day, offset_seconds=_offset(rules, day))]
    while day < end:
        following = day + _DAY
        if _offset(rules, following) != changes[-1].offset_seconds:
            since = _change_between(rules, day, following)
            changes.append(OffsetChange(since=since, offset_seconds=_offset(rules, since)))
        day = following
    return tuple(changes)


def known_zone(zone: str) -> str:
    """The zone's name, if there is one of that name. Raises `ValueError`."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{zone[:60]}"') from None
    return zone


def _change_between(rules: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second with the later offset. No zone changes twice in a day and back."""
    offset = _offset(rules, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(rules, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(rules: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(rules).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
