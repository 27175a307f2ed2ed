"""Clocks by example, one for each mistake that other engines shipped: hours, nights, changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from schemas.calendar import Calendar
from schemas.facts import Fact
from schemas.policy import Budget
from streams.core.case import Case
from streams.core.terms import AllTerms
from tests.calendars import calendar, every_day, hours, iranian
from tests.steering import HOUR, city, known, opened, paused, real, resumed, working
from tests.told import announced, clock, names, told

NINE_TO_FIVE = every_day("UTC", ("09:00", "17:00"))
OFFICE = iranian(("08:00", "16:00"))
ALL_DAY = ("00:00", "24:00")
ONE_HOUR_A_WEEK = calendar("UTC", {"thursday": hours(("10:00", "11:00"))})


@dataclass(frozen=True, kw_only=True)
class Example:
    """A budget that starts somewhen, what it is paused for, and when it is used up."""

    hours: Calendar
    start: str
    budget: Budget
    pauses: Sequence[tuple[str, str]] = ()
    ends: str


EXAMPLES = {
    "hold time that counts hours in which nobody works": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T10:00Z",
        budget=working(8 * HOUR),
        pauses=[("2026-11-23T17:00Z", "2026-11-24T09:00Z")],
        ends="2026-11-24T10:00Z",
    ),
    "hold time over a night that is added whole": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T10:00Z",
        budget=working(8 * HOUR),
        pauses=[("2026-11-23T16:00Z", "2026-11-24T10:00Z")],
        ends="2026-11-24T12:00Z",
    ),
    "hold time over a weekend that is added whole": Example(
        hours=OFFICE,
        start="2026-11-25T14:00+03:30",
        budget=working(4 * HOUR),
        pauses=[("2026-11-25T15:00+03:30", "2026-11-28T09:00+03:30")],
        ends="2026-11-28T12:00+03:30",
    ),
    "hold time within a weekend that moves a deadline": Example(
        hours=OFFICE,
        start="2026-11-25T14:00+03:30",
        budget=working(4 * HOUR),
        pauses=[("2026-11-26T10:00+03:30", "2026-11-27T10:00+03:30")],
        ends="2026-11-28T10:00+03:30",
    ),
    "hold time that is applied twice": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T09:00Z",
        budget=working(4 * HOUR),
        pauses=[
            ("2026-11-23T10:00Z", "2026-11-23T10:30:01Z"),
            ("2026-11-23T11:00Z", "2026-11-23T12:00Z"),
        ],
        ends="2026-11-23T14:30:01Z",
    ),
    "hold time that is added to the creation and not to the deadline": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T16:00Z",
        budget=working(2 * HOUR),
        pauses=[("2026-11-24T09:30Z", "2026-11-24T16:45Z")],
        ends="2026-11-25T09:15Z",
    ),
    "a second where no working time went by": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T10:00Z",
        budget=working(HOUR),
        pauses=[("2026-11-23T10:30Z", "2026-11-23T10:30Z")],
        ends="2026-11-23T11:00Z",
    ),
    "the last minute of a day that is open to 24:00": Example(
        hours=every_day("UTC", ALL_DAY),
        start="2026-11-23T23:58:30Z",
        budget=working(61),
        ends="2026-11-23T23:59:31Z",
    ),
    "the last minute of a day that is open to 24:00, paused": Example(
        hours=every_day("UTC", ALL_DAY),
        start="2026-11-23T23:58:30Z",
        budget=working(91),
        pauses=[("2026-11-23T23:59:10Z", "2026-11-23T23:59:40Z")],
        ends="2026-11-24T00:00:31Z",
    ),
    "midnight of a day that is open to 24:00": Example(
        hours=every_day("UTC", ALL_DAY),
        start="2026-11-23T23:00Z",
        budget=working(HOUR),
        ends="2026-11-24T00:00Z",
    ),
    "a day taken for 24 hours: Berlin in spring": Example(
        hours=every_day("Europe/Berlin", ("01:00", "04:00")),
        start="2026-03-29T01:00+01:00",
        budget=working(4 * HOUR),
        ends="2026-03-30T03:00+02:00",
    ),
    "a day taken for 24 hours: Berlin in autumn": Example(
        hours=every_day("Europe/Berlin", ALL_DAY),
        start="2026-10-25T00:00+02:00",
        budget=working(4 * HOUR),
        ends="2026-10-25T03:00+01:00",
    ),
    "an hour that comes twice, paused": Example(
        hours=every_day("Europe/Berlin", ALL_DAY),
        start="2026-10-25T00:00+02:00",
        budget=working(4 * HOUR),
        pauses=[("2026-10-25T01:00+02:00", "2026-10-25T03:00+01:00")],
        ends="2026-10-25T06:00+01:00",
    ),
    "a day taken for 24 hours: New York in spring": Example(
        hours=every_day("America/New_York", ALL_DAY),
        start="2026-03-08T01:30-05:00",
        budget=working(HOUR),
        ends="2026-03-08T03:30-04:00",
    ),
    "a day taken for 24 hours: New York in autumn": Example(
        hours=every_day("America/New_York", ALL_DAY),
        start="2026-11-01T00:30-04:00",
        budget=working(2 * HOUR),
        ends="2026-11-01T01:30-05:00",
    ),
    "a change at midnight: Tehran in the spring of 1401": Example(
        hours=every_day("Asia/Tehran", ALL_DAY),
        start="2022-03-21T22:00+03:30",
        budget=working(4 * HOUR),
        ends="2022-03-22T03:00+04:30",
    ),
    "a change at midnight: Tehran in the autumn of 1401": Example(
        hours=every_day("Asia/Tehran", ALL_DAY),
        start="2022-09-21T22:00+04:30",
        budget=working(3 * HOUR),
        ends="2022-09-22T00:00+03:30",
    ),
    "a change that is gone: Tehran in the spring of 1402": Example(
        hours=every_day("Asia/Tehran", ALL_DAY),
        start="2023-03-21T22:00+03:30",
        budget=working(4 * HOUR),
        ends="2023-03-22T02:00+03:30",
    ),
    "office hours after the change that is gone: Tehran in the summer of 1402": Example(
        hours=OFFICE,
        start="2023-07-05T15:00+03:30",
        budget=working(2 * HOUR),
        ends="2023-07-08T09:00+03:30",
    ),
    "wall time where working time was promised": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T16:00Z",
        budget=working(2 * HOUR),
        ends="2026-11-24T10:00Z",
    ),
    "working time where all time was promised": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T16:00Z",
        budget=real(2 * HOUR),
        pauses=[("2026-11-23T17:30Z", "2026-11-23T20:00Z")],
        ends="2026-11-23T20:30Z",
    ),
    "a week with one open hour": Example(
        hours=ONE_HOUR_A_WEEK,
        start="2026-11-20T09:00Z",
        budget=working(3 * HOUR),
        ends="2026-12-10T11:00Z",
    ),
    "a week with one open hour, and a pause over one of them": Example(
        hours=ONE_HOUR_A_WEEK,
        start="2026-11-20T09:00Z",
        budget=working(3 * HOUR),
        pauses=[("2026-12-01T09:00Z", "2026-12-04T09:00Z")],
        ends="2026-12-17T11:00Z",
    ),
    "a budget that ends with the day": Example(
        hours=NINE_TO_FIVE,
        start="2026-11-23T15:00Z",
        budget=working(2 * HOUR),
        ends="2026-11-23T17:00Z",
    ),
}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def lived(example: Example) -> tuple[Case, AllTerms]:
    made = city(example.hours, answer=real(60), done=example.budget)
    facts: list[Fact] = [*opened(made, moment(example.start))]
    for since, to in example.pauses:
        facts.append(paused(moment(since), moment(to) + timedelta(days=365)))
        facts.append(resumed(moment(to)))
    return told(*facts, terms=known(made)), known(made)


@pytest.mark.parametrize("mistake", EXAMPLES)
def test_a_deadline_is_right_where_others_had(mistake: str) -> None:
    example = EXAMPLES[mistake]

    case, _ = lived(example)

    assert clock(case).promise.deadline == moment(example.ends)


@pytest.mark.parametrize("mistake", EXAMPLES)
def test_a_breach_is_announced_right_after_that_and_not_a_moment_before(mistake: str) -> None:
    example = EXAMPLES[mistake]
    ends = moment(example.ends)
    case, terms = lived(example)

    at_the_end, said = announced(case, ends, terms)
    assert "resolution/breached" not in names(said)

    _, said = announced(at_the_end, ends + timedelta(microseconds=1), terms)
    assert "resolution/breached" in names(said)


def test_a_pause_that_ends_by_itself_is_as_good_as_one_that_is_ended() -> None:
    """A suspension without an end: the timer forgets it, and nothing is ever late."""
    for example in EXAMPLES.values():
        made = city(example.hours, answer=real(60), done=example.budget)
        facts: list[Fact] = [*opened(made, moment(example.start))]
        facts += (paused(moment(since), moment(to)) for since, to in example.pauses)
        case, _ = announced(told(*facts, terms=known(made)), moment(example.ends), known(made))

        assert clock(case).promise.deadline == moment(example.ends)


def test_a_warning_before_a_deadline_early_in_the_day_does_not_land_at_midnight() -> None:
    made = city(NINE_TO_FIVE, answer=real(60), done=working(HOUR))
    case = told(*opened(made, moment("2026-11-23T16:30Z")), terms=known(made))

    promise = clock(case).promise

    assert promise.deadline == moment("2026-11-24T09:30Z")
    assert [(one.percent, one.at) for one in promise.warnings] == [
        (50, moment("2026-11-23T17:00Z")),
        (75, moment("2026-11-24T09:15Z")),
        (90, moment("2026-11-24T09:24Z")),
    ]


def test_the_ladder_climbs_in_working_time_from_where_a_pause_put_the_deadline() -> None:
    made = city(NINE_TO_FIVE, answer=real(60), done=working(2 * HOUR))
    start, terms = moment("2026-11-23T14:00Z"), known(made)
    waited = (
        paused(moment("2026-11-23T15:00Z"), moment("2026-11-30T15:00Z")),
        resumed(moment("2026-11-23T15:30Z")),
    )

    case = told(*opened(made, start), *waited, terms=terms)

    promise = clock(case).promise
    assert promise.deadline == moment("2026-11-23T16:30Z")
    assert [(one.role, one.at, one.department) for one in promise.escalations] == [
        ("head", moment("2026-11-24T09:30Z"), None),
        ("deputy", moment("2026-11-24T12:30Z"), "moaven"),
        ("mayor", moment("2026-11-25T16:30Z"), None),
    ]
