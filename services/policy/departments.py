"""The departments of a policy, read from departments.yaml."""

import re
from collections.abc import Mapping

from schemas.policy import DepartmentPolicy
from schemas.vocabulary import Department
from services.policy.document import Section

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ID_CHARACTERS_MAX = 40


def read_departments(file: Section, calendars: frozenset[str]) -> tuple[DepartmentPolicy, ...]:
    """The departments; their tree has no circle."""
    if not file.values:
        file.problems.add(file.file, 0, "", "has no department")
    departments = tuple(_department(name, one, calendars) for name, one in file.sections())
    parents = {one.department: one.parent for one in departments}
    for department in departments:
        _check_parent(file, department, parents)
        if department.deputy is not None and department.deputy not in parents:
            file.section(department.department).wrong(
                "deputy", f'there is no department "{department.deputy}"'
            )
    return departments


def is_id(text: str) -> bool:
    """Whether the word can stand in the name of a topic."""
    return ID.fullmatch(text) is not None and len(text) <= ID_CHARACTERS_MAX


def _department(name: str, section: Section, calendars: frozenset[str]) -> DepartmentPolicy:
    if not is_id(name):
        section.problems.add(
            section.file, section.line(None), name, "an id is lower-case letters and hyphens"
        )
    calendar = section.text("calendar", None)
    if calendar is not None and calendar not in calendars:
        section.wrong("calendar", f'there is no calendar "{calendar}"')
    parent = section.text("parent", None)
    department = DepartmentPolicy(
        department=Department(name),
        title_fa=section.required_text("title_fa"),
        title_en=section.required_text("title_en"),
        contact=section.required_text("contact"),
        parent=None if parent is None else Department(parent),
        deputy=section.text("deputy", None),
        calendar_id=calendar,
    )
    section.close()
    return department


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
