"""`peygir case show` and `peygir department inbox` against the read API: what a person sees."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from schemas.facts import Fact
from services.api.routes import api_routes
from services.command.composed import composed
from services.http.application import application
from services.http.asgi import Edge
from streams.core.ids import spoken
from tests.builders import after, resolved
from tests.described import listening
from tests.edges import PARKS_KEY, READ_KEY, meters
from tests.lived import body_answered, confirmed, handed_over, lively, rated, split, to_be_judged
from tests.reading import Tables, case_id, code, desk, filled, told
from tests.steering import DAY, ROADS, known, linked, opened

pytestmark = pytest.mark.integration

CITY = lively()
JUDGED, ABROAD, WHOLE, PART, FIRST, FOLLOWS, LATE, FANI, SOON = range(700, 709)
NOW = datetime.now(UTC)
MARKUP = "[bold]درخت[/nothing]"


def begun(one: int, *, at: float = 0) -> tuple[Fact, Fact]:
    first, second = opened(CITY, after(at), case_id(one))
    return replace(first, tracking_code=code(one)), second


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[str]:
    async def fill(tables: Tables) -> None:
        done = resolved(case_id(JUDGED), at=after(600))
        part = begun(PART, at=120)
        histories: tuple[tuple[Fact, ...], ...] = (
            (
                *begun(JUDGED),
                to_be_judged(done, until=after(7 * DAY), silent=after(3 * DAY)),
                confirmed(after(700), case_id=case_id(JUDGED)),
                rated(after(710), 2, case_id=case_id(JUDGED)),
                confirmed(after(720), case_id=case_id(JUDGED)),
            ),
            (
                *begun(ABROAD),
                handed_over(after(60), case_id=case_id(ABROAD), reference="W-1"),
                body_answered(after(90), "accepted", case_id=case_id(ABROAD), reference="W-2"),
            ),
            (*begun(WHOLE), split(after(90), case_id=case_id(WHOLE))),
            (replace(part[0], part_of=case_id(WHOLE)), part[1]),
            begun(FIRST),
            (
                *begun(FOLLOWS, at=300),
                linked(after(330), case_id(FIRST), case_id=case_id(FOLLOWS)),
            ),
            told(LATE, at=NOW - timedelta(hours=2)),
            told(FANI, at=NOW, department=ROADS),
            told(SOON, at=NOW),
        )
        for facts in histories:
            await tables.add(*facts, terms=known(CITY), text=MARKUP)

    filled(database, fill)
    stands_on = desk(database, policies=(CITY,))

    @asynccontextmanager
    async def at_work(_app: FastAPI) -> AsyncIterator[None]:
        await stands_on.reads.database.open()
        await stands_on.lists.database.open()
        yield

    serving = application([api_routes(stands_on)], title="test", lifespan=at_work)
    with listening(Edge(serving, meters())) as url:
        yield url


def peygir(api: str, *words: str, key: str = READ_KEY) -> Result:
    done = CliRunner().invoke(
        composed(), [*words, "--url", api], env={"PEYGIR_API_KEY": key, "COLUMNS": "200"}
    )
    assert done.exit_code == 0, done.output
    return done


SHOWN = {
    JUDGED: (
        "انجام‌شده / resolved",
        "تأیید / confirmed",
        "2 / 5",
        "may be disputed until",
        "refused: confirmed",
        "شهروند پیش‌تر آن را تأیید کرده است / the citizen has confirmed it already",
        "(confirmed-already)",
        MARKUP,
    ),
    ABROAD: ("Water and sewage / water", "W-2", "accepted", "another-body"),
    WHOLE: ("parts", case_id(PART)),
    PART: ("part of", case_id(WHOLE)),
    FOLLOWS: ("پیرو مورد دیگر / linked", "follows", spoken(code(FIRST))),
    FIRST: ("followers", case_id(FOLLOWS)),
}


@pytest.mark.parametrize("one", SHOWN)
def test_a_case_is_shown_with_what_became_of_it(api: str, one: int) -> None:
    said = peygir(api, "case", "show", case_id(one)).stdout

    assert [words for words in SHOWN[one] if words not in said] == [], said


def test_what_is_not_so_is_not_shown(api: str) -> None:
    said = peygir(api, "case", "show", case_id(SOON)).stdout

    for words in ("verdict", "stars", "parts", "follows", "followers", "refused", "passed on"):
        assert words not in said


def test_a_citizen_is_shown_the_same_by_the_code_and_no_refusals(api: str) -> None:
    said = peygir(api, "case", "show", code(JUDGED)).stdout
    abroad = peygir(api, "case", "show", code(ABROAD)).stdout
    whole = peygir(api, "case", "show", code(WHOLE)).stdout
    follows = peygir(api, "case", "show", code(FOLLOWS)).stdout

    assert "تأیید / confirmed" in said
    assert "refused" not in said
    assert "آب و فاضلاب / Water and sewage / water" in abroad
    assert spoken(code(PART)) in whole
    assert spoken(code(FIRST)) in follows


def test_a_departments_inbox_holds_its_open_cases_the_first_deadline_first(api: str) -> None:
    found = json.loads(peygir(api, "department", "inbox", "hashtgerd", "PARKS", "--json").stdout)

    ids = [one["case_id"] for one in found["cases"]]
    dues = [one["due_at"] for one in found["cases"] if one["due_at"]]
    assert set(ids) == {case_id(one) for one in (ABROAD, WHOLE, PART, FIRST, LATE, SOON)}
    assert dues == sorted(dues)
    assert ids[-1] == case_id(ABROAD), "what waits has no deadline, and is there all the same"
    assert found["cases"][-1]["waiting_for"] == "another-body"
    assert not found["more"]


def test_a_departments_own_key_lists_its_cases_for_a_person(api: str) -> None:
    words = ("department", "inbox", "hashtgerd", "parks", "--limit", "5")

    said = peygir(api, *words, key=PARKS_KEY).stdout

    assert spoken(code(LATE)) in said
    assert "overdue" in said
    assert MARKUP in said
    assert "6 open cases" in said
    assert "shown are the first 5" in said
    assert spoken(code(ABROAD)) not in said
