"""The reader of expressions: it takes what can be asked for, and names what cannot."""

import pytest

from tests.promql import asked_of

TAKEN = {
    "sum by (instance, worker) (up * on (instance) group_left (worker) peygir_build_info)": {
        "up",
        "peygir_build_info",
    },
    "time() - min by (department) (peygir_oldest_open_case_timestamp_seconds offset 1h) > 5": {
        "peygir_oldest_open_case_timestamp_seconds"
    },
    "histogram_quantile(0.9, sum by (le) (rate(peygir_delivery_delay_seconds_bucket[5m])))": {
        "peygir_delivery_delay_seconds"
    },
    'peygir_open_cases{municipality=~"$municipality", state!="linked"}': {"peygir_open_cases"},
    'sum by (role) (label_replace(up, "role", "$1", "instance", "(.+)"))': {"up"},
    'peygir:slo_error:ratio_rate5m{slo=~"intake|api"} > 0.5': {"peygir:slo_error:ratio_rate5m"},
    "vector(0)": set(),
}
REFUSED = (
    "peygir_nothing",
    "rate(peygir_projection_delay_seconds[5m])",
    "peygir_open_cases_total",
    'peygir_leases{role="nobody"}',
    'peygir_leases{part="janitor"}',
    'peygir_leases{role=~"janitor|nobody"}',
    "sum by (department) (peygir_leases)",
    "sum by (department) (peygir_open_cases) / sum by (department) (peygir_leases)",
    'sum by (nothing) (label_replace(up, "role", "$1", "instance", "(.+)"))',
    'peygir_sla_timer_lateness_seconds_bucket{le="30"}',
    'peygir_sla_timer_lateness_seconds_bucket{le="31.0"}',
    'peygir:slo_error:ratio_rate5m{slo="nothing"}',
    "peygir:slo_error:ratio_rate7m",
)


@pytest.mark.parametrize("expression", TAKEN)
def test_what_can_be_asked_for_is_found(expression: str) -> None:
    assert {metric.name for metric in asked_of(expression)} == TAKEN[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_not_there_is_named(expression: str) -> None:
    with pytest.raises(AssertionError):
        asked_of(expression)
