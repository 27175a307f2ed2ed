"""What a promise rests on, by the version of the policy that makes it."""

from dataclasses import replace

import pytest

from schemas.calendar import Hours
from schemas.policy import Budget, BudgetRule, DepartmentPolicy, EscalationStep, Policy
from schemas.vocabulary import Category, Channel, ClockKind, Department
from streams.core.promises import Grounds, promise
from streams.core.terms import Subject, Terms, UnknownTermsError, terms, terms_of
from tests.builders import CENTRE, NOON, PARKS
from tests.policies import policy

TREE = Category("GRN-02")
UNKNOWN = Department("nobody")
OTHER = Department("fani")
LADDER = (
    EscalationStep(role="head", after=Budget(seconds=60, working_time=False)),
    EscalationStep(role="deputy", after=Budget(seconds=600, working_time=False)),
    EscalationStep(role="mayor", after=Budget(seconds=6_000, working_time=False)),
)


def real(seconds: int) -> Budget:
    return Budget(seconds=seconds, working_time=False)


def version(*rules: BudgetRule, parks: DepartmentPolicy | None = None, **more: object) -> Terms:
    """The small policy with these rules, and Parks as it is given."""
    plain = policy()
    departments = tuple(
        parks if parks is not None and one.department == PARKS else one for one in plain.departments
    )
    return terms(replace(plain, budgets=rules, departments=departments, **more))


def parks(**more: object) -> DepartmentPolicy:
    plain = DepartmentPolicy(department=PARKS, title_fa="p", title_en="p", contact="137")
    return replace(plain, **more)


def subject(
    category: Category = TREE, department: Department = PARKS, channel: Channel = "phone"
) -> Subject:
    return Subject(category=category, department=department, channel=channel)


def grounds(known: Terms, kind: ClockKind = "first-response", of: Subject | None = None) -> Grounds:
    found = known.grounds(kind, of or subject())
    assert found is not None
    return found


def test_without_a_rule_the_categorys_own_budgets_count() -> None:
    known = version()

    assert grounds(known).budget == real(60)
    assert grounds(known, "resolution").budget == real(600)
    assert grounds(known).warn_percents == (50, 80)


def test_the_first_rule_that_fits_and_names_the_clock_counts() -> None:
    known = version(
        BudgetRule(channel="web", first_response=real(1)),
        BudgetRule(channel="phone", resolution=real(2)),
        BudgetRule(category=TREE, first_response=real(3)),
        BudgetRule(channel="phone", first_response=real(4), resolution=real(5)),
    )

    assert grounds(known).budget == real(3)
    assert grounds(known, "resolution").budget == real(2)
    assert grounds(known, of=subject(Category("CIV-01"))).budget == real(4)
    assert grounds(known, of=subject(channel="sms")).budget == real(3)


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (BudgetRule(category=TREE), True),
        (BudgetRule(category=Category("CIV-01")), False),
        (BudgetRule(department=PARKS), True),
        (BudgetRule(department=CENTRE), False),
        (BudgetRule(channel="phone"), True),
        (BudgetRule(channel="web"), False),
        (BudgetRule(priority="normal"), True),
        (BudgetRule(priority="urgent"), False),
        (BudgetRule(problem_report=True), True),
        (BudgetRule(problem_report=False), False),
        (BudgetRule(channel="phone", priority="urgent"), False),
        (BudgetRule(category=TREE, department=PARKS, channel="phone", problem_report=True), True),
    ],
)
def test_a_rule_fits_when_all_that_it_names_does(rule: BudgetRule, *, fits: bool) -> None:
    known = version(replace(rule, resolution=real(7)))

    assert (grounds(known, "resolution").budget == real(7)) is fits
    assert grounds(known).budget == real(60)


def test_a_department_is_judged_by_who_has_the_case_and_not_by_whose_category_it_is() -> None:
    known = version(BudgetRule(department=OTHER, resolution=real(7)))

    assert grounds(known, "resolution", subject(department=OTHER)).budget == real(7)
    assert grounds(known, "resolution").budget == real(600)


def test_holding_is_promised_by_the_department_and_by_no_rule() -> None:
    known = version(
        BudgetRule(department=PARKS, first_response=real(1), resolution=real(1)),
        parks=parks(holding=real(99)),
    )

    assert grounds(known, "holding").budget == real(99)
    assert grounds(known, "holding", subject(Category("CIV-01"))).budget == real(99)
    assert known.grounds("holding", subject(department=OTHER)) is None


@pytest.mark.parametrize("kind", ["first-response", "resolution"])
def test_of_an_unknown_category_the_citizen_is_promised_nothing(kind: ClockKind) -> None:
    known = version(BudgetRule(channel="phone", first_response=real(1), resolution=real(1)))

    assert known.grounds(kind, subject(Category("GONE-01"))) is None


def test_a_department_holds_also_what_is_of_an_unknown_category() -> None:
    known = version(parks=parks(holding=real(99)))

    assert grounds(known, "holding", subject(Category("GONE-01"))).budget == real(99)


@pytest.mark.parametrize("kind", ["first-response", "resolution", "holding"])
def test_of_an_unknown_department_nothing_is_promised(kind: ClockKind) -> None:
    known = version(BudgetRule(channel="phone", first_response=real(1), resolution=real(1)))

    assert known.grounds(kind, subject(department=UNKNOWN)) is None


def test_the_ladder_is_copied_into_the_promise_with_the_deputys_office() -> None:
    known = version(parks=parks(escalation=LADDER, deputy="khadamat"))

    made = promise("resolution", NOON, grounds(known, "resolution"))

    assert [(one.step, one.role, one.department) for one in made.escalations] == [
        (1, "head", None),
        (2, "deputy", "khadamat"),
        (3, "mayor", None),
    ]
    assert [(one.at - made.deadline).total_seconds() for one in made.escalations] == [60, 600, 6000]


def test_a_step_of_a_deputy_that_nobody_is_stays_and_names_no_office() -> None:
    known = version(parks=parks(escalation=LADDER))

    made = promise("resolution", NOON, grounds(known, "resolution"))

    assert made.escalations[1].role == "deputy"
    assert made.escalations[1].department is None


def test_a_department_works_by_its_own_calendar_and_any_other_by_the_citys() -> None:
    own = replace(policy().calendars[0], calendar_id="own", sunday=(Hours(opens=0, closes=60),))
    known = version(parks=parks(calendar_id="own"), calendars=(*policy().calendars, own))

    assert known.calendar_of(PARKS).calendar == own
    assert grounds(known).calendar is known.calendar_of(PARKS)
    for department in (OTHER, UNKNOWN, None):
        assert known.calendar_of(department).calendar.calendar_id == known.policy.calendar_id


def test_a_version_that_is_not_at_hand_is_said_so() -> None:
    known: Policy = policy()

    assert terms_of(known.version, {known.version: terms(known)}).since == known.since
    with pytest.raises(UnknownTermsError):
        terms_of(known.version, {})
