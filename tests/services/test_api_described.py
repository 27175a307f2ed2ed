"""What the HTTP APIs answer is what their description says, whatever is asked of them.

Schemathesis asks: what fits the description and what does not, at the edges of every value, and one
answer's ids in the next question. The seed is fixed: the same questions each time.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Response

from schemas.exposition import Meters
from schemas.shown import EDGE
from schemas.vocabulary import Author
from services.api.changes.hub import Hub
from services.api.changes.reads import Projection
from services.api.changes.routes import change_routes
from services.api.limits import AddressLimit
from services.api.routes import api_routes
from services.http.application import application
from services.http.asgi import Edge
from services.http.client import Client
from services.http.problems import problem_responses
from services.intake.calls import call_routes
from services.intake.routes import intake_routes
from services.keys.active import ActiveKeys
from services.keys.key import digest
from tests.builders import NOON, acknowledged, resolved
from tests.described import findings, listening
from tests.edges import FakeInboxes, bearer, door, meters
from tests.reading import Tables, case_id, desk, filled, told

pytestmark = pytest.mark.integration

KEY = "pgr_z_everything"
CALLERS = ActiveKeys(
    {
        digest(KEY): Client(
            name=Author("all"),
            scopes=frozenset({"read", "channel:*", "operator:hashtgerd"}),
        )
    }
)
CASES = 20
# It has no end: its own tests read from it what they wait for.
STREAM = "/api/v1/changes"


@pytest.fixture(scope="module")
def city(database: str) -> str:
    async def fill(tables: Tables) -> None:
        for number in range(CASES):
            at = NOON + timedelta(seconds=number)
            later = [acknowledged(case_id(number)), resolved(case_id(number))][: number % 3]
            await tables.add(*told(number, at=at), *later)

    filled(database, fill)
    return database


def test_both_apis_answer_only_what_they_are_said_to_answer(city: str) -> None:
    stands_on = replace(desk(city), callers=CALLERS, limit=AddressLimit(1_000_000))
    submissions = replace(door(FakeInboxes()), callers=CALLERS)
    hub = Hub(Projection(stands_on.reads.database), Meters(EDGE), watchers_max=50)

    @asynccontextmanager
    async def opened(_app: FastAPI) -> AsyncIterator[None]:
        await stands_on.reads.database.open()
        await stands_on.lists.database.open()
        async with hub.open():
            yield

    doors = [intake_routes(submissions), call_routes(submissions)]
    routes = [*doors, api_routes(stands_on), change_routes(hub, CALLERS)]
    app = application(routes, title="test", lifespan=opened)

    with listening(Edge(app, meters())) as url:
        assert findings(url, bearer(KEY), without=(STREAM,)) == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (lambda: Response("{}", 200, media_type="application/json"), None),
        (lambda: Response("{}", 418, media_type="application/json"), "Undocumented status code"),
        (lambda: Response("ok", 200, media_type="text/plain"), "Undocumented Content-Type"),
        (lambda: Response('{"a": 1}', 200, media_type="application/json"), "schema"),
        (lambda: 1 / 0, "Server error"),
    ],
)
def test_what_is_not_described_would_be_found(answer: Any, found: str | None) -> None:  # noqa: ANN401
    routes = APIRouter()
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    described = {"200": {"description": "it", "content": {"application/json": {"schema": schema}}}}

    @routes.get("/planted", openapi_extra={"responses": described | problem_responses(422)})
    async def planted() -> Any:  # noqa: ANN401
        return answer()

    with listening(Edge(application([routes], title="planted"), meters())) as url:
        words = findings(url, {}, examples_max=1)

    assert any(found in one for one in words) if found else words == [], words
