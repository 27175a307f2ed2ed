"""Whose series the projector begins: departments of the policies at work, and of those to come."""

from dataclasses import replace
from datetime import timedelta

from schemas.city_metrics import SLA_PROMISES
from schemas.exposition import Meters
from schemas.policy import Policy
from schemas.vocabulary import Department, Municipality, PolicyVersion
from streams.core.at_work import departments
from streams.core.terms import Terms, terms
from streams.projector.figures import Figures
from tests.builders import CITY, NOON
from tests.policies import SINCE, policy


def version(*names: str, days: int, city: str = CITY) -> Terms:
    since = SINCE + timedelta(days=days)
    plain = policy(since=since)
    some = tuple(replace(plain.departments[0], department=Department(one)) for one in names)
    return terms(renamed(replace(plain, departments=some), city))


def renamed(one: Policy, city: str) -> Policy:
    named = PolicyVersion(f"{city}/{one.since.isoformat()}")
    return replace(one, municipality=Municipality(city), version=named)


def test_departments_of_former_policies_are_left_out_and_those_to_come_are_in() -> None:
    versions = [
        version("gone", "stays", days=0),
        version("stays", "new", days=30),
        version("stays", "coming", days=500),
        version("harbour", days=0, city="boston"),
    ]

    assert departments(versions, NOON) == {
        (CITY, "stays"),
        (CITY, "new"),
        (CITY, "coming"),
        ("boston", "harbour"),
    }


def test_before_the_first_policy_begins_its_departments_are_known() -> None:
    versions = [version("first", days=400), version("second", days=500)]

    assert departments(versions, NOON) == {(CITY, "first"), (CITY, "second")}


def test_a_policy_that_is_read_later_begins_its_series_then() -> None:
    meters = Meters([SLA_PROMISES])
    figures = Figures(meters, lambda: NOON)
    first, second = version("first", days=0), version("first", "second", days=1)

    figures.expect({})
    figures.expect({first.policy.version: first})
    assert _departments(meters) == {"first"}
    figures.expect({one.policy.version: one for one in (first, second)})
    assert _departments(meters) == {"first", "second"}


def _departments(meters: Meters) -> set[str]:
    return {
        sample.labels["department"]
        for metric in meters.registry.collect()
        for sample in metric.samples
    }
