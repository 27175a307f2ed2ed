"""Budgets that depend on channel, priority and kind: which are read, and which are mistakes."""

from pathlib import Path

import pytest

from schemas.policy import BudgetRule
from schemas.vocabulary import Category, Department
from services.policy.load import load
from services.policy.rules import RULES_MAX
from tests.policy.files import problems, real, working, written

PHONE = "  - when: {channel: phone, category: GRN-01}\n    first_response: 1 working hour\n"
NORMAL = "priority: normal, problem_report: true"


def test_budgets_with_conditions_stand_in_their_order(tmp_path: Path) -> None:
    assert load(written(tmp_path)).budgets == (
        BudgetRule(category=Category("GRN-01"), channel="phone", first_response=working(1)),
        BudgetRule(priority="normal", problem_report=True, first_response=real(1 / 3)),
        BudgetRule(department=Department("parks"), resolution=working(6)),
    )


@pytest.mark.parametrize(
    ("when", "day_hours"),
    [("{department: centre}", 8), ("{category: OTH-01}", 8), ("{channel: web}", 6)],
)
def test_a_working_day_is_the_departments_else_the_citys(
    tmp_path: Path, when: str, day_hours: float
) -> None:
    more = f"  - when: {when}\n    resolution: 2 working days\n"

    rules = load(written(tmp_path, ("clocks", PHONE, more + PHONE))).budgets

    assert rules[0].resolution == working(2 * day_hours)


RULES = [
    (
        "when: {channel: phone, category: GRN-01}",
        "when: {}",
        "clocks.yaml:16: budgets[0].when: a rule without a condition would be for everything",
    ),
    (
        "when: {channel: phone, category: GRN-01}",
        "when: {channel: null}",
        "clocks.yaml:16: budgets[0].when: a rule without a condition would be for everything",
    ),
    (
        "when: {channel: phone, category: GRN-01}\n    first",
        "first",
        "clocks.yaml:16: budgets[0].when: is missing",
    ),
    (
        "{channel: phone,",
        "{chanel: phone,",
        "clocks.yaml:16: budgets[0].when.chanel: is not a key of this section",
    ),
    (
        "{channel: phone,",
        "{channel: fax,",
        "clocks.yaml:16: budgets[0].when.channel: is to be one of phone, sms",
    ),
    (
        "category: GRN-01}",
        "category: GRN-99}",
        'clocks.yaml:16: budgets[0].when.category: there is no category "GRN-99"',
    ),
    (
        "{department: parks}",
        "{department: park}",
        'clocks.yaml:20: budgets[2].when.department: there is no department "park"',
    ),
    (
        "{priority: normal,",
        "{priority: soon,",
        "clocks.yaml:18: budgets[1].when.priority: is to be one of urgent, high, normal, low",
    ),
    (
        "problem_report: true",
        "problem_report: maybe",
        "clocks.yaml:18: budgets[1].when.problem_report: is to be true or false",
    ),
    (
        "    first_response: 20 minutes\n",
        "",
        "clocks.yaml:18: budgets[1]: says nothing: first_response, resolution or both",
    ),
    (
        "first_response: 20 minutes",
        "holding: 20 minutes",
        "clocks.yaml:19: budgets[1].holding: is not a key of this section",
    ),
    (
        "first_response: 20 minutes",
        "first_response: 9999 days",
        "clocks.yaml:19: budgets[1].first_response: is more than ten years",
    ),
    (
        "first_response: 20 minutes",
        "first_response: 20 minutes\n    resolution: 10 minutes",
        "clocks.yaml:20: budgets[1].resolution: is shorter than the first response",
    ),
    (
        "{priority: normal,",
        "{priority: urgent,",
        "clocks.yaml:18: budgets[1].when: no category is like this, so it would never count",
    ),
    (
        "{channel: phone, category: GRN-01}",
        "{category: GRN-01, priority: low}",
        "clocks.yaml:16: budgets[0].when: no category is like this, so it would never count",
    ),
    (
        "{department: parks}\n    resolution",
        f"{{department: parks, channel: web, {NORMAL}}}\n    first_response",
        "clocks.yaml:21: budgets[2].first_response: never counts: the rule in line 18 is for all",
    ),
    (
        "{department: parks}\n    resolution",
        "{category: OTH-01, channel: web}\n    first_response",
        "clocks.yaml:21: budgets[2].first_response: never counts: the rule in line 18 is for all",
    ),
    ("budgets:", "budget:", "clocks.yaml:15: budget: is not a key of this section"),
]


@pytest.mark.parametrize(("old", "new", "said"), RULES)
def test_a_mistake_in_a_rule_is_named_with_line_and_field(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    found = problems(written(tmp_path, ("clocks", old, new)))

    assert any(one.startswith(said) for one in found), found


def test_a_rule_that_comes_first_for_one_clock_leaves_the_other_clock(tmp_path: Path) -> None:
    later = f"{{department: parks, {NORMAL}}}\n    resolution"

    draft = load(written(tmp_path, ("clocks", "{department: parks}\n    resolution", later)))

    assert draft.budgets[2].resolution == working(6)


def test_rules_are_not_without_number(tmp_path: Path) -> None:
    rule = "  - when: {channel: app, department: parks}\n    resolution: 1 hour\n"

    found = problems(written(tmp_path, ("clocks", PHONE, rule * (RULES_MAX + 1) + PHONE)))

    assert any(one.endswith(f"budgets: there are more than {RULES_MAX} rules") for one in found)
