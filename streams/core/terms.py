"""One closed version of a policy, ready to promise with: the fold is given those it needs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.fact_parts import Promise
from schemas.facts import Closing, DeadlineSet, Fact, Routed
from schemas.living import Disputed, HandedOver
from schemas.policy import Budget, BudgetRule, CategoryPolicy, DepartmentPolicy, Policy
from schemas.said import Said
from schemas.steering import (
    InformationRequested,
    Paused,
    Reclassified,
    Reopened,
    TransferRequested,
)
from schemas.vocabulary import (
    CLOCK_KINDS,
    Category,
    Channel,
    ClockKind,
    Department,
    District,
    PolicyVersion,
)
from streams.core.promises import Grounds, promise
from streams.core.text import normalise
from streams.core.working_time import WorkingCalendar, compile_calendar


class UnknownTermsError(LookupError):
    """A fact names a version of a policy that is not at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a budget depends on."""

    category: Category
    department: Department
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One version with its calendars compiled. Keep it: the calendars' indexes live in it.

    `districts` says to whom what is a department's goes in a district, as `district_read` has it.
    """

    policy: Policy
    categories: Mapping[Category, CategoryPolicy]
    departments: Mapping[Department, DepartmentPolicy]
    calendars: Mapping[str, WorkingCalendar]
    districts: Mapping[tuple[str, Department], Department]

    @property
    def since(self) -> datetime:
        return self.policy.since

    def calendar_of(self, department: Department | None) -> WorkingCalendar:
        """The department's own calendar, else the municipality's."""
        known = self.departments.get(department) if department else None
        return self.calendars[(known and known.calendar_id) or self.policy.calendar_id]

    def deputy_of(self, department: Department) -> Department | None:
        """The office of whoever is above that department's head, where it has one."""
        known = self.departments.get(department)
        return Department(known.deputy) if known and known.deputy else None

    def in_district(self, department: Department, district: District | None) -> Department:
        """Whose it is in that district, where the department's rules lead to, one by one."""
        where = None if district is None else district_read(district)
        for _ in self.districts:
            further = self.districts.get((where, department)) if where else None
            if further is None:
                return department
            department = further
        return department

    def grounds(self, kind: ClockKind, subject: Subject) -> Grounds | None:
        """What a promise of that kind rests on; none where the policy promises no such thing."""
        department = self.departments.get(subject.department)
        category = self.categories.get(subject.category)
        if department is None:
            return None
        # How long a department may hold a case does not depend on what the case is about.
        budget = department.holding if kind == "holding" else None
        if kind != "holding" and category is not None:
            budget = self._citizens(kind, category, department, subject.channel)
        if budget is None:
            return None
        return Grounds(
            budget=budget,
            calendar=self.calendar_of(subject.department),
            warn_percents=category.warn_percents if category else (),
            escalation=department.escalation,
            deputy=self.deputy_of(subject.department),
        )

    def promises(self, started_at: datetime, subject: Subject) -> tuple[Promise, ...]:
        """All that is promised for a case whose clocks start then."""
        return tuple(
            promise(kind, started_at, grounds)
            for kind in CLOCK_KINDS
            if (grounds := self.grounds(kind, subject)) is not None
        )

    def _citizens(
        self,
        kind: ClockKind,
        category: CategoryPolicy,
        department: DepartmentPolicy,
        channel: Channel,
    ) -> Budget | None:
        for rule in self.policy.budgets:
            budget = rule.first_response if kind == "first-response" else rule.resolution
            if budget is not None and _fits(rule, category, department, channel):
                return budget
        return category.first_response if kind == "first-response" else category.resolution


_Deciding = (
    Routed
    | DeadlineSet
    | Closing
    | Paused
    | InformationRequested
    | TransferRequested
    | Reopened
    | Reclassified
    | HandedOver
    | Disputed
)
AllTerms = Mapping[PolicyVersion, Terms]
NO_TERMS: AllTerms = {}


def terms(policy: Policy) -> Terms:
    return Terms(
        policy=policy,
        categories={one.category: one for one in policy.categories},
        departments={one.department: one for one in policy.departments},
        calendars={one.calendar_id: compile_calendar(one) for one in policy.calendars},
        districts={
            (district_read(one.district), one.department): one.goes_to for one in policy.districts
        },
    )


def district_read(district: District) -> str:
    """The district in one form: "۲" that was typed is the "2" of the policy."""
    return normalise(district).casefold()


def terms_of(version: PolicyVersion, known: AllTerms) -> Terms:
    """Raises `UnknownTermsError`."""
    found = known.get(version)
    if found is None:
        raise UnknownTermsError(version)
    return found


def versions_named(facts: Iterable[Fact]) -> frozenset[PolicyVersion]:
    """The versions that the fold may need for these facts."""
    return frozenset(version for fact in facts for version in _named_by(fact))


def _named_by(fact: Fact) -> Iterator[PolicyVersion]:
    if isinstance(fact, Said) and fact.above_by is not None:
        yield fact.above_by
    if isinstance(fact, _Deciding) and fact.policy_version is not None:
        yield fact.policy_version


def _fits(
    rule: BudgetRule, category: CategoryPolicy, department: DepartmentPolicy, channel: Channel
) -> bool:
    return (
        rule.category in {None, category.category}
        and rule.department in {None, department.department}
        and rule.channel in {None, channel}
        and rule.priority in {None, category.priority}
        and rule.problem_report in {None, category.problem_report}
    )
