"""Budgets as people write them: "15 minutes", "4 working hours", "2 working days"."""

import re

from schemas.policy import Budget
from streams.core.working_time import BUDGET_SECONDS_MAX

_BUDGET = re.compile(r"(\d{1,9}) (working )?(minute|hour|day)s?")
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}


class DurationError(ValueError):
    """A budget that says nothing; the text says how to write one."""


def budget(text: str, working_day_seconds: int) -> Budget:
    """The budget; a working day is so many seconds of work."""
    found = _BUDGET.fullmatch(text.strip())
    if found is None:
        raise DurationError(
            f'is to be like "15 minutes", "24 hours" or "2 working days", not "{text[:40]}"'
        )
    amount, working, unit = int(found[1]), found[2] is not None, found[3]
    of_unit = working_day_seconds if working and unit == "day" else _SECONDS[unit]
    seconds = amount * of_unit
    if seconds == 0:
        raise DurationError("is to be more than nothing")
    if seconds > BUDGET_SECONDS_MAX:
        raise DurationError(f'is more than ten years: "{text}"')
    return Budget(seconds=seconds, working_time=working)
