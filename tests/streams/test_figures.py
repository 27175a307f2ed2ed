"""What the projector begins to show, of whom, and what it counts of a batch that is written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from schemas.city_metrics import (
    ANSWERED_CALLS,
    CASE_EVENTS,
    CASE_RATINGS,
    SLA_ELAPSED,
    SLA_PROMISES,
)
from schemas.exposition import Meters
from schemas.facts import Fact
from schemas.metric import Metric
from schemas.metrics import CASES_UNFOLDABLE, PROJECTION_DELAY_SECONDS, PROJECTION_FACTS
from schemas.policy import Policy
from schemas.shown import WORKERS
from schemas.vocabulary import CaseId, Department, Municipality, PolicyVersion
from streams.core.at_work import departments
from streams.core.case import Case
from streams.core.terms import AllTerms, Terms, terms
from streams.projector.batch import Batch, FactRecord
from streams.projector.figures import OF_A_DEPARTMENT, Figures
from streams.projector.folding import State, Unfoldable, fold
from tests.builders import (
    CASE_ID,
    CITY,
    NOON,
    PARKS,
    acknowledged,
    after,
    resolved,
    routed,
    submitted,
)
from tests.lived import rated
from tests.policies import SINCE, policy
from tests.steering import known, passed_on

TERMS = known(policy())


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
    meters = Meters((ANSWERED_CALLS, *OF_A_DEPARTMENT))
    figures = Figures(meters, lambda: NOON)
    first, second = version("first", days=0), version("first", "second", days=1)

    figures.expect({})
    figures.expect({first.policy.version: first})
    assert _departments(meters) == {"first"}
    figures.expect({one.policy.version: one for one in (first, second)})
    assert _departments(meters) == {"first", "second"}


def test_a_batch_is_counted_by_department_and_what_is_in_the_log_twice_once() -> None:
    meters = Meters(WORKERS["projector"])
    facts = (submitted(), routed(), acknowledged(at=after(15)), resolved(at=after(900)))

    written(meters, {}, *facts, *facts)

    assert counted(meters, CASE_EVENTS) == {
        (CITY, PARKS, "urgent", event): 1 for event in ("routed", "acknowledged", "resolved")
    }
    promised = counted(meters, SLA_PROMISES)
    assert {outcome for *_, outcome in promised} == {"made", "met", "breached"}
    shown = meters.registry.get_sample_value
    for clock, ratio in (("first-response", 0.25), ("resolution", 1.5)):
        whose = {"municipality": CITY, "department": PARKS, "clock": clock}
        assert shown(f"{SLA_ELAPSED.name}_sum", whose) == ratio
        assert shown(f"{SLA_ELAPSED.name}_count", whose) == 1


def test_ratings_are_counted_by_their_stars_each_time_that_one_is_given() -> None:
    meters = Meters(WORKERS["projector"])
    facts = (submitted(), routed(), resolved(), rated(after(30), 1), rated(after(40), 5))

    written(meters, {}, *facts, *facts, rated(after(50), 5))

    assert counted(meters, CASE_RATINGS) == {(CITY, PARKS, "1"): 1, (CITY, PARKS, "5"): 2}


def test_a_case_that_cannot_be_folded_is_one_incident_however_much_is_said_of_it() -> None:
    meters = Meters(WORKERS["projector"])
    failing = Unfoldable(Case(case_id=CASE_ID), "some reason")

    written(meters, {}, submitted(), routed(), passed_on(after(5)), resolved(), terms={})
    written(meters, {CASE_ID: failing}, acknowledged())

    assert meters.registry.get_sample_value(CASES_UNFOLDABLE.name) == 1
    assert counted(meters, PROJECTION_FACTS) == {("effective",): 2, ("unfoldable",): 3}


def test_what_was_recorded_by_a_clock_that_was_ahead_is_readable_at_once() -> None:
    meters = Meters(WORKERS["projector"])

    written(meters, {}, submitted(at=NOON + timedelta(hours=1)))

    assert meters.registry.get_sample_value(f"{PROJECTION_DELAY_SECONDS.name}_sum") == 0


def written(
    meters: Meters, states: Mapping[CaseId, State], *facts: Fact, terms: AllTerms = TERMS
) -> None:
    records = [FactRecord(0, offset, "", fact) for offset, fact in enumerate(facts)]
    judged = fold(states, records, terms)
    Figures(meters, lambda: NOON).written(Batch(facts=records), judged, terms, 0.1)


def counted(meters: Meters, metric: Metric) -> dict[tuple[str, ...], float]:
    """The series that are not at 0, by their labels."""
    names = [name for name, _ in metric.labels]
    return {
        tuple(sample.labels[name] for name in names): sample.value
        for family in meters.registry.collect()
        for sample in family.samples
        if sample.name == metric.name and sample.value
    }


def _departments(meters: Meters) -> set[str]:
    return {
        sample.labels["department"]
        for metric in meters.registry.collect()
        for sample in metric.samples
        if "department" in sample.labels
    }
