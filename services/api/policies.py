"""What the published policies say, as the API shows it.

The contacts of departments are left out: who has to write to one has its topic. Another body has
none, so its contact is shown to whoever may hand a case over.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from schemas.codec import encode
from schemas.policy import (
    BodyPolicy,
    Budget,
    BudgetRule,
    CategoryPolicy,
    DepartmentPolicy,
    DistrictRule,
    DuplicatePolicy,
    EscalationStep,
    PausePolicy,
    Policy,
)


def municipality(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.municipality,
        "title_fa": policy.title_fa,
        "title_en": policy.title_en,
        "language": policy.language,
        "zone": policy.zone,
        "centre": policy.centre,
        "pauses": [_pause(one) for one in policy.pauses],
        "bodies": [_body(one) for one in policy.bodies],
        "districts": [_district(one) for one in policy.districts],
        "transfers_max": policy.transfers_max,
        "dispute_within": _budget(policy.dispute_within),
        "silence": _budget(policy.silence),
        "duplicates": _duplicates(policy.duplicates),
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
        "calendar": one.calendar_id or policy.calendar_id,
        "holding": _budget(one.holding),
        "escalation": [_step(step) for step in one.escalation],
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
        "other_budgets": [_rule(rule) for rule in policy.budgets if _is_for(rule, one)],
        "warn_percents": list(one.warn_percents),
        "shown": list(one.shown),
    }


def _is_for(rule: BudgetRule, category: CategoryPolicy) -> bool:
    """Whether what the rule says of the category fits; the channel and department may yet not."""
    return (
        rule.category in {None, category.category}
        and rule.priority in {None, category.priority}
        and rule.problem_report in {None, category.problem_report}
    )


def _rule(rule: BudgetRule) -> dict[str, Any]:
    return {
        "channel": rule.channel,
        "department": rule.department,
        "first_response": _budget(rule.first_response),
        "resolution": _budget(rule.resolution),
    }


def _step(step: EscalationStep) -> dict[str, Any]:
    return {"role": step.role, "after": _budget(step.after)}


def _pause(pause: PausePolicy) -> dict[str, Any]:
    return {
        "id": pause.reason,
        "title_fa": pause.title_fa,
        "title_en": pause.title_en,
        "longest": _budget(pause.longest),
        "clocks": list(pause.clocks),
    }


def _body(body: BodyPolicy) -> dict[str, Any]:
    return {
        "id": body.body,
        "title_fa": body.title_fa,
        "title_en": body.title_en,
        "contact": body.contact,
        "pause": body.pause,
    }


def _district(rule: DistrictRule) -> dict[str, Any]:
    return {"district": rule.district, "department": rule.department, "goes_to": rule.goes_to}


def _duplicates(policy: DuplicatePolicy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    return {
        "metres_max": policy.metres_max,
        "within": _budget(policy.within),
        "settling_seconds": policy.settling_seconds,
    }


def _budget(budget: Budget | None) -> dict[str, Any] | None:
    if budget is None:
        return None
    return {"seconds": budget.seconds, "working_time": budget.working_time}
