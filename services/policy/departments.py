"""The departments of a policy, read from departments.yaml."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from schemas.policy import Budget, DepartmentPolicy
from schemas.vocabulary import Department
from services.policy.budgets import read_optional
from services.policy.document import Section
from services.policy.durations import SOME_WORK, Work
from services.policy.escalation import read_escalation

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ID_CHARACTERS_MAX = 40
NO_HOLDING = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a department has unless its own entry says otherwise: the calendar, and the clocks."""

    works: Mapping[str, Work]
    calendar: str
    clocks: Section

    def work(self, calendar: str | None) -> Work:
        return self.works.get(calendar or self.calendar, SOME_WORK)


def read_departments(file: Section, usual: Usual) -> tuple[DepartmentPolicy, ...]:
    """The departments; their tree has no circle."""
    if not file.values:
        file.problems.add(file.file, 0, "", "has no department")
    departments = tuple(_department(name, one, usual) for name, one in file.sections())
    # A mistake in the default is one, also where each department has its own.
    _holding(usual.clocks, usual.work(None))
    read_escalation(usual.clocks, usual.work(None))
    parents = {one.department: one.parent for one in departments}
    for department in departments:
        _check_parent(file, department, parents)
        _check_deputy(file, department, parents)
    return departments


def is_id(text: str) -> bool:
    """Whether the word can stand in the name of a topic."""
    return ID.fullmatch(text) is not None and len(text) <= ID_CHARACTERS_MAX


def _department(name: str, section: Section, usual: Usual) -> DepartmentPolicy:
    if not is_id(name):
        section.problems.add(
            section.file, section.line(None), name, "an id is lower-case letters and hyphens"
        )
    calendar = section.text("calendar", None)
    if calendar is not None and calendar not in usual.works:
        section.wrong("calendar", f'there is no calendar "{calendar}"')
    work = usual.work(calendar)
    parent = section.text("parent", None)
    escalation = read_escalation(section, work)
    department = DepartmentPolicy(
        department=Department(name),
        title_fa=section.required_text("title_fa"),
        title_en=section.required_text("title_en"),
        contact=section.required_text("contact"),
        parent=None if parent is None else Department(parent),
        deputy=section.text("deputy", None),
        calendar_id=calendar,
        holding=_holding(section if "holding" in section.values else usual.clocks, work),
        escalation=(read_escalation(usual.clocks, work) or ())
        if escalation is None
        else escalation,
    )
    section.close()
    return department


def _holding(section: Section, work: Work) -> Budget | None:
    """None where nothing is said, or that there is none, for a department unlike the others."""
    if section.text("holding", None) == NO_HOLDING:
        return None
    return read_optional(section, "holding", work)


def _check_deputy(file: Section, department: DepartmentPolicy, known: Container[str]) -> None:
    section = file.section(department.department)
    if department.deputy is not None and department.deputy not in known:
        section.wrong("deputy", f'there is no department "{department.deputy}"')
    if department.deputy == department.department:
        section.wrong("deputy", "is the department itself, so nobody above it would be told")


def _check_parent(
    file: Section, department: DepartmentPolicy, parents: Mapping[Department, Department | None]
) -> None:
    section = file.section(department.department)
    if department.parent is not None and department.parent not in parents:
        section.wrong("parent", f'there is no department "{department.parent}"')
        return
    way: list[str] = [department.department]
    above = department.parent
    while above is not None and above not in way:
        way.append(above)
        above = parents.get(above)
    if above is not None and above == department.department:
        section.wrong("parent", f"the tree goes in a circle: {' → '.join([*way, above])}")
