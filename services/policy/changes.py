"""What of a new version could date open promises otherwise than they were."""

from collections.abc import Callable
from typing import Any

from schemas.policy import Policy

_Part = Callable[[Policy], Any]


def _calendars(policy: Policy) -> Any:  # noqa: ANN401
    own = {one.department: one.calendar_id for one in policy.departments}
    return policy.calendar_id, policy.calendars, own


def _budgets(policy: Policy) -> Any:  # noqa: ANN401
    of_categories = {
        one.category: (one.first_response, one.resolution, one.priority, one.problem_report)
        for one in policy.categories
    }
    return (
        of_categories,
        policy.budgets,
        {one.department: one.holding for one in policy.departments},
    )


def _steps(policy: Policy) -> Any:  # noqa: ANN401
    warnings = {one.category: one.warn_percents for one in policy.categories}
    return warnings, {one.department: (one.escalation, one.deputy) for one in policy.departments}


_PARTS: dict[str, _Part] = {
    "calendars": _calendars,
    "budgets": _budgets,
    "warnings or escalation steps": _steps,
}


def changed(before: Policy, after: Policy) -> tuple[str, ...]:
    """Which parts that a promise rests on are others, in words."""
    return tuple(name for name, part in _PARTS.items() if part(before) != part(after))
