"""Which department has in a district what is another's elsewhere, read from life.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.policy import CategoryPolicy, DistrictRule
from schemas.vocabulary import Category, Department, District
from services.policy.document import Section
from services.policy.durations import SOME_WORK, Work
from streams.core.terms import district_read

_From = tuple[str, Department]
"""A district as it is compared, and the department that would have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rules refer to. What the centre has, it has for the whole city."""

    categories: Mapping[Category, CategoryPolicy]
    works: Mapping[Department, Work]
    centre: str


def read_districts(file: Section, around: Around) -> tuple[DistrictRule, ...]:
    """The rules in the order of the file; whoever follows them comes to an end."""
    rules: list[DistrictRule] = []
    found: dict[_From, Section] = {}
    for section in file.sections_of("districts"):
        rule = _rule(section, around)
        key = _from(rule)
        if key in found:
            line = found[key].line(None)
            section.wrong("district", f"line {line} says already where {rule.department}'s go")
        found.setdefault(key, section)
        rules.append(rule)
        section.close()
    way = {_from(rule): rule.goes_to for rule in reversed(rules)}
    circles = {key: circle for key in found if (circle := _circle(key, way))}
    for key, circle in circles.items():
        found[key].wrong("goes_to", f"the rules go in a circle: {' → '.join(circle)}")
    if not circles:
        _check_work(found, way, around)
    return tuple(rules)


def _from(rule: DistrictRule) -> _From:
    return district_read(rule.district), rule.department


def _rule(section: Section, around: Around) -> DistrictRule:
    rule = DistrictRule(
        district=District(section.name("district")),
        department=Department(section.required_text("department")),
        goes_to=Department(section.required_text("goes_to")),
    )
    for key, named in (("department", rule.department), ("goes_to", rule.goes_to)):
        if named and named not in around.works:
            section.wrong(key, f'there is no department "{named}"')
    if rule.department and rule.department == around.centre:
        section.wrong("department", "is the 137 centre, whose cases are the whole city's")
    return rule


def _circle(key: _From, way: Mapping[_From, Department]) -> list[Department]:
    """The departments of the circle that a rule is part of; none where it is in none."""
    where, department = key
    passed = [department]
    at = way[key]
    while at not in passed:
        passed.append(at)
        if (where, at) not in way:
            return []
        at = way[where, at]
    return [*passed, at] if at == department else []


def _check_work(
    found: Mapping[_From, Section], way: Mapping[_From, Department], around: Around
) -> None:
    """What is promised in working time has to end in the hours of whoever gets it, too."""
    for category in around.categories.values():
        worked = [
            one.seconds
            for one in (category.first_response, category.resolution)
            if one.working_time
        ]
        for where in dict.fromkeys(district for district, _ in way):
            last = _last((where, category.department), way)
            if last is not None and not all(
                around.works.get(way[last], SOME_WORK).holds(seconds) for seconds in worked
            ):
                found[last].wrong(
                    "goes_to",
                    f"{category.category} would take more than ten years of its working hours",
                )


def _last(key: _From, way: Mapping[_From, Department]) -> _From | None:
    """The rule that names who has it in the end, where there is one at all."""
    last = None
    while key in way:
        last, key = key, (key[0], way[key])
    return last
