"""What the policy of Boston says, held against the sample that it was read out of."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from streams.core.classifier import chosen, classify, compile_classifier
from streams.core.working_time import add_working_time, compile_calendar
from tests.policy.boston import boston

SAMPLE = Path(__file__).parents[1] / "data" / "boston_311_sample.csv"
CLASSIFIER = compile_classifier(boston())
OWNERS = {one.category: one.department for one in boston().categories}
SPOKEN = [
    ("There is a huge pothole on Centre Street", "pwdx"),
    ("The street light outside my house has been out for two weeks", "pwdx"),
    ("Dead raccoon in the road, please remove it", "pwdx"),
    ("Sidewalk is cracked and my mother tripped on it", "pwdx"),
    ("Please schedule a bulk item pickup for a mattress", "pwdx"),
    ("Our street was not plowed after the snow", "pwdx"),
    ("Traffic light is stuck on red at Mass Ave", "btdt"),
    ("Stop sign is missing since the crash", "btdt"),
    ("An abandoned car with no plates, parked for weeks", "btdt"),
    ("The parking meter ate my quarters", "btdt"),
    ("Rats in the alley behind the restaurant", "isd"),
    ("My landlord has given us no heat for three days", "isd"),
    ("Bedbugs in my apartment", "isd"),
    ("A porch is about to collapse, the structure looks unsafe", "isd"),
    ("A limb fell on my car, the tree is split", "park"),
    ("The swing at the playground is broken", "park"),
    ("Graffiti on the wall of the library", "prop"),
    ("I saw two needles next to the bench", "gen"),
    ("I found a dog with a collar and no owner", "anml"),
    ("My cat ran away last night", "anml"),
    ("Water main break, the road is flooding", "bwsc"),
    ("Someone opened the fire hydrant and it is running", "bwsc"),
    ("I was discriminated against by a realtor because of my race", "hs-o"),
    ("The ramp is too steep for my wheelchair", "disb"),
    ("A teen idea for participatory budgeting", "hs-y"),
    ("When does the city hall truck come to Mattapan", "cht"),
    ("Thank you for the great service of this city", "info"),
    ("It is about the thing of last week", "info"),
]


@pytest.mark.parametrize(("text", "department"), SPOKEN)
def test_a_message_in_english_reaches_its_department(text: str, department: str) -> None:
    found = classify(text, CLASSIFIER)

    assert OWNERS[found.category] == department, found


def test_what_a_reporter_chose_is_said_in_the_citys_language() -> None:
    code = next(one.category for one in boston().categories if one.title_en == "Graffiti Removal")

    assert chosen(code, CLASSIFIER).reason == "the reporter chose “Graffiti Removal”"


def test_every_type_of_the_sample_is_a_category_and_one_is_for_what_is_not_told_apart() -> None:
    types = {" ".join(row["TYPE"].split()) for row in rows()}

    titles = {one.title_en for one in boston().categories}

    assert titles - types == {"Not told apart"}
    assert types - titles == set()
    assert len(types) == 141
    assert len(boston().departments) == 13


def test_holidays_of_massachusetts_are_closed_and_saturdays_are_not_moved() -> None:
    closed = {one.day for one in boston().calendars[0].closed_dates}

    assert {date(2015, 4, 20), date(2015, 9, 7)} <= closed
    assert date(2015, 7, 3) not in closed


def test_budgets_give_the_deadlines_that_were_promised() -> None:
    # A calendar with other hours, or without the holidays, gives markedly fewer.
    calendar = compile_calendar(boston().calendars[0])
    budgets = {one.title_en: one.resolution for one in boston().categories}
    promised = [row for row in rows() if row["TARGET_DT"]]
    given = 0
    for row in promised:
        opened, target = local(row["OPEN_DT"]), local(row["TARGET_DT"])
        budget = budgets[" ".join(row["TYPE"].split())]
        if budget.working_time:
            due = add_working_time(opened.astimezone(UTC), budget.seconds, calendar)
            given += abs((target.astimezone(UTC) - due).total_seconds()) < 180
        else:
            wall = target.replace(tzinfo=None) - opened.replace(tzinfo=None)
            given += abs(wall.total_seconds() - budget.seconds) < 180

    assert (given, len(promised)) == (3_649, 5_226)


def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def local(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(
        tzinfo=ZoneInfo("America/New_York")
    )
