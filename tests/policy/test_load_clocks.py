"""How a city writes its clocks: holding times, ladders, pauses, and budgets with conditions."""

from pathlib import Path

import pytest

from schemas.policy import EscalationStep
from services.policy.close import close
from services.policy.load import load
from tests.policy.files import problems, real, working, written
from tests.policy.hashtgerd import SINCE

PARKS_END = "  contact: parks@testshahr.example\n"
CENTRE_END = "  calendar: always\n"


def test_a_department_holds_as_long_as_the_city_says_in_days_of_its_own_calendar(
    tmp_path: Path,
) -> None:
    parks, centre = load(written(tmp_path)).departments

    assert parks.holding == working(2 * 6)
    assert centre.holding == working(2 * 8)


def test_a_ladder_is_the_citys_in_days_of_the_departments_own_calendar(tmp_path: Path) -> None:
    parks, centre = load(written(tmp_path)).departments

    assert parks.escalation == (
        EscalationStep(role="head", after=working(1)),
        EscalationStep(role="mayor", after=working(6)),
    )
    assert centre.escalation[1].after == working(8)


def test_a_department_has_its_own_where_it_says_so(tmp_path: Path) -> None:
    own = "  holding: 3 hours\n  escalation: [{role: deputy, after: 10 minutes}]\n"
    parks, centre = load(
        written(
            tmp_path,
            ("departments", PARKS_END, PARKS_END + own),
            ("departments", CENTRE_END, CENTRE_END + "  holding: none\n  escalation: []\n"),
        )
    ).departments

    assert parks.holding == real(3)
    assert parks.escalation == (EscalationStep(role="deputy", after=real(1 / 6)),)
    assert centre.holding is None
    assert centre.escalation == ()


def test_reasons_to_pause_stop_resolution_and_holding_unless_they_say_otherwise(
    tmp_path: Path,
) -> None:
    citizen, weather = load(written(tmp_path)).pauses

    assert citizen.reason == "waiting-for-citizen"
    assert citizen.longest == working(5 * 6)
    assert citizen.clocks == ("resolution", "holding")
    assert weather.longest == real(48)
    assert weather.clocks == ("resolution",)


def test_a_city_without_the_file_has_the_categories_budgets_and_nothing_else(
    tmp_path: Path,
) -> None:
    (written(tmp_path, ("life", "    pause: weather\n", "")) / "clocks.yaml").unlink()

    draft = load(tmp_path)

    assert (draft.budgets, draft.pauses) == ((), ())
    assert [(one.holding, one.escalation) for one in draft.departments] == [(None, ())] * 2


def test_warnings_are_at_50_75_and_90_percent_unless_the_city_says_otherwise(
    tmp_path: Path,
) -> None:
    line = "warn_percents: [50, 90]\n"

    usual = load(written(tmp_path, ("categories", line, "")))
    assert {one.warn_percents for one in usual.categories} == {(50, 75, 90)}

    never = load(written(tmp_path, ("categories", line, "warn_percents: []\n")))
    assert {one.warn_percents for one in never.categories} == {()}


def test_what_the_files_say_is_closed_into_the_policy(tmp_path: Path) -> None:
    draft = load(written(tmp_path))

    policy = close(draft, SINCE)

    assert (policy.budgets, policy.pauses) == (draft.budgets, draft.pauses)
    assert policy.departments == draft.departments


