"""One known day: what the dashboards show of it, and who is woken, is what `/api/v1` says of it."""

import pytest

from tests.watching.alarms import EXPECTED
from tests.watching.compared import AGES, COUNTED, SHARES, Place, whole
from tests.watching.prometheus import Prometheus
from tests.watching.seen import Seen

pytestmark = pytest.mark.integration

AGE_TOLERANCE_SECONDS = 10.0


@pytest.mark.parametrize("place", COUNTED, ids=" · ".join)
def test_a_panel_shows_in_trouble_what_the_api_says(place: Place, trouble: Seen) -> None:
    assert whole(trouble.shown[place]) == whole(COUNTED[place](trouble.answers))


@pytest.mark.parametrize("place", COUNTED, ids=" · ".join)
def test_a_panel_shows_in_the_evening_what_the_api_says(place: Place, evening: Seen) -> None:
    assert whole(evening.shown[place]) == whole(COUNTED[place](evening.answers))


@pytest.mark.parametrize("place", SHARES, ids=" · ".join)
def test_a_share_is_the_one_that_the_api_gives(place: Place, trouble: Seen, evening: Seen) -> None:
    for seen in (trouble, evening):
        assert seen.shown[place] == pytest.approx(SHARES[place](seen.answers), abs=0.02)


@pytest.mark.parametrize("place", AGES, ids=" · ".join)
def test_an_age_is_the_one_that_the_api_gives(place: Place, trouble: Seen, evening: Seen) -> None:
    for seen in (trouble, evening):
        ages = AGES[place](seen.answers)
        assert seen.shown[place] == pytest.approx(ages, abs=AGE_TOLERANCE_SECONDS)


def test_in_trouble_just_those_are_woken_who_must_be(trouble: Seen) -> None:
    assert trouble.alerts.keys() == EXPECTED.keys()
    for name, labels in EXPECTED.items():
        assert any(labels.items() <= one.items() for one in trouble.alerts[name]), name


def test_when_all_is_well_again_every_alert_stops(evening: Seen) -> None:
    assert evening.alerts == {}
    assert all(evening.up.values())


def test_every_rule_can_be_evaluated(evening: Seen, prometheus: Prometheus) -> None:
    assert evening.up
    assert prometheus.broken_rules() == {}
