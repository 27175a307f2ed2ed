"""Policy files, and what is said of those that are wrong."""

from pathlib import Path

import pytest

from schemas.policy import Budget
from services.policy.load import load
from tests.policy.files import problems, written


def test_good_files_are_a_draft(tmp_path: Path) -> None:
    draft = load(written(tmp_path))

    trees, other = draft.categories
    assert draft.municipality == "testshahr"
    assert trees.resolution == Budget(seconds=2 * 6 * 3_600, working_time=True)
    assert trees.first_response == Budget(seconds=4 * 3_600, working_time=True)
    assert other.first_response == Budget(seconds=1_800, working_time=False)
    assert trees.evidence[1].all_of == (("branch", "bough"), ("broken down", "fallen down"))
    assert draft.place_words == ("near", "beside the")


def test_the_shifts_of_a_day_stand_in_order(tmp_path: Path) -> None:
    office = load(written(tmp_path)).calendars[0]

    assert [one.opens for one in office.week[0]] == [9 * 3_600, 13 * 3_600]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "categories",
            "department: parks",
            "department: park",
            'categories.yaml:11: categories.GRN-01.department: there is no department "park"',
        ),
        (
            "categories",
            "    department: parks\n",
            "",
            "categories.yaml:7: categories.GRN-01.department: is missing",
        ),
        (
            "categories",
            "resolution: 2 working days",
            "resolution: soon",
            "categories.yaml:14: categories.GRN-01.resolution: is to be like",
        ),
        (
            "categories",
            "resolution: 2 working days",
            "resolution: 3661 days",
            "categories.yaml:14: categories.GRN-01.resolution: is more than ten years",
        ),
        (
            "categories",
            "resolution: 2 working days",
            "resolution: 0 hours",
            "categories.yaml:14: categories.GRN-01.resolution: is to be more than nothing",
        ),
        (
            "categories",
            "resolution: 8 hours",
            "resolution: 20 minutes",
            "categories.yaml:23: categories.OTH-01.resolution: is shorter than the first response",
        ),
        (
            "categories",
            "priority: normal",
            "priority: asap",
            "categories.yaml:12: categories.GRN-01.priority: is to be one of urgent, high",
        ),
        (
            "categories",
            "problem_report: true",
            "problem_report: maybe",
            "categories.yaml:10: categories.GRN-01.problem_report: is to be true or false",
        ),
        (
            "categories",
            "  OTH-01:",
            "  GRN-01:",
            'categories.yaml:15: found duplicate key "GRN-01"',
        ),
        (
            "categories",
            "location_required: true",
            "location_require: true",
            "categories.yaml:13: categories.GRN-01.location_require: is not a key of this section",
        ),
        (
            "categories",
            "[50, 90]",
            "[50, 100]",
            "categories.yaml:1: warn_percents: is to be a list of whole numbers between 0 and 100",
        ),
        (
            "categories",
            "low: 1 working day",
            "low: 1 day",
            "categories.yaml:5: first_response.working_time.low: is not in working time",
        ),
        ("words", "tree, ", '"", ', 'words.yaml:2: GRN-01.3: "": a word is empty'),
        ("words", '[tree, "branch', "[] #", "words.yaml:2: GRN-01.3: the list of words is empty"),
        ("words", "GRN-01:", "GRN-99:", "words.yaml:1: GRN-99: there is no such category"),
        ("words", "3: [", "strong: [", "words.yaml:2: GRN-01.strong: a weight is a whole number"),
        (
            "calendar",
            "zone: Europe/Berlin",
            "zone: Europe/Bonn",
            'calendar.yaml:4: calendars.office.zone: there is no time zone "Europe/Bonn"',
        ),
        (
            "calendar",
            '["09:00", "12:00"], ["13:00", "16:00"]',
            '["09:00", "13:30"], ["13:00", "16:00"]',
            "calendar.yaml:8: calendars.office.weekly.tuesday: the intervals 09:00–13:30 and",
        ),
        (
            "calendar",
            '["09:00", "24:00"]',
            '["22:00", "06:00"]',
            "calendar.yaml:10: calendars.office.weekly.thursday: the interval 22:00–06:00 ends",
        ),
        (
            "calendar",
            '["09:00", "24:00"]',
            '["09:00", "24:01"]',
            'calendar.yaml:10: calendars.office.weekly.thursday: "09:00" to "24:01": times are',
        ),
        (
            "calendar",
            "      wednesday: []\n",
            "",
            "calendar.yaml:6: calendars.office.weekly.wednesday: is missing",
        ),
        (
            "calendar",
            "2026-11-30: snow",
            "2026-11-31: snow",
            "calendar.yaml:15: there is no date 2026-11-31",
        ),
        (
            "calendar",
            "02-29: leap",
            "02-30: leap",
            "calendar.yaml:16: calendars.office.closed_annually.02-30: is to be a month and a day",
        ),
        (
            "calendar",
            "country: DE",
            "country: XX",
            "calendar.yaml:14: calendars.office.holidays.country: the library knows no holidays",
        ),
        ("calendar", "default: office", "default: shop", "calendar.yaml:1: default: there is no"),
        (
            "departments",
            "calendar: always",
            "calendar: never",
            'departments.yaml:10: centre.calendar: there is no calendar "never"',
        ),
        (
            "departments",
            "  contact: centre@",
            "  parent: parks\n  contact: centre@",
            "departments.yaml:4: parks.parent: the tree goes in a circle: parks → centre → parks",
        ),
        (
            "departments",
            "parent: centre",
            "parent: mayor",
            'departments.yaml:4: parks.parent: there is no department "mayor"',
        ),
        (
            "departments",
            "parks:",
            "Parks_1:",
            "departments.yaml:1: Parks_1: an id is lower-case letters and hyphens",
        ),
        (
            "municipality",
            "category: OTH-01",
            "category: GRN-01",
            "municipality.yaml:7: centre.category: belongs to parks",
        ),
        (
            "municipality",
            "channel: sms",
            "channel: fax",
            "municipality.yaml:10: adapters[0].channel: is to be one of phone, sms",
        ),
        (
            "municipality",
            "id: sms-gateway",
            "id: sms",
            "municipality.yaml:9: adapters[0].id: an id is lower-case letters and hyphens",
        ),
        ("municipality", "language: en", "language: [", "municipality.yaml:"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_field(
    tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    found = problems(written(tmp_path, (name, old, new)))

    assert any(one.startswith(said) for one in found), found


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    found = problems(
        written(
            tmp_path,
            ("categories", "department: parks", "department: park"),
            ("calendar", "zone: Europe/Berlin", "zone: Nowhere"),
            ("departments", "parent: centre", "parent: mayor"),
        )
    )

    assert [one.split(":")[0] for one in found] == [
        "calendar.yaml",
        "categories.yaml",
        "departments.yaml",
    ]


def test_a_calendar_without_working_time_is_refused(tmp_path: Path) -> None:
    closed = "\n".join(f"      {day}: []" for day in ("monday", "tuesday", "thursday"))
    open_days = (
        '      monday: [["13:00", "16:00"], ["09:00", "12:00"]]\n'
        '      tuesday: [["09:00", "12:00"], ["13:00", "16:00"]]\n'
        "      wednesday: []\n"
        '      thursday: [["09:00", "24:00"]]'
    )
    found = problems(written(tmp_path, ("calendar", open_days, closed + "\n      wednesday: []")))

    assert found == ["calendar.yaml:6: calendars.office.weekly: has no working time on any day"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (written(tmp_path) / "words.yaml").unlink()

    assert problems(tmp_path) == ["words.yaml: cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"- a\n", "is to be a mapping"),
        (b"", "is to be a mapping"),
        (b"a: " + b"x" * 2_000_000, "is larger than"),
        (b"a: !!python/object:os.system x\n", "is missing"),
    ],
)
def test_bytes_that_are_no_policy_are_refused_in_words(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    (written(tmp_path) / "municipality.yaml").write_bytes(raw)

    assert any(said in one for one in problems(tmp_path))


def test_alternatives_that_multiply_are_bounded(tmp_path: Path) -> None:
    many = " / ".join(["|".join(f"w{n}" for n in range(50))] * 6)
    found = problems(written(tmp_path, ("words", "[tree, ", f'["{many}", ')))

    assert any("more than 500 alternatives" in one for one in found)
