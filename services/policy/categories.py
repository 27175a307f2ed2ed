"""The categories of a policy with their budgets, read from categories.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from schemas.policy import Budget, CategoryPolicy, DepartmentPolicy, Evidence
from schemas.vocabulary import PRIORITIES, Category, Department, Priority
from services.policy.budgets import read_budget
from services.policy.document import Section
from services.policy.durations import SOME_WORK, Work

CODE_CHARACTERS_MAX = 20
WARN_PERCENTS = (50, 75, 90)
_NOTHING = Budget(seconds=1, working_time=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What categories refer to. `works` is how much work each department's calendar has."""

    departments: Mapping[Department, DepartmentPolicy]
    works: Mapping[Department, Work]
    words: Mapping[Category, tuple[Evidence, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    around: Around
    warn_percents: tuple[int, ...]
    first_response: Section


def read_categories(file: Section, around: Around) -> tuple[CategoryPolicy, ...]:
    """The categories; each is owned by a department of this policy."""
    shared = _Shared(
        around=around,
        warn_percents=_percents(file),
        first_response=file.section("first_response"),
    )
    listed = file.section("categories")
    categories = tuple(_category(code, section, shared) for code, section in listed.sections())
    if not categories:
        file.wrong("categories", "there is no category")
    _check_defaults(shared.first_response)
    file.close()
    return categories


def _percents(file: Section) -> tuple[int, ...]:
    """When to warn; an empty list is never, none at all is what most cities want."""
    if file.values.get("warn_percents") is None:
        file.items("warn_percents")
        return WARN_PERCENTS
    percents = file.items("warn_percents")
    if all(type(one) is int and 0 < one < 100 for one in percents):  # noqa: PLR2004
        return tuple(sorted(set(percents)))
    file.wrong("warn_percents", "is to be a list of whole numbers between 0 and 100")
    return ()


def _category(code: str, section: Section, shared: _Shared) -> CategoryPolicy:
    if len(code) > CODE_CHARACTERS_MAX or not code.isascii():
        section.problems.add(
            section.file, section.line(None), section.path, "a code is short, in ASCII"
        )
    department = Department(section.required_text("department"))
    if department and department not in shared.around.departments:
        section.wrong("department", f'there is no department "{department}"')
    priority = _priority(section)
    work = shared.around.works.get(department, SOME_WORK)
    resolution = _budget(section, "resolution", work)
    own = section.text("first_response", None)
    first = (
        _default_budget(shared.first_response, priority, resolution, work)
        if own is None
        else _budget(section, "first_response", work)
    )
    told = _NOTHING not in {first, resolution}
    if (
        told
        and first.working_time == resolution.working_time
        and first.seconds > resolution.seconds
    ):
        section.wrong("resolution", "is shorter than the first response")
    category = CategoryPolicy(
        category=Category(code),
        title_fa=section.required_text("title_fa"),
        title_en=section.required_text("title_en"),
        problem_report=section.flag("problem_report"),
        department=department,
        priority=priority,
        location_required=section.flag("location_required"),
        first_response=first,
        resolution=resolution,
        warn_percents=shared.warn_percents,
        evidence=shared.around.words.get(Category(code), ()),
    )
    section.close()
    return category


def _priority(section: Section) -> Priority:
    priority = section.required_text("priority")
    if priority in PRIORITIES:
        return cast("Priority", priority)
    section.wrong("priority", f"is to be one of {', '.join(PRIORITIES)}")
    return "normal"


def _default_budget(
    defaults: Section, priority: Priority, resolution: Budget, work: Work
) -> Budget:
    """The first response of the priority, in the same kind of time as the resolution."""
    kind = "working_time" if resolution.working_time else "round_the_clock"
    return _budget(defaults.section(kind), priority, work)


def _check_defaults(defaults: Section) -> None:
    """Every priority has its default, also one that no category needs today."""
    for kind in ("round_the_clock", "working_time"):
        budgets = defaults.section(kind)
        for priority in PRIORITIES:
            found = _budget(budgets, priority, SOME_WORK)
            if found is not _NOTHING and found.working_time is not (kind == "working_time"):
                budgets.wrong(priority, f"is not in {kind.replace('_', ' ')}")
        budgets.close()
    defaults.close()


def _budget(section: Section, key: str, work: Work) -> Budget:
    return read_budget(section, key, work) or _NOTHING
