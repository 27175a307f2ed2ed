"""Which cities and departments the policies name, at a given moment, for whoever shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import Department, Municipality, PauseReason
from streams.core.in_force import in_force
from streams.core.terms import Terms

Departments = frozenset[tuple[Municipality, Department]]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A municipality by its policy in force; `departments` has those of versions to come, too.

    `centre` takes what nobody could place; `pauses` are the reasons that a case may wait for.
    """

    municipality: Municipality
    departments: frozenset[Department]
    centre: Department
    pauses: tuple[PauseReason, ...]


def cities(versions: Iterable[Terms], now: datetime) -> tuple[City, ...]:
    return tuple(
        _city(municipality, its, now) for municipality, its in sorted(_by_city(versions).items())
    )


def departments(versions: Iterable[Terms], now: datetime) -> Departments:
    """Those that each municipality's policy names now, or will by a version to come."""
    return departments_of(cities(versions, now))


def departments_of(at_work: Iterable[City]) -> Departments:
    return frozenset((city.municipality, one) for city in at_work for one in city.departments)


def _city(municipality: Municipality, versions: Iterable[Terms], now: datetime) -> City:
    its = tuple(versions)
    current = in_force(its, now)
    return City(
        municipality=municipality,
        departments=frozenset(
            department
            for version in its
            if version.since >= current.since
            for department in version.departments
        ),
        centre=current.policy.centre,
        pauses=tuple(one.reason for one in current.policy.pauses),
    )


def _by_city(versions: Iterable[Terms]) -> Mapping[Municipality, list[Terms]]:
    found: dict[Municipality, list[Terms]] = {}
    for one in versions:
        found.setdefault(one.policy.municipality, []).append(one)
    return found