LADDER = "  - {role: head, after: 1 working hour}\n"
PAUSES = [
    (
        "longest: 48 hours",
        "longest: 0 hours",
        "clocks.yaml:13: pauses.weather.longest: is to be more than nothing",
    ),
    ("    longest: 48 hours\n", "", "clocks.yaml:10: pauses.weather.longest: is missing"),
    (
        "[resolution]",
        "[answer]",
        'clocks.yaml:14: pauses.weather.clocks: "answer" is no clock; there are first-response',
    ),
    ("[resolution]", "[]", "clocks.yaml:14: pauses.weather.clocks: names none"),
    (
        "[resolution]",
        "[resolution, resolution]",
        'clocks.yaml:14: pauses.weather.clocks: "resolution" occurs twice',
    ),
    ("[resolution]", "resolution", "clocks.yaml:14: pauses.weather.clocks: is to be a list"),
    ("  weather:", "  The weather:", "clocks.yaml:10: pauses.The weather: an id is lower-case"),
    (
        "    title_fa: هوا\n",
        "",
        "clocks.yaml:10: pauses.weather.title_fa: is missing",
    ),
    (
        "title_en: Weather",
        "title_en: Weather\n    max: 3 days",
        "clocks.yaml:13: pauses.weather.max: is not a key of this section",
    ),
    ("pauses:\n", "pauses:\n  rain: soon\n", "clocks.yaml:6: pauses.rain: is to be a mapping"),
]
HOLDINGS = [
    ("2 working days", "a while", "clocks.yaml:1: holding: is to be like"),
    ("2 working days", "0 days", "clocks.yaml:1: holding: is to be more than nothing"),
    ("2 working days", "[2]", "clocks.yaml:1: holding: is to be a text"),
    (
        LADDER,
        LADDER.replace("head", "boss"),
        "clocks.yaml:3: escalation[0].role: is to be one of head, deputy, mayor",
    ),
    (LADDER, "  - {after: 1 hour}\n", "clocks.yaml:3: escalation[0].role: is missing"),
    (LADDER, "  - {role: head}\n", "clocks.yaml:3: escalation[0].after: is missing"),
    (
        LADDER,
        LADDER.replace("1 working", "0 working"),
        "clocks.yaml:3: escalation[0].after: is to be more than nothing",
    ),
    (
        LADDER,
        "  - {role: mayor, after: 1 working hour}\n",
        "clocks.yaml:4: escalation[1].role: is told once, in the order head, deputy, mayor",
    ),
    (
        LADDER + "  - {role: mayor",
        "  - {role: mayor, after: 1 working hour}\n  - {role: deputy",
        "clocks.yaml:4: escalation[1].role: is told once, in the order head, deputy, mayor",
    ),
    (
        "1 working hour",
        "6 working hours",
        "clocks.yaml:4: escalation[1].after: is to be later than the step before it",
    ),
    (
        "1 working hour",
        "1 hour",
        "clocks.yaml:4: escalation[1].after: is to count round the clock like the step before it",
    ),
    (
        LADDER,
        LADDER.replace("role: head,", "role: head, sms: true,"),
        "clocks.yaml:3: escalation[0].sms: is not a key of this section",
    ),
    (LADDER, "  - head\n", "clocks.yaml:2: escalation[0]: is to be a mapping"),
]


@pytest.mark.parametrize(("old", "new", "said"), [*PAUSES, *HOLDINGS])
def test_a_mistake_in_the_clocks_is_named_with_line_and_field(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    found = problems(written(tmp_path, ("clocks", old, new)))

    assert any(one.startswith(said) for one in found), found


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("holding: soon", "departments.yaml:6: parks.holding: is to be like"),
        (
            "escalation: [{role: deputy, after: 2 hours}, {role: mayor, after: 1 hour}]",
            "departments.yaml:6: parks.escalation[1].after: is to be later",
        ),
        ("deputy: parks", "departments.yaml:6: parks.deputy: is the department itself"),
        ("escalation: head", "departments.yaml:6: parks.escalation: is to be a list"),
    ],
)
def test_a_mistake_in_a_departments_own_clocks_is_named(
    tmp_path: Path, own: str, said: str
) -> None:
    found = problems(written(tmp_path, ("departments", PARKS_END, f"{PARKS_END}  {own}\n")))

    assert any(one.startswith(said) for one in found), found


def test_a_wrong_default_is_named_once_however_many_departments_have_it(tmp_path: Path) -> None:
    found = problems(written(tmp_path, ("clocks", "holding: 2 working days", "holding: soon")))

    assert len(found) == 1
