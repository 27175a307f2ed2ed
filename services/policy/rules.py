"""Budgets for what fits some conditions, read from clocks.yaml; the first that fits counts."""

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from schemas.policy import Budget, BudgetRule, CategoryPolicy
from schemas.vocabulary import CHANNELS, PRIORITIES, Category, Channel, Department, Priority
from services.policy.budgets import read_optional
from services.policy.document import Section
from services.policy.durations import SOME_WORK, Work

RULES_MAX = 500
_Clock = Literal["first_response", "resolution"]
_CLOCKS: tuple[_Clock, ...] = ("first_response", "resolution")
_CONDITIONS = ("category", "department", "channel", "priority", "problem_report")
_WITHOUT = "a rule without a condition would be for everything: write it as the default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """What rules refer to. `work` is the municipality's, for rules of no one department."""

    categories: Mapping[Category, CategoryPolicy]
    works: Mapping[Department, Work]
    work: Work


def read_rules(file: Section, owners: Owners) -> tuple[BudgetRule, ...]:
    """The rules in their order; none is without a case that it could count for."""
    found: list[tuple[Section, BudgetRule]] = []
    for section in file.sections_of("budgets"):
        rule = _rule(section, owners)
        _check_reach(section, rule, found, owners)
        found.append((section, rule))
        section.close()
    if len(found) > RULES_MAX:
        file.wrong("budgets", f"there are more than {RULES_MAX} rules")
    return tuple(rule for _, rule in found)


def _rule(section: Section, owners: Owners) -> BudgetRule:
    when = section.section("when")
    if "when" in section.values and all(one is None for one in when.values.values()):
        section.wrong("when", _WITHOUT)
    rule = BudgetRule(
        category=cast("Category | None", _known(when, "category", owners.categories)),
        department=cast("Department | None", _known(when, "department", owners.works)),
        channel=cast("Channel | None", _one_of(when, "channel", CHANNELS)),
        priority=cast("Priority | None", _one_of(when, "priority", PRIORITIES)),
        problem_report=when.optional_flag("problem_report"),
    )
    when.close()
    return _with_budgets(section, rule, owners)


def _with_budgets(section: Section, rule: BudgetRule, owners: Owners) -> BudgetRule:
    work = _work(rule, owners)
    first = read_optional(section, "first_response", work)
    resolution = read_optional(section, "resolution", work)
    if not any(clock in section.values for clock in _CLOCKS):
        problem = "says nothing: first_response, resolution or both are to be there"
        section.problems.add(section.file, section.line(None), section.path, problem)
    if first is not None and resolution is not None and _longer(first, resolution):
        section.wrong("resolution", "is shorter than the first response")
    return replace(rule, first_response=first, resolution=resolution)


def _work(rule: BudgetRule, owners: Owners) -> Work:
    """A working day is that of the department named, else of the category's, else of the city."""
    if rule.department is not None:
        return owners.works.get(rule.department, SOME_WORK)
    category = owners.categories.get(rule.category) if rule.category else None
    return owners.work if category is None else owners.works.get(category.department, SOME_WORK)


def _known(when: Section, key: str, known: Container[str]) -> str | None:
    named = when.text(key, None)
    if named is None or named in known:
        return named
    when.wrong(key, f'there is no {key} "{named}"')
    return None


def _one_of(when: Section, key: str, known: Collection[str]) -> str | None:
    named = when.text(key, None)
    if named is None or named in known:
        return named
    when.wrong(key, f"is to be one of {', '.join(known)}")
    return None


def _longer(one: Budget, other: Budget) -> bool:
    return one.working_time is other.working_time and one.seconds > other.seconds


def _check_reach(
    section: Section, rule: BudgetRule, earlier: list[tuple[Section, BudgetRule]], owners: Owners
) -> None:
    """Whether a case can come for which the rule counts."""
    if not any(_may_be(rule, category) for category in owners.categories.values()):
        section.wrong("when", "no category is like this, so it would never count")
        return
    for clock in _CLOCKS:
        before = _first_before(_implied(rule, owners), clock, earlier)
        if before is not None:
            section.wrong(clock, f"never counts: the rule in line {before} is for all of it")


def _first_before(
    rule: BudgetRule, clock: _Clock, earlier: list[tuple[Section, BudgetRule]]
) -> int | None:
    """The line of an earlier rule that always comes before this one."""
    if getattr(rule, clock) is None:
        return None
    for section, other in earlier:
        if getattr(other, clock) is not None and _covers(other, rule):
            return section.line(None)
    return None


def _may_be(rule: BudgetRule, category: CategoryPolicy) -> bool:
    return (
        rule.category in {None, category.category}
        and rule.priority in {None, category.priority}
        and rule.problem_report in {None, category.problem_report}
    )


def _implied(rule: BudgetRule, owners: Owners) -> BudgetRule:
    """With what its category says of it, so that a rule for all urgent ones covers one for one."""
    category = owners.categories.get(rule.category) if rule.category else None
    if category is None:
        return rule
    return replace(rule, priority=category.priority, problem_report=category.problem_report)


def _covers(one: BudgetRule, other: BudgetRule) -> bool:
    return all(
        getattr(one, condition) in {None, getattr(other, condition)} for condition in _CONDITIONS
    )
