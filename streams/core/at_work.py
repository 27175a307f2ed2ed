"""Which departments the policies name, and who of them is a city's centre, at a given moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from schemas.vocabulary import Department, Municipality
from streams.core.in_force import in_force
from streams.core.terms import Terms

Places = frozenset[tuple[Municipality, Department]]


def departments(versions: Iterable[Terms], now: datetime) -> Places:
    """Those that each municipality's policy names now, or will by a version to come."""
    return frozenset(
        (municipality, department)
        for municipality, its in _by_city(versions).items()
        for version in its
        if version.since >= in_force(its, now).since
        for department in version.departments
    )


def centres(versions: Iterable[Terms], now: datetime) -> Mapping[Municipality, Department]:
    """Who takes what nobody could place, by the policy in force of each municipality."""
    return {
        municipality: in_force(its, now).policy.centre
        for municipality, its in _by_city(versions).items()
    }


def _by_city(versions: Iterable[Terms]) -> Mapping[Municipality, list[Terms]]:
    found: dict[Municipality, list[Terms]] = {}
    for one in versions:
        found.setdefault(one.policy.municipality, []).append(one)
    return found
