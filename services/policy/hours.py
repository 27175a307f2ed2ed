"""The working intervals of one day, as a policy file lists them."""

from itertools import pairwise
from typing import Any

from schemas.calendar import Hours
from services.policy.clock import clock_seconds
from services.policy.document import Section


def read_hours(section: Section, key: str) -> tuple[Hours, ...]:
    """The intervals of a day, in order; none is closed."""
    found = [_interval(section, key, item) for item in section.items(key, optional=False)]
    hours = sorted((one for one in found if one is not None), key=lambda one: one.opens)
    for one, other in pairwise(hours):
        if other.opens < one.closes:
            section.wrong(
                key,
                f"the intervals {_clock(one.opens)}–{_clock(one.closes)} and "
                f"{_clock(other.opens)}–{_clock(other.closes)} overlap",
            )
    return tuple(hours)


def _interval(section: Section, key: str, item: Any) -> Hours | None:  # noqa: ANN401
    match item:
        case [str(opens), str(closes)]:
            start, end = clock_seconds(opens), clock_seconds(closes)
        case _:
            section.wrong(key, 'is to be a list of intervals like ["07:30", "15:30"]')
            return None
    if start is None or end is None:
        section.wrong(key, f'"{opens}" to "{closes}": times are from 00:00 to 24:00')
        return None
    if end == start:
        section.wrong(key, f"the interval {opens}–{closes} is empty; [] is a day without work")
        return None
    if end < start:
        section.wrong(
            key, f"the interval {opens}–{closes} ends before it starts; write two over midnight"
        )
        return None
    return Hours(opens=start, closes=end)


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600:02}:{seconds % 3_600 // 60:02}"
