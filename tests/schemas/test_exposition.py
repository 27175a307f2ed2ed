"""Which series a process shows: known ones from the start, what is not its own no more."""

import pytest
from prometheus_client import generate_latest

from schemas.city_metrics import SLA_DUE, SLA_OPEN, SLA_PROMISES
from schemas.exposition import Meters
from schemas.metric import Metric
from schemas.metrics import ALL, JANITOR_OWED
from schemas.vocabulary import PRIORITIES

DEPARTMENTS_MAX = 40
SERIES_OF_A_CITY_MAX = 10_000


def series(meters: Meters, metric: Metric) -> set[str]:
    text = generate_latest(meters.registry).decode()
    return {line for line in text.splitlines() if line.startswith(f"{metric.name}{{")}


def test_a_department_has_its_series_before_anything_is_counted() -> None:
    meters = Meters([SLA_PROMISES])

    meters.expect(SLA_PROMISES, "hashtgerd", "parks")

    of_parks = series(meters, SLA_PROMISES)
    assert len(of_parks) == 4 * 3 * 4
    assert all(one.endswith(" 0.0") for one in of_parks)


def test_what_is_expected_again_keeps_its_count() -> None:
    meters = Meters([SLA_PROMISES])
    meters.expect(SLA_PROMISES, "hashtgerd", "parks")
    meters.count(SLA_PROMISES, "hashtgerd", "parks", "urgent", "resolution", "made")

    meters.expect(SLA_PROMISES, "hashtgerd", "parks")

    assert sum(one.endswith(" 1.0") for one in series(meters, SLA_PROMISES)) == 1


def test_a_gauge_shows_what_is_shown_now_and_nothing_else() -> None:
    meters = Meters([SLA_OPEN])
    running, paused = (
        ("hashtgerd", "parks", "urgent", "running"),
        ("hashtgerd", "parks", "urgent", "paused"),
    )
    meters.show_only(SLA_OPEN, {running: 2, paused: 1})

    meters.show_only(SLA_OPEN, {running: 3})
    (left,) = series(meters, SLA_OPEN)
    assert 'state="running"' in left
    assert left.endswith(" 3.0")

    meters.show_only(SLA_OPEN, {})
    assert not series(meters, SLA_OPEN)


def test_the_promises_of_a_city_of_forty_departments_are_few_series() -> None:
    meters = Meters([SLA_PROMISES, SLA_OPEN, SLA_DUE])
    for number in range(DEPARTMENTS_MAX):
        for metric in (SLA_PROMISES, SLA_OPEN, SLA_DUE):
            meters.expect(metric, "hashtgerd", f"department-{number}")

    counted = [len(series(meters, one)) for one in (SLA_PROMISES, SLA_OPEN, SLA_DUE)]
    assert counted == [
        DEPARTMENTS_MAX * len(PRIORITIES) * 3 * 4,
        DEPARTMENTS_MAX * len(PRIORITIES) * 4,
        DEPARTMENTS_MAX * len(PRIORITIES) * 4,
    ]
    assert sum(counted) == 3_200 < SERIES_OF_A_CITY_MAX


def test_a_gauge_without_labels_can_be_somebody_elses_to_show_for_a_while() -> None:
    meters = Meters([JANITOR_OWED])
    shown = meters.registry.get_sample_value

    meters.show_only(JANITOR_OWED, {})
    meters.show_only(JANITOR_OWED, {})
    assert shown(JANITOR_OWED.name) is None

    meters.show_only(JANITOR_OWED, {(): 2})
    meters.show_only(JANITOR_OWED, {(): 3})
    assert shown(JANITOR_OWED.name) == 3


@pytest.mark.parametrize("metric", [one for one in ALL if one.kind == "histogram"])
def test_what_took_less_than_no_time_took_none(metric: Metric) -> None:
    meters, labels = Meters([metric]), tuple((*values, "any")[0] for _, values in metric.labels)

    meters.observe(metric, -3600.0, *labels)

    names = dict(zip((name for name, _ in metric.labels), labels, strict=True))
    shown = meters.registry.get_sample_value
    assert shown(f"{metric.name}_sum", names) == 0
    assert shown(f"{metric.name}_bucket", {**names, "le": str(metric.buckets[0])}) == 1
