"""The clocks of a case as the API explains them: codes for programs, words in two languages."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from schemas.facts import Submitted
from tests.builders import acknowledged
from tests.edges import APP_KEY, PARKS_KEY, bearer
from tests.office import by_version, city, holiday, paused, resumed, tehran, under
from tests.reading import POLICIES, READ, Tables, case_id, code, filled, get

pytestmark = pytest.mark.integration

CITY_OF_NOVEMBER = city(
    tehran("11-01T00:00:00"), closed=(holiday(date(2026, 11, 22), "Eid", estimated=True),)
)
NOW = tehran("11-23T09:00:00")
START = tehran("11-21T13:00:00")
WAITED = case_id(700)
SAID = case_id(701)


@pytest.fixture(scope="module")
def projection(database: str) -> str:
    async def fill(tables: Tables) -> None:
        terms = by_version(CITY_OF_NOVEMBER)
        first, second = under(CITY_OF_NOVEMBER, START, WAITED)
        pause = paused(
            CITY_OF_NOVEMBER,
            tehran("11-21T13:20:00"),
            tehran("11-25T08:00:00"),
            case_id=WAITED,
        )
        end = resumed(tehran("11-23T08:15:00"), case_id=WAITED)
        await tables.add(coded(first, 700), second, pause, end, terms=terms)
        first, second = under(CITY_OF_NOVEMBER, START, SAID)
        done = acknowledged(SAID, at=tehran("11-21T13:30:00"))
        await tables.add(coded(first, 701), second, done, terms=terms)

    filled(database, fill)
    return database


def coded(first: Submitted, number: int) -> Submitted:
    return replace(first, tracking_code=code(number))


def asked(url: str, query: str = "", case: str = WAITED) -> dict[str, Any]:
    answer = get(
        url,
        f"/api/v1/cases/{case}/sla{query}",
        READ,
        now=NOW,
        policies=(*POLICIES, CITY_OF_NOVEMBER),
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_stretch_says_whether_it_counted_and_why(projection: str) -> None:
    resolution = asked(projection, "?lang=en")["clocks"][1]

    assert [(one["words"], one["counted_seconds"]) for one in resolution["stretches"]] == [
        ("working hours", 20 * 60),
        ("paused: bad weather (resumed; operator-8)", 0),
        ("working hours", 45 * 60),
    ]
    assert resolution["used_seconds"] == 65 * 60
    assert resolution["left_words"] == "left 38:55:00"
    assert resolution["budget"]["words"] == "40:00:00 of working time"
    assert [one["by"] for one in resolution["deadlines"]] == ["routed", "resumed"]


def test_a_holiday_is_named_and_an_estimated_one_marked(projection: str) -> None:
    first = asked(projection, "?lang=en")["clocks"][0]

    eid = next(one for one in first["stretches"] if one["why"] == "holiday")
    assert (eid["words"], eid["estimated"], eid["counts"]) == (
        "closed: Eid (estimated)",
        True,
        False,
    )


def test_a_municipality_speaks_its_own_language_if_not_asked_otherwise(projection: str) -> None:
    told = asked(projection)

    assert told["language"] == "fa"
    assert told["clocks"][0]["title"] == "پاسخ نخست"
    words = [one["words"] for one in told["clocks"][1]["stretches"]]
    assert words[1] == "توقف: هوای بد (از سر گرفته شد; operator-8)"


def test_moments_are_told_in_utc_by_the_wall_clock_and_in_words(projection: str) -> None:
    persian, english = (
        asked(projection, query)["clocks"][0]["started_at"] for query in ("", "?lang=en")
    )

    assert datetime.fromisoformat(persian["utc"]) == datetime.fromisoformat(persian["local"])
    assert persian["local"] == "2026-11-21T13:00:00+03:30"
    assert persian["words"] == "شنبه ۳۰ آبان ۱۴۰۵، ۱۳:۰۰:۰۰"
    assert english["words"] == "Sat 21 Nov 2026 13:00:00"


def test_a_clock_that_was_stopped_shows_what_it_used(projection: str) -> None:
    first = asked(projection, case=SAID)["clocks"][0]

    assert (first["state"], first["used_seconds"]) == ("met", 30 * 60)
    assert first["stretches"][-1]["why"] == "after-the-stop"


@pytest.mark.parametrize(("key", "status"), [(PARKS_KEY, 200), (APP_KEY, 403), ("pgr_other", 401)])
def test_who_may_see_the_case_may_see_its_clocks(projection: str, key: str, status: int) -> None:
    policies = (*POLICIES, CITY_OF_NOVEMBER)

    answer = get(projection, f"/api/v1/cases/{WAITED}/sla", bearer(key), now=NOW, policies=policies)

    assert answer.status_code == status


@pytest.mark.parametrize("query", ["?lang=de", "?language=fa"])
def test_what_is_asked_wrongly_is_said(projection: str, query: str) -> None:
    assert get(projection, f"/api/v1/cases/{WAITED}/sla{query}", READ).status_code == 422


def test_a_policy_that_is_not_read_yet_is_a_matter_of_a_moment(projection: str) -> None:
    answer = get(projection, f"/api/v1/cases/{WAITED}/sla", READ, now=NOW)

    assert answer.status_code == 503
    assert CITY_OF_NOVEMBER.version in answer.json()["detail"]
