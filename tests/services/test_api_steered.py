"""Cases that wait, are passed on, linked and reopened, as the read API and the citizen see them."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import pytest

from schemas.policy import Budget, PausePolicy
from schemas.vocabulary import PauseReason
from streams.core.ids import spoken
from tests.builders import NOON, acknowledged, after, resolved
from tests.calendars import every_day
from tests.reading import READ, Tables, asked, case_id, code, filled, get, listed
from tests.steering import (
    HOUR,
    WEATHER,
    city,
    known,
    linked,
    opened,
    passed_on,
    paused,
    real,
    reopened,
)

pytestmark = pytest.mark.integration

VERSION = replace(
    city(
        every_day("UTC", ("00:00", "24:00")),
        answer=real(HOUR),
        done=real(9 * HOUR),
        held=real(HOUR),
    ),
    pauses=(
        PausePolicy(
            reason=PauseReason(WEATHER),
            title_fa="هوا",
            title_en="Weather",
            longest=Budget(seconds=HOUR, working_time=False),
            clocks=("resolution", "holding"),
        ),
    ),
)
TERMS = known(VERSION)
PASSED_ON, WAITS, FOLLOWS, AGAIN, PLAIN = range(1, 6)


def begun(number: int):  # a submission and its routing
    first, second = opened(VERSION, NOON, case_id(number))
    return replace(first, tracking_code=code(number)), second


HISTORIES = {
    PASSED_ON: (*begun(PASSED_ON), passed_on(after(600), case_id=case_id(PASSED_ON))),
    WAITS: (*begun(WAITS), paused(after(600), after(HOUR), case_id=case_id(WAITS))),
    FOLLOWS: (*begun(FOLLOWS), linked(after(60), case_id(PLAIN), case_id=case_id(FOLLOWS))),
    AGAIN: (
        *begun(AGAIN),
        acknowledged(case_id(AGAIN), at=after(60)),
        resolved(case_id(AGAIN), at=after(600)),
        reopened(after(HOUR), case_id=case_id(AGAIN)),
    ),
    PLAIN: begun(PLAIN),
}


@pytest.fixture(scope="module")
def url(database: str) -> str:
    async def fill(tables: Tables) -> None:
        for facts in HISTORIES.values():
            await tables.add(*facts, terms=TERMS)

    filled(database, fill)
    return database


def shown(url: str, number: int, at: datetime | None = None):  # JSON
    moment = f"?at={quote(at.isoformat())}" if at else ""
    answer = get(url, f"/api/v1/cases/{case_id(number)}{moment}", READ, policies=(VERSION,))
    assert answer.status_code == 200, answer.text
    return answer.json()


def tracked(url: str, number: int):  # JSON
    return get(url, f"/api/v1/track/{code(number)}", policies=(VERSION,)).json()


@pytest.mark.parametrize("number", HISTORIES)
def test_a_case_at_the_end_of_time_is_the_case_as_it_is_stored(url: str, number: int) -> None:
    assert shown(url, number, after(99 * HOUR)) == shown(url, number)


def test_a_case_that_is_passed_on_has_a_clock_of_each_department(url: str) -> None:
    case = shown(url, PASSED_ON)

    held = [one for one in case["clocks"] if one["kind"] == "holding"]
    assert [(one["cycle"], one["department"], one["state"]) for one in held] == [
        (0, "parks", "met"),
        (1, "fani", "running"),
    ]
    assert (case["department"], case["transfers"]) == ("fani", 1)
    assert shown(url, PASSED_ON, after(599))["department"] == "parks"


def test_a_case_that_waits_says_why_and_until_when(url: str) -> None:
    case = shown(url, WAITS)

    assert case["waiting"]["reason"] == WEATHER
    assert datetime.fromisoformat(case["waiting"]["until"]) == after(HOUR)
    states = {one["kind"]: one["state"] for one in case["clocks"]}
    assert states == {"first-response": "running", "resolution": "paused", "holding": "paused"}
    assert shown(url, WAITS, after(599))["waiting"] is None


def test_a_case_that_follows_another_names_it_and_owes_nothing(url: str) -> None:
    case = shown(url, FOLLOWS)

    assert (case["parent"], case["due_at"]) == (case_id(PLAIN), None)
    assert {one["state"] for one in case["clocks"]} == {"linked"}


def test_a_case_that_was_reopened_has_a_new_promise_beside_the_old_verdict(url: str) -> None:
    case = shown(url, AGAIN)

    resolutions = [one for one in case["clocks"] if one["kind"] == "resolution"]
    assert [(one["cycle"], one["state"]) for one in resolutions] == [(0, "met"), (1, "running")]
    assert (case["reopenings"], case["closed_at"]) == (1, None)
    assert shown(url, AGAIN, after(700))["reopenings"] == 0


def test_lists_find_what_waits_and_what_follows(url: str) -> None:
    assert listed(url, "waiting=true") == [WAITS]
    assert WAITS not in listed(url, "waiting=false")
    assert listed(url, f"parent={case_id(PLAIN)}") == [FOLLOWS]
    assert listed(url, "state=linked") == [FOLLOWS]


def test_the_past_is_not_made_up_without_the_policy_that_it_rests_on(url: str) -> None:
    path = f"/api/v1/cases/{case_id(PASSED_ON)}?at={quote(after(HOUR).isoformat())}"

    answer = get(url, path, READ, policies=())

    assert answer.status_code == 503
    assert VERSION.version in answer.json()["detail"]
    assert "retry-after" in answer.headers


def test_a_citizen_is_told_each_step_in_words_and_nothing_of_departments_between(url: str) -> None:
    steps = {number: [one["step"] for one in tracked(url, number)["steps"]] for number in HISTORIES}

    assert steps == {
        PASSED_ON: ["submitted", "routed", "passed-on"],
        WAITS: ["submitted", "routed", "waiting"],
        FOLLOWS: ["submitted", "routed", "linked"],
        AGAIN: ["submitted", "routed", "acknowledged", "resolved", "reopened"],
        PLAIN: ["submitted", "routed"],
    }
    for number in HISTORIES:
        kinds = {one["kind"] for one in tracked(url, number)["deadlines"]}
        assert kinds == {"first-response", "resolution"}
        text = str(tracked(url, number))
        assert "somebody" not in text
        assert case_id(PLAIN) not in text


def test_a_citizen_is_told_what_is_waited_for_as_the_policy_calls_it(url: str) -> None:
    case = tracked(url, WAITS)

    reason = {"id": WEATHER, "title_fa": "هوا", "title_en": "Weather"}
    assert case["waiting"]["reason"] == case["steps"][-1]["reason"] == reason
    unread = get(url, f"/api/v1/track/{code(WAITS)}", policies=()).json()
    assert unread["waiting"]["reason"] == reason | {"title_fa": None, "title_en": None}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (WAITS, "کار موقتاً متوقف شد (هوا)"),
        (WAITS, "این زمان شمرده نمی‌شود"),
        (PASSED_ON, "به واحد دیگری سپرده شد"),
        (AGAIN, "دوباره باز شد"),
        (FOLLOWS, "همراه مورد دیگر"),
    ],
)
def test_the_page_says_it_in_persian(url: str, number: int, words: str) -> None:
    form = f"code={spoken(code(number))}"
    page = asked(url, lambda ask: ask("POST", "/", content=form), policies=(VERSION,))

    assert page.status_code == 200
    assert words in page.text
