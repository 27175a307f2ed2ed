"""Which departments stand below another, by the lines that a policy draws between them."""

from collections.abc import Mapping

from schemas.policy import DepartmentPolicy
from schemas.vocabulary import Department


def below(
    departments: Mapping[Department, DepartmentPolicy], department: Department
) -> frozenset[Department]:
    """Those that have it as their parent or their deputy, and all below those; never itself.

    It is followed as far as it goes: a loop in the data, or a name that stands for no department,
    ends it and is no error.
    """
    found: set[Department] = set()
    to_ask = [department]
    while to_ask:
        above = to_ask.pop()
        under = {one.department for one in departments.values() if _answers_to(one, above)}
        to_ask.extend(under - found)
        found |= under
    return frozenset(found - {department})


def _answers_to(one: DepartmentPolicy, above: Department) -> bool:
    return above in (one.parent, one.deputy)
