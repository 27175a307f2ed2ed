"""`peygir sla calc`: a line in, a line out, right to the second, and in words where it cannot."""

import json
import subprocess
import sys
from typing import Any

import pytest

from services.calculator.answers import LINE_BYTES_MAX, answer

DAY = [["09:00", "17:00"]]
WEEKDAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), DAY)
BERLIN = {"tz": "Europe/Berlin", "weekly": WEEKDAYS}
TEHRAN = {"tz": "Asia/Tehran", "weekly": dict.fromkeys(("sat", "sun", "mon", "tue", "wed"), DAY)}
ALL_DAY = [["00:00", "24:00"]]
ALWAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ALL_DAY)


def asked(**question: object) -> dict[str, Any]:
    return json.loads(answer(json.dumps({"id": "q", **question}).encode()))


def deadline(start: str, seconds: int, calendar: dict[str, Any] = BERLIN, **more: object) -> str:
    return asked(
        kind="deadline", calendar=calendar, start=start, business_seconds=seconds, **more
    ).get("deadline", "none")


def error(**changed: object) -> str:
    question = {
        "kind": "deadline",
        "calendar": BERLIN,
        "start": "2026-11-24T10:00:00+01:00",
        "business_seconds": 60,
    }
    return asked(**(question | changed))["error"]


@pytest.mark.parametrize(
    ("start", "seconds", "expected"),
    [
        ("2026-11-24T10:00:00+01:00", 7 * 3_600, "2026-11-24T17:00:00+01:00"),
        ("2026-11-24T10:00:00+01:00", 7 * 3_600 + 1, "2026-11-25T09:00:01+01:00"),
        ("2026-11-24T16:59:59+01:00", 1, "2026-11-24T17:00:00+01:00"),
        ("2026-11-27T18:00:00+01:00", 0, "2026-11-30T09:00:00+01:00"),
        ("2026-11-24T17:00:00+01:00", 0, "2026-11-25T09:00:00+01:00"),
        ("2026-11-24T09:00:00Z", 60, "2026-11-24T10:01:00+01:00"),
    ],
)
def test_a_budget_ends_where_it_is_used_up(start: str, seconds: int, expected: str) -> None:
    assert deadline(start, seconds) == expected


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        # A pause outside hours costs nothing; one over a night costs its working part alone.
        ([["2026-11-24T17:00:00+01:00", "2026-11-25T09:00:00+01:00"]], "2026-11-25T10:00:00+01:00"),
        ([["2026-11-24T16:00:00+01:00", "2026-11-25T10:00:00+01:00"]], "2026-11-25T12:00:00+01:00"),
        # Pauses that overlap, or touch, are one.
        (
            [
                ["2026-11-24T10:00:00+01:00", "2026-11-24T12:00:00+01:00"],
                ["2026-11-24T11:00:00+01:00", "2026-11-24T13:00:00+01:00"],
            ],
            "2026-11-25T13:00:00+01:00",
        ),
        # A pause that begins where the budget is used up comes too late.
        ([["2026-11-25T10:00:00+01:00", "2026-11-26T10:00:00+01:00"]], "2026-11-25T10:00:00+01:00"),
    ],
)
def test_what_is_paused_does_not_count(pauses: list[list[str]], expected: str) -> None:
    assert deadline("2026-11-24T10:00:00+01:00", 8 * 3_600, pauses=pauses) == expected


def test_other_hours_win_over_a_holiday_and_both_over_the_week() -> None:
    calendar = BERLIN | {
        "holidays": ["2026-11-24", "2026-11-25"],
        "annual_holidays": ["11-26"],
        "date_overrides": {"2026-11-25": [["10:00", "11:00"]], "2026-11-27": []},
    }

    assert deadline("2026-11-24T09:00:00+01:00", 3_600, calendar) == "2026-11-25T11:00:00+01:00"
    assert deadline("2026-11-24T09:00:00+01:00", 3_601, calendar) == "2026-11-30T09:00:01+01:00"


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "expected"),
    [
        # Round the clock, a clock change neither adds nor takes an hour.
        (
            {"tz": "Europe/Berlin", "weekly": ALWAYS},
            "2026-03-28T12:00:00+01:00",
            86_400,
            "2026-03-29T13:00:00+02:00",
        ),
        (
            {"tz": "America/New_York", "weekly": ALWAYS},
            "2026-10-31T12:00:00-04:00",
            86_400,
            "2026-11-01T11:00:00-05:00",
        ),
        # Tehran moved its clocks until 1401, and never since.
        (
            {"tz": "Asia/Tehran", "weekly": ALWAYS},
            "2022-03-21T12:00:00+03:30",
            86_400,
            "2022-03-22T13:00:00+04:30",
        ),
        (
            {"tz": "Asia/Tehran", "weekly": ALWAYS},
            "2023-03-21T12:00:00+03:30",
            86_400,
            "2023-03-22T12:00:00+03:30",
        ),
        (TEHRAN, "2026-11-25T16:00:00+03:30", 2 * 3_600, "2026-11-28T10:00:00+03:30"),
    ],
)
def test_real_seconds_count_when_the_clocks_change(
    calendar: dict[str, Any], start: str, seconds: int, expected: str
) -> None:
    assert deadline(start, seconds, calendar) == expected


