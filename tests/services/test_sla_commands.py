"""`peygir sla explain` and `peygir sla due` against the read API: what a person is shown."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from schemas.vocabulary import Department
from services.api.routes import api_routes
from services.command.composed import composed
from services.http.application import application
from services.http.asgi import Edge
from tests.builders import resolved
from tests.described import listening
from tests.edges import READ_KEY, meters
from tests.office import by_version, city, holiday, paused, resumed, tehran, under
from tests.reading import POLICIES, Tables, case_id, code, desk, filled, told

pytestmark = pytest.mark.integration

CITY_OF_NOVEMBER = city(
    tehran("11-01T00:00:00"), closed=(holiday(date(2026, 11, 22), "Eid", estimated=True),)
)
# Whoever reads a list names the moment by the clock; so do these.
NOW = datetime.now(UTC)
EXPLAINED, LATE, SOON, LATER, DONE, FANI = (case_id(800 + number) for number in range(6))


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[str]:
    async def fill(tables: Tables) -> None:
        first, second = under(CITY_OF_NOVEMBER, tehran("11-21T13:00:00"), EXPLAINED)
        pause = paused(
            CITY_OF_NOVEMBER,
            tehran("11-21T13:20:00"),
            tehran("11-25T08:00:00"),
            case_id=EXPLAINED,
        )
        await tables.add(
            replace(first, tracking_code=code(800)),
            second,
            pause,
            resumed(tehran("11-23T08:15:00"), case_id=EXPLAINED),
            resolved(EXPLAINED, at=tehran("11-23T09:00:00")),
            terms=by_version(CITY_OF_NOVEMBER),
        )
        # Each has a minute to its first response, and ten to its resolution.
        for number, ago in enumerate((timedelta(hours=1), timedelta(), timedelta(hours=-3))):
            await tables.add(*told(801 + number, at=NOW - ago))
        await tables.add(*told(804, at=NOW), resolved(DONE, at=NOW + timedelta(seconds=5)))
        await tables.add(*told(805, at=NOW, department=Department("fani")))

    filled(database, fill)
    stands_on = desk(database, now=tehran("11-24T10:00:00"), policies=(*POLICIES, CITY_OF_NOVEMBER))

    @asynccontextmanager
    async def opened(_app: FastAPI) -> AsyncIterator[None]:
        await stands_on.reads.database.open()
        await stands_on.lists.database.open()
        yield

    serving = application([api_routes(stands_on)], title="test", lifespan=opened)
    with listening(Edge(serving, meters())) as url:
        yield url


def peygir(api: str, *words: str) -> Result:
    done = CliRunner().invoke(
        composed(),
        ["sla", *words, "--url", api],
        env={"PEYGIR_API_KEY": READ_KEY, "COLUMNS": "200"},
    )
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("case", [EXPLAINED, code(800)])
def test_a_case_is_explained_in_english(api: str, case: str) -> None:
    said = peygir(api, "explain", case, "--lang", "en").stdout

    for words in (
        f"case {EXPLAINED}",
        "resolution: met, left 38:55:00",
        "paused: bad weather (resumed; operator-8)",
        "Sat 21 Nov 2026 13:20:00",
        "closed: Eid (estimated)",
        "after the clock was stopped",
        "1:05:00",
    ):
        assert words in said, said


def test_a_case_is_explained_in_the_municipalitys_language(api: str) -> None:
    said = peygir(api, "explain", EXPLAINED).stdout

    for words in ("رفع مشکل", "توقف: هوای بد", "شنبه ۳۰ آبان ۱۴۰۵، ۱۳:۲۰:۰۰", "(تخمینی)"):
        assert words in said, said


def test_a_program_is_given_what_the_api_says(api: str) -> None:
    told = json.loads(peygir(api, "explain", EXPLAINED, "--lang", "en", "--json").stdout)

    assert [one["kind"] for one in told["clocks"]] == ["first-response", "resolution"]


def test_what_runs_out_is_listed_the_oldest_first(api: str) -> None:
    found = json.loads(peygir(api, "due", "--hours", "1", "--department", "parks", "--json").stdout)

    assert [(one["case_id"], one["clock"], one["overdue"]) for one in found["due"]] == [
        (LATE, "first-response", True),
        (SOON, "first-response", found["due"][1]["overdue"]),
    ]
    assert found["due"][0]["left_seconds"] < -3_500
    assert not found["more"]


def test_hours_say_how_far_ahead_is_looked(api: str) -> None:
    found = json.loads(peygir(api, "due", "--hours", "5", "--json").stdout)

    assert [one["case_id"] for one in found["due"]] == [LATE, SOON, FANI, LATER]


def test_a_limit_is_said_where_there_is_more(api: str) -> None:
    said = peygir(api, "due", "--hours", "5", "--limit", "2").stdout

    assert "2 cases, " in said
    assert "there are more" in said
    # Other tests may have taken their time since this one's were named.
    assert re.search(r"overdue (0:59|1:[0-5]\d):", said)


def test_many_pages_are_one_list(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.command.sla_due.PAGE", 1)

    found = json.loads(peygir(api, "due", "--hours", "5", "--json").stdout)

    assert [one["case_id"] for one in found["due"]] == [LATE, SOON, FANI, LATER]
    assert not found["more"]
