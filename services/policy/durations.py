"""Budgets as people write them: "15 minutes", "4 working hours", "2 working days"."""

import re
from dataclasses import dataclass

from schemas.policy import Budget
from streams.core.working_time import BUDGET_SECONDS_MAX

_BUDGET = re.compile(r"(\d{1,9}) (working )?(minute|hour|day)s?")
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
_WEEK_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How much work a calendar has: in what is called a working day, and in a plain week."""

    day_seconds: int
    week_seconds: int

    def holds(self, seconds: int) -> bool:
        """Whether so much work is done within ten years."""
        return (
            self.week_seconds == 0
            or seconds * _WEEK_SECONDS <= BUDGET_SECONDS_MAX * self.week_seconds
        )


# Where a calendar is unknown or has no work, which is a mistake of its own.
SOME_WORK = Work(day_seconds=8 * 3_600, week_seconds=0)


class DurationError(ValueError):
    """A budget that says nothing; the text says how to write one."""


def budget(text: str, work: Work) -> Budget:
    """The budget, in real time or in work of the calendar. Raises `DurationError`."""
    found = _BUDGET.fullmatch(text.strip())
    if found is None:
        raise DurationError(
            f'is to be like "15 minutes", "24 hours" or "2 working days", not "{text[:40]}"'
        )
    amount, working, unit = int(found[1]), found[2] is not None, found[3]
    of_unit = work.day_seconds if working and unit == "day" else _SECONDS[unit]
    seconds = amount * of_unit
    if seconds == 0:
        raise DurationError("is to be more than nothing")
    if seconds > BUDGET_SECONDS_MAX:
        raise DurationError(f'is more than ten years: "{text}"')
    if working and not work.holds(seconds):
        raise DurationError(f'takes more than ten years of these working hours: "{text}"')
    return Budget(seconds=seconds, working_time=working)
