"""What a policy says of other systems' past, of regional holidays, and of odd working days."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from schemas.policy import ImportPolicy
from services.policy.close import close
from services.policy.load import load
from services.policy.problems import PolicyError
from tests.policy.files import written

IMPORTS = "imports: [{system: former-crm, times: claimed}, {system: lists, times: recorded}]\n"
HOURS = "working_day_hours: 6"


def test_the_systems_whose_past_may_be_imported_are_named(tmp_path: Path) -> None:
    folder = written(tmp_path, ("municipality", "place_words:", f"{IMPORTS}place_words:"))

    policy = close(load(folder), datetime(2026, 11, 24, tzinfo=UTC))

    assert policy.imports == (
        ImportPolicy(system="former-crm", times="claimed"),
        ImportPolicy(system="lists", times="recorded"),
    )


def test_a_working_day_may_be_no_whole_number_of_hours(tmp_path: Path) -> None:
    draft = load(written(tmp_path, ("calendar", HOURS, "working_day_minutes: 510")))

    assert draft.categories[0].resolution.seconds == 2 * 510 * 60


def test_holidays_of_a_part_of_the_country_are_closed(tmp_path: Path) -> None:
    berlin = ("calendar", "country: DE,", "country: DE, subdivision: BE,")

    policy = close(load(written(tmp_path, berlin)), datetime(2026, 11, 24, tzinfo=UTC))

    assert date(2027, 3, 8) in {one.day for one in policy.calendars[0].closed_dates}


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "municipality",
            "place_words:",
            f"{IMPORTS.replace('lists', 'former-crm')}place_words:",
            'municipality.yaml:11: imports: the id "former-crm" occurs twice',
        ),
        (
            "municipality",
            "place_words:",
            f"{IMPORTS.replace('recorded', 'guessed')}place_words:",
            "municipality.yaml:11: imports[1].times: is to be one of claimed, recorded",
        ),
        (
            "municipality",
            "place_words:",
            f"{IMPORTS.replace('lists', 'The Lists')}place_words:",
            "municipality.yaml:11: imports[1].system: an id is lower-case letters and hyphens",
        ),
        (
            "calendar",
            "country: DE,",
            "country: DE, subdivision: XX,",
            "calendar.yaml:14: calendars.office.holidays.subdivision: the library knows no",
        ),
        (
            "calendar",
            HOURS,
            f"{HOURS}\n    working_day_minutes: 510",
            "calendar.yaml:5: calendars.office.working_day_hours: is said already",
        ),
        (
            "calendar",
            HOURS,
            "working_day_minutes: 5",
            "calendar.yaml:5: calendars.office.working_day_minutes: is to be a whole number",
        ),
    ],
)
def test_a_mistake_is_named_by_its_line(
    tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(PolicyError) as found:
        load(written(tmp_path, (name, old, new)))

    assert any(str(one).startswith(said) for one in found.value.problems), found.value
