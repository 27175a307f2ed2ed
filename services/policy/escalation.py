"""Who is told of a breach that goes on, step by step, as a policy file lists it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import cast

from schemas.policy import Budget, EscalationStep
from schemas.vocabulary import ESCALATION_ROLES, EscalationRole
from services.policy.budgets import read_budget
from services.policy.document import Section
from services.policy.durations import Work

KEY = "escalation"
_Step = tuple[Section, EscalationStep]


def read_escalation(section: Section, work: Work) -> tuple[EscalationStep, ...] | None:
    """The steps in order; none where the section does not speak of them."""
    if section.values.get(KEY) is None:
        section.items(KEY)
        return None
    steps = list(_steps(section, work))
    for earlier, later in pairwise(steps):
        _check_rising(earlier, later)
    return tuple(step for _, step in steps)


def _steps(section: Section, work: Work) -> Iterator[_Step]:
    for one in section.sections_of(KEY):
        role, after = _role(one), read_budget(one, "after", work)
        if role is not None and after is not None:
            yield one, EscalationStep(role=role, after=after)
        one.close()


def _role(section: Section) -> EscalationRole | None:
    role = section.required_text("role")
    if role in ESCALATION_ROLES:
        return cast("EscalationRole", role)
    if role:
        section.wrong("role", f"is to be one of {', '.join(ESCALATION_ROLES)}")
    return None


def _check_rising(earlier: _Step, later: _Step) -> None:
    """Each step goes further up, and later; what is later can be told only in one kind of time."""
    (_, before), (section, step) = earlier, later
    if ESCALATION_ROLES.index(step.role) <= ESCALATION_ROLES.index(before.role):
        section.wrong(
            "role",
            f"is told once, in the order {', '.join(ESCALATION_ROLES)}; not after {before.role}",
        )
    if step.after.working_time is not before.after.working_time:
        section.wrong(
            "after",
            f"is to count {_time(before.after)} like the step before it, to be later always",
        )
    elif step.after.seconds <= before.after.seconds:
        section.wrong("after", "is to be later than the step before it")


def _time(budget: Budget) -> str:
    return "working time" if budget.working_time else "round the clock"
