"""Every route of the edge asked by everybody: let through, asked for a key, or turned away."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from services.edge.serve import asgi
from tests.access.edge import Inbox, assembled, fill, opened_edge, status_of
from tests.access.routes import CALLERS, MAY_ASK, NOBODY, ROWS, WHOSE, Row, reads

pytestmark = pytest.mark.integration

READING = ("", "/facts", "/sla")
Answers = Mapping[tuple[str, str], int]


@pytest.fixture(scope="module")
def answers(database: str) -> Answers:
    """The status of each request by each caller."""
    fill(database)

    async def run() -> Answers:
        found: dict[tuple[str, str], int] = {}
        async with opened_edge(database, Inbox()) as app:
            for caller in CALLERS:
                shown = None if caller == NOBODY else caller
                for row in ROWS:
                    how: dict[str, Any] = {"body": row.body, "headers": {"idempotency-key": caller}}
                    found[row.route, caller] = await status_of(
                        app, row.method, row.asked, caller=shown, **how
                    )
                for whose, place in WHOSE.items():
                    for path in READING:
                        address = f"/api/v1/cases/{place.case_id}{path}"
                        found[f"{whose}{path}", caller] = await status_of(
                            app, "GET", address, caller=shown
                        )
        return found

    return asyncio.run(run())


def word(status: int) -> str:
    """What else is wrong with a request is told to whom it let through alone."""
    assert status != 500
    return str(int(status)) if status in {401, 403, 404} else "yes"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
def test_a_route(row: Row, caller: str, answers: Answers) -> None:
    assert word(answers[row.route, caller]) == MAY_ASK[row.who][caller]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("whose", WHOSE)
@pytest.mark.parametrize("path", READING)
def test_a_case_that_is_read(whose: str, path: str, caller: str, answers: Answers) -> None:
    assert word(answers[f"{whose}{path}", caller]) == reads(caller, whose)


@pytest.mark.parametrize("role", ["edge", "intake", "api"])
def test_every_route_has_its_row(role: Any) -> None:  # noqa: ANN401  # a name of a process
    app: Any = asgi(assembled("postgresql://nobody@127.0.0.1:1/none", Inbox()), role)
    while not hasattr(app, "routes"):
        app = app.app
    there = {
        f"{method} {one.path}"
        for one in iter_route_contexts(app.routes)
        for method in (one.methods or set[str]()) - {"HEAD"}
    }

    rows = {one.route for one in ROWS}
    assert there - rows == set(), "write in tests/access/routes.py who may ask it"
    assert role != "edge" or rows - there == set(), "there is no such route any more"
    assert len(rows) == len(ROWS)
