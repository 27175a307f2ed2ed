"""What the published policies say, as the API shows it.

The contacts of departments are left out: who has to write to one has its topic.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from schemas.codec import encode
from schemas.policy import Budget, CategoryPolicy, DepartmentPolicy, Policy


def municipality(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.municipality,
        "title_fa": policy.title_fa,
        "title_en": policy.title_en,
        "language": policy.language,
        "zone": policy.zone,
        "centre": policy.centre,
        "policy_version": policy.version,
    }


def departments(policies: Iterable[Policy]) -> list[dict[str, Any]]:
    """A tree by `parent`."""
    return [_department(policy, one) for policy in policies for one in policy.departments]


def categories(policies: Iterable[Policy]) -> list[dict[str, Any]]:
    return [_category(policy, one) for policy in policies for one in policy.categories]


def version(policy: Policy, in_force: Policy) -> dict[str, Any]:
    return {
        "version": policy.version,
        "municipality": policy.municipality,
        "since": policy.since.isoformat(),
        "in_force": policy.version == in_force.version,
        "href": f"/api/v1/policies/{policy.version}",
    }


def in_full(policy: Policy) -> dict[str, Any]:
    shown = orjson.loads(encode(policy))
    for one in shown["departments"]:
        one.pop("contact", None)
    return shown


def _department(policy: Policy, one: DepartmentPolicy) -> dict[str, Any]:
    return {
        "municipality": policy.municipality,
        "id": one.department,
        "title_fa": one.title_fa,
        "title_en": one.title_en,
        "parent": one.parent,
        "deputy": one.deputy,
        "is_centre": one.department == policy.centre,
    }


def _category(policy: Policy, one: CategoryPolicy) -> dict[str, Any]:
    return {
        "municipality": policy.municipality,
        "id": one.category,
        "title_fa": one.title_fa,
        "title_en": one.title_en,
        "department": one.department,
        "problem_report": one.problem_report,
        "priority": one.priority,
        "location_required": one.location_required,
        "first_response": _budget(one.first_response),
        "resolution": _budget(one.resolution),
        "warn_percents": list(one.warn_percents),
    }


def _budget(budget: Budget) -> dict[str, Any]:
    return {"seconds": budget.seconds, "working_time": budget.working_time}
