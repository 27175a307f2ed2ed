"""A case as it was known at a moment: what was recorded by then, shown like what is stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from schemas.facts import Fact, ReporterErased
from schemas.vocabulary import Author, CaseId, FactId
from tests.builders import (
    NOON,
    acknowledged,
    after,
    breached,
    closed_then,
    closed_without_action,
    deadline_set,
    past,
    resolved,
    source,
    warned,
)
from tests.edges import PARKS_KEY, bearer
from tests.reading import READ, Tables, case_id, filled, get, told

pytestmark = pytest.mark.integration

EVER = NOON + timedelta(days=900)


def _histories() -> dict[str, Sequence[Fact]]:
    plain, worked, late, dropped, historical, erased, odd = (told(one) for one in range(7))
    there_before = past(historical[0], NOON - timedelta(days=30))
    erasure = ReporterErased(
        fact_id=FactId(f"{case_id(5)}/erased"),
        case_id=case_id(5),
        recorded_at=after(40),
        source=source(9),
        author=Author("desk"),
    )
    return {
        "plain": plain,
        "worked on": (
            *worked,
            warned(worked[1]),
            acknowledged(case_id(1), at=after(35)),
            resolved(case_id(1), at=after(50)),
        ),
        "late": (*late, breached(late[1]), resolved(case_id(2), at=after(59))),
        "closed without action": (*dropped, closed_without_action(case_id(3), at=after(21.5))),
        "historical": (
            there_before,
            replace(historical[1], promises=()),
            deadline_set(historical[1], at=after(3)),
            closed_then(resolved(case_id(4), at=after(5)), NOON - timedelta(days=31)),
        ),
        "erased": (*erased, acknowledged(case_id(5), at=after(30)), erasure),
        "said twice, and refused": (
            odd[0],
            odd[1],
            odd[1],
            replace(acknowledged(case_id(6), at=after(30)), if_version=99_999),
            acknowledged(case_id(6), at=after(31), offset=5),
        ),
    }


HISTORIES = _histories()


@pytest.fixture(scope="module")
def city(database: str) -> str:
    async def fill(tables: Tables) -> None:
        for facts in HISTORIES.values():
            await tables.add(*facts)

    filled(database, fill)
    return database


def shown(url: str, case: CaseId, at: datetime | None = None) -> dict[str, object]:
    moment = f"?at={quote(at.isoformat())}" if at else ""
    answer = get(url, f"/api/v1/cases/{case}{moment}", READ)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("history", HISTORIES)
def test_a_case_at_the_end_of_time_is_the_case_as_it_is_stored(city: str, history: str) -> None:
    case = HISTORIES[history][0].case_id

    assert shown(city, case, EVER) == shown(city, case)


@pytest.mark.parametrize("history", HISTORIES)
def test_a_case_at_a_moment_is_what_its_first_facts_made_of_it(
    city: str, database: str, history: str
) -> None:
    """The same facts without the later ones, told to a projection of their own, look the same."""
    facts = HISTORIES[history]
    for count in range(2, len(facts)):
        if facts[count].recorded_at <= facts[count - 1].recorded_at:
            continue
        at = facts[count].recorded_at - timedelta(microseconds=1)
        number = 1_000 + 10 * list(HISTORIES).index(history) + count
        shorter = [_of(one, case_id(number)) for one in facts[:count]]

        async def fill(tables: Tables, shorter: Sequence[Fact] = shorter) -> None:
            await tables.add(*shorter)

        filled(database, fill)

        then, alone = shown(city, facts[0].case_id, at), shown(city, case_id(number))
        for document in (then, alone):
            # Where they lie differs, and what an erasure took away stays away.
            for name in ("case_id", "version", "text", "place"):
                document.pop(name)
        assert then == alone


def _of(fact: Fact, case: CaseId) -> Fact:
    """The same fact of another case, whose id stands in the ids of its facts."""
    old = fact.case_id
    ids = {
        name: str(value).replace(old, case)
        for name in ("fact_id", "cause")
        if (value := getattr(fact, name, None)) is not None
    }
    return replace(fact, case_id=case, **ids)


def test_between_two_steps_the_case_is_as_the_first_left_it(city: str) -> None:
    case = case_id(1)

    assert [shown(city, case, after(seconds))["state"] for seconds in (0, 34.9, 35, 49, 50)] == [
        "routed",
        "routed",
        "acknowledged",
        "acknowledged",
        "resolved",
    ]
    assert shown(city, case, after(49))["closed_at"] is None
    assert shown(city, case, after(49))["text"] == shown(city, case)["text"]


def test_a_breach_that_was_disproved_stands_at_the_time_when_it_was_believed(city: str) -> None:
    def first_response(at: datetime | None = None) -> tuple[object, object]:
        clocks = shown(city, case_id(2), at)["clocks"]
        assert isinstance(clocks, list)
        return clocks[0]["state"], clocks[0]["voided"]

    assert first_response() == ("met", True)
    assert first_response(after(58)) == ("running", False)


def test_an_erased_case_keeps_its_past_without_the_words(city: str) -> None:
    before, now = shown(city, case_id(5), after(39)), shown(city, case_id(5))

    assert (before["erased_at"], before["text"], before["place"]) == (None, None, None)
    assert (now["text"], now["place"]) == (None, None)
    assert datetime.fromisoformat(str(now["erased_at"])) == after(40)
    assert now["state"] == "acknowledged"


@pytest.mark.parametrize("at", ["2026-11-24T11:59:59.999Z", "1999-01-01T00:00:00%2B03:30"])
def test_before_its_beginning_there_is_no_case(city: str, at: str) -> None:
    answer = get(city, f"/api/v1/cases/{case_id(1)}?at={at}", READ)

    assert answer.status_code == 404
    assert "not recorded by then" in answer.json()["detail"]


@pytest.mark.parametrize(
    "at", ["", "now", "2026-11-24", "2026-11-24T12:00:00", "12", "%00", "x" * 99]
)
def test_what_is_no_moment_is_refused_in_words(city: str, at: str) -> None:
    answer = get(city, f"/api/v1/cases/{case_id(1)}?at={at}", READ)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/at"


@pytest.mark.parametrize("asked", ["?att=2026-11-24T12:00:30Z", "/facts?before=3"])
def test_a_misspelt_question_is_not_answered_as_another(city: str, asked: str) -> None:
    answer = get(city, f"/api/v1/cases/{case_id(1)}{asked}", READ)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "this field is not known"


def test_who_may_not_see_a_case_may_not_see_its_past(city: str) -> None:
    at = "at=2026-12-24T12:00:00Z"

    assert get(city, f"/api/v1/cases/{'z' * 32}?{at}", READ).status_code == 404
    assert get(city, f"/api/v1/cases/{case_id(1)}?{at}", bearer(PARKS_KEY)).status_code == 200


def test_a_case_that_cannot_be_folded_further_is_as_it_was_before(city: str) -> None:
    async def spoil(tables: Tables) -> None:
        facts = told(77)
        await tables.add(*facts, acknowledged(case_id(77), at=after(30)))
        await tables.connection.execute(
            """
            update projection.facts set judgement = 'unfoldable', refusal = 'a reason'
            where case_id = $1 and type = 'case.acknowledged.v1'
            """,
            case_id(77),
        )

    filled(city, spoil)

    late = shown(city, case_id(77), after(31))
    assert (late["state"], late["unfoldable"]) == ("routed", "a reason")
    assert shown(city, case_id(77), after(29))["unfoldable"] is None


def test_the_tag_of_a_past_is_the_version_that_it_had(city: str) -> None:
    path = f"/api/v1/cases/{case_id(1)}?at={quote(after(36).isoformat())}"
    first = get(city, path, READ)

    assert first.headers["etag"] == f'"{first.json()["version"]}"'
    again = get(city, path, READ | {"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
