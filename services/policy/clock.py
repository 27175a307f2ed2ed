"""A time of the day as people write it, from 00:00 to 24:00."""

import re

DAY_SECONDS = 86_400
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")


def clock_seconds(clock: str) -> int | None:
    """Seconds since midnight; none if it is no time of the day."""
    found = _CLOCK.fullmatch(clock)
    if found is None:
        return None
    seconds = int(found[1]) * 3_600 + int(found[2]) * 60 + int(found[3] or 0)
    return seconds if seconds <= DAY_SECONDS else None
