"""One known day: what the dashboards show of it, and who is woken, is what `/api/v1` says of it."""

import json

import pytest

from tests.boards import FIRST_ROW
from tests.watching.alarms import EXPECTED, OF_THE_HURRY, OF_THIS_MACHINE
from tests.watching.answers import by
from tests.watching.boards import Place, panels
from tests.watching.compared import AGES, COUNTED, SHARES, WHOSE, whole
from tests.watching.day import STOPPED
from tests.watching.prometheus import Prometheus
from tests.watching.recorded import DAY
from tests.watching.seen import Seen

pytestmark = pytest.mark.integration

# What is counted each second is looked at each second.
TOLERANCE_SECONDS = 4.0
# Nothing failed that is shown by route, and what waits to fire has fired by then.
WITHOUT_DATA = {
    ("peygir-api", "Failures in an hour, by route"),
    ("peygir-slo", "Waiting to fire"),
}


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
        assert seen.shown[place] == pytest.approx(ages, abs=TOLERANCE_SECONDS)


def test_in_trouble_just_those_are_woken_who_must_be(trouble: Seen) -> None:
    assert trouble.alerts.keys() == EXPECTED.keys()
    for name, labels in EXPECTED.items():
        assert any(labels.items() <= one.items() for one in trouble.alerts[name]), name


def test_when_all_is_well_again_every_alert_stops(evening: Seen) -> None:
    assert evening.alerts == {}
    assert all(evening.up.values())


def test_all_day_nobody_is_woken_for_anything_else(evening: Seen, prometheus: Prometheus) -> None:
    assert evening.alerts == {}
    fired = prometheus.ever_fired()

    assert fired - OF_THIS_MACHINE - OF_THE_HURRY == EXPECTED.keys()


def test_a_terminal_shows_the_same_first_row(trouble: Seen, evening: Seen) -> None:
    for seen in (trouble, evening):
        told = {one["title"]: one["value"] for one in seen.watched["now"].values()}
        shown = {title: seen.shown["peygir-operations", title][title] for title in told}
        assert len(told) == len(FIRST_ROW)
        # The line stays blocked while one is asked after the other.
        blocked = (of_all.pop("Line blocked for") for of_all in (told, shown))
        assert next(blocked) == pytest.approx(next(blocked), abs=TOLERANCE_SECONDS)
        assert told == shown


def test_a_terminal_shows_each_department_as_the_api_does(trouble: Seen, evening: Seen) -> None:
    for seen in (trouble, evening):
        for name, cases in (("overdue", seen.answers.overdue()), ("open_cases", seen.answers.open)):
            told = {
                f"{one['municipality']}, {one['department']}": one[name]
                for one in seen.watched["departments"]
            }
            assert whole(told) == by(cases, *WHOSE)


def test_a_terminal_says_who_does_not_answer(trouble: Seen, evening: Seen) -> None:
    down = [one["name"] for one in trouble.watched["processes"] if one["condition"] != "well"]

    assert down == [STOPPED]
    assert not trouble.watched["fine"]
    assert evening.watched["fine"]


def test_every_rule_can_be_evaluated(evening: Seen, prometheus: Prometheus) -> None:
    assert evening.up
    assert prometheus.broken_rules() == {}


def test_every_panel_shows_something_on_such_a_day(trouble: Seen) -> None:
    empty = {place for place, values in trouble.shown.items() if not values}

    assert empty - WITHOUT_DATA == set()


def test_the_pictures_are_of_a_day_with_the_panels_that_there_are() -> None:
    day = json.loads(DAY.read_text(encoding="utf-8"))
    recorded = {(board, title) for board, titles in day.items() for title in titles}

    words = "TEST_RECORD_DAY=1 pytest tests/watching, then make dashboards"
    assert recorded == panels().keys(), words
