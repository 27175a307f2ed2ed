"""What a person is shown of what the processes show."""

import json
from datetime import UTC, datetime

import pytest

from schemas import city_metrics, metrics
from schemas.metric import Metric
from services.watching.figures import LIMITS, View, state, view
from services.watching.pace import Pace
from services.watching.seen import Condition, Process
from services.watching.words import WORDS
from tests.deployments import ROOT
from tests.terminal.shown import CALM, DAY, FANI, PARKS, process

AT = datetime.fromtimestamp(1_003_600, UTC)
WALL = ROOT / "deploy" / "grafana" / "dashboards" / "operations.json"


def seen(*processes: Process, municipality: str | None = None) -> View:
    return view(processes, Pace(), AT, municipality)


def first_row(found: View) -> dict[str, float | None]:
    return {one.name: one.value for one in found.now}


def test_the_first_row_says_what_is_open_late_due_and_blocked() -> None:
    assert first_row(seen(process("accountant", DAY))) == {
        "open_cases": 112,
        "overdue_promises": 14,
        "urgent_and_overdue": 1,
        "due_within_an_hour": 5,
        "at_the_137_centre": 3,
        "line_blocked_for": 25,
    }


def test_one_municipality_is_seen_without_the_others_and_the_line_is_everybodys() -> None:
    of_boston = seen(process("accountant", DAY), municipality="boston")

    assert first_row(of_boston) == {
        "open_cases": 100,
        "overdue_promises": 0,
        "urgent_and_overdue": None,
        "due_within_an_hour": None,
        "at_the_137_centre": 1,
        "line_blocked_for": 25,
    }
    assert [one.department for one in of_boston.departments] == ["streets"]


def test_what_nobody_shows_is_unknown_which_is_not_none_and_not_fine() -> None:
    dark = seen(process("edge", {}))

    assert set(first_row(dark).values()) == {None}
    assert {one.state for one in (*dark.now, *dark.also)} == {"unknown"}
    assert not dark.fine


def test_figures_of_many_processes_add_up() -> None:
    held = seen(
        process("sla-timer-1", {(metrics.TIMER_HELD, ()): 2}),
        process("sla-timer-2", {(metrics.TIMER_HELD, ()): 3}),
    )

    assert {one.name: one.value for one in held.also}["held_notices"] == 5


def test_it_is_fine_where_nobody_has_to_act() -> None:
    late = {**CALM, (city_metrics.SLA_OPEN, (*PARKS, "normal", "overdue")): 3}

    assert seen(process("accountant", CALM)).fine
    assert seen(process("accountant", late)).fine


@pytest.mark.parametrize(
    ("series", "value"),
    [
        ((city_metrics.SLA_OPEN, (*PARKS, "urgent", "overdue")), 1),
        ((metrics.LAG_SECONDS, ("projector", "case-facts")), 61),
    ],
    ids=["urgent and overdue", "blocked"],
)
def test_it_is_not_fine_where_somebody_has_to_act(
    series: tuple[Metric, tuple[str, ...]], value: float
) -> None:
    assert not seen(process("accountant", {**CALM, series: value})).fine


@pytest.mark.parametrize("condition", ["ill", "down"])
def test_it_is_not_fine_where_a_process_is_not_well(condition: Condition) -> None:
    assert not seen(process("accountant", CALM), process("janitor", {}, condition)).fine


def test_departments_come_with_what_is_urgent_and_late_first() -> None:
    found = seen(process("accountant", DAY)).departments

    assert [(one.department, one.urgent_overdue, one.overdue) for one in found] == [
        ("parks", 1, 5),
        ("fani", None, 9),
        ("streets", None, 0),
    ]
    assert (found[0].open_cases, found[0].due_soon, found[0].oldest_seconds) == (9, 5, 3_600)
    assert found[1].oldest_seconds is None


def test_of_two_accountants_the_oldest_case_is_shown_once() -> None:
    both = seen(process("accountant-1", DAY), process("accountant-2", DAY))

    assert both.departments[0].oldest_seconds == 3_600


def test_a_clock_that_was_set_back_makes_no_case_younger_than_now() -> None:
    future = {**DAY, (city_metrics.CASES_OLDEST, FANI): AT.timestamp() + 900}
    ages = {one.department: one.oldest_seconds for one in seen(process("a", future)).departments}

    assert ages["fani"] == 0


def test_what_waits_longest_comes_first_and_what_does_not_wait_is_left_out() -> None:
    found = seen(process("accountant", DAY)).waiting

    assert [(one.consumer, one.source, one.messages, one.seconds) for one in found] == [
        ("router-progress", "progress-fani", 12, 25),
        ("projector", "case-facts", 40, 3),
    ]


def test_a_figure_is_called_by_its_limits() -> None:
    states = [state("line_blocked_for", value) for value in (0, 29.9, 30, 59.9, 60, 86_400)]

    assert states == ["fine", "fine", "look", "look", "act", "act"]
    assert state("open_cases", 1e9) == "fine"


def test_the_first_row_is_the_walls_by_words_limits_and_order() -> None:
    panels = json.loads(WALL.read_text())["panels"]
    wall = [one for one in panels if one["type"] == "stat" and one["gridPos"]["y"] <= 1]
    colours = {"yellow": 0, "red": 1}

    limits = {}
    for panel in wall:
        found = [float("inf"), float("inf")]
        for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
            if step["color"] in colours:
                found[colours[step["color"]]] = step["value"]
        # Where there is no yellow, red comes at once.
        limits[panel["title"]] = (min(found), found[1])

    ours = seen(process("accountant", DAY)).now
    assert [panel["title"] for panel in wall] == [WORDS["en"][one.name] for one in ours]
    assert list(limits.values()) == [LIMITS[one.name] for one in ours]