def test_elapsed_time_counts_hours_alone_and_never_below_nothing() -> None:
    def elapsed(start: str, end: str, **more: object) -> int:
        question = {"calendar": BERLIN, "start": start, "end": end, **more}
        return asked(kind="elapsed", **question)["business_seconds"]

    friday, monday = "2026-11-27T16:00:00+01:00", "2026-11-30T10:00:00+01:00"
    assert elapsed(friday, monday) == 2 * 3_600
    assert elapsed(monday, friday) == 0
    assert elapsed(friday, friday) == 0
    assert elapsed(friday, monday, pauses=[[friday, "2026-11-30T09:30:00+01:00"]]) == 1_800


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        ("2026-11-24T09:30:00+01:00", 60, "2026-11-23T16:30:00+01:00"),
        ("2026-11-24T10:00:00+01:00", 60, "2026-11-24T09:00:00+01:00"),
        ("2026-11-24T17:00:00+01:00", 0, "2026-11-24T17:00:00+01:00"),
        ("2026-11-23T09:00:00+01:00", 1, "2026-11-20T16:59:00+01:00"),
    ],
)
def test_the_moment_before_a_deadline_is_the_latest_with_as_much_left(
    at: str, minutes: int, expected: str
) -> None:
    found = asked(
        kind="before_deadline", calendar=BERLIN, deadline=at, business_minutes_before=minutes
    )

    assert found == {"id": "q", "time": expected}


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"),
        ("Asia/Tehran", "2022-03-22T00:30:00", "2022-03-22T01:30:00+04:30"),
        ("Asia/Tehran", "2022-09-21T23:30:00", "2022-09-21T23:30:00+04:30"),
        ("Asia/Tehran", "2023-03-22T00:30:00", "2023-03-22T00:30:00+03:30"),
    ],
)
def test_a_wall_time_in_a_gap_moves_forward_and_one_that_occurs_twice_is_the_first(
    zone: str, local: str, expected: str
) -> None:
    assert asked(kind="normalise_wall_time", tz=zone, local=local)["instant"] == expected


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"calendar": BERLIN | {"weekly": {"mon": []}}}, "calendar: weekly: has no working time"),
        ({"calendar": BERLIN | {"tz": "Mars/Olympus"}}, "calendar.tz: there is no time zone"),
        ({"calendar": BERLIN | {"weekly": {"mon": [["17:00", "09:00"]]}}}, "calendar.weekly.mon.0"),
        ({"calendar": BERLIN | {"weekly": {"mon": [["09:00", "24:01"]]}}}, "calendar.weekly.mon.0"),
        (
            {"calendar": BERLIN | {"weekly": {"mon": [*DAY, ["16:00", "18:00"]]}}},
            "calendar.weekly.mon: intervals overlap",
        ),
        ({"calendar": BERLIN | {"holydays": []}}, "calendar.holydays"),
        ({"calendar": BERLIN | {"holidays": ["2026-02-30"]}}, "calendar.holidays.0"),
        ({"calendar": BERLIN | {"annual_holidays": ["13-01"]}}, "calendar.annual_holidays.0"),
        ({"start": "2026-11-24T10:00:00"}, "start"),
        ({"start": 1_760_000_000}, "start"),
        ({"start": "1760000000"}, "start"),
        ({"start": "1850-01-01T00:00:00Z"}, "start"),
        ({"business_seconds": -1}, "business_seconds"),
        ({"business_seconds": 400_000_000}, "business_seconds"),
        ({"pauses": [["2026-11-24T10:00:00Z", "2026-11-24T09:00:00Z"]]}, "pauses.0: ends before"),
        ({"kind": "guess"}, "kind"),
        (
            {"calendar": {"tz": "UTC", "weekly": {}, "date_overrides": {"2020-01-01": DAY}}},
            "calendar: no working time in 3660 days",
        ),
    ],
)
def test_what_cannot_be_answered_names_the_field(changed: dict[str, Any], field: str) -> None:
    assert error(**changed).startswith(field)


@pytest.mark.parametrize(
    "line", [b"{", b"\n", b"[]", b"\xff", b"1", b'"' + b"x" * LINE_BYTES_MAX + b'"']
)
def test_a_line_that_is_no_question_has_an_answer_all_the_same(line: bytes) -> None:
    found = json.loads(answer(line))

    assert found["id"] is None
    assert found["error"]


def test_the_command_answers_each_line_in_its_order_and_goes_on_after_a_bad_one() -> None:
    good = json.dumps({"id": 1, "kind": "normalise_wall_time", "tz": "UTC", "local": "2026-01-01"})
    lines = [good, "nonsense", "", json.dumps({"id": 4})]

    done = subprocess.run(
        [sys.executable, "-m", "services.command", "sla", "calc"],
        input="\n".join(lines).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in answers] == [1, None, None, 4]
    assert ["error" in one for one in answers] == [False, True, True, True]
