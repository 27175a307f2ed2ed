"""Which version of a municipality's policy counts at a given moment, ready to decide with."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from schemas.policy import Policy
from schemas.vocabulary import Municipality
from streams.core.classifier import Classifier, compile_classifier
from streams.core.terms import Terms, terms


class Version(Protocol):
    """What counts from a moment on."""

    @property
    def since(self) -> datetime: ...


AnyVersion = TypeVar("AnyVersion", bound=Version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Terms):
    """One version with all that a routing needs. Keep it: building takes a while."""

    classifier: Classifier


Published = Mapping[Municipality, tuple[Ready, ...]]
"""Every version of every municipality, oldest first."""


def ready(policy: Policy) -> Ready:
    built = terms(policy)
    return Ready(
        policy=policy,
        categories=built.categories,
        departments=built.departments,
        calendars=built.calendars,
        districts=built.districts,
        classifier=compile_classifier(policy),
    )


def with_version(published: Published, version: Ready) -> Published:
    """The published versions and one more; the same version again replaces itself."""
    municipality = version.policy.municipality
    others = (
        one
        for one in published.get(municipality, ())
        if one.policy.version != version.policy.version
    )
    return {**published, municipality: _by_age((*others, version))}


def in_force(versions: Iterable[AnyVersion], at: datetime) -> AnyVersion:
    """The version of one municipality in force then, here and for whoever else asks.

    What came before the first is decided by the first: nothing waits for a policy to begin.
    """
    by_age = sorted(versions, key=_since)
    assert by_age, "a municipality is known by its versions"
    count = bisect_right(by_age, at, key=_since)
    return by_age[max(count - 1, 0)]


def _since(version: Version) -> datetime:
    return version.since


def _by_age(versions: Iterable[Ready]) -> tuple[Ready, ...]:
    return tuple(sorted(versions, key=_since))
