"""What `/staff/v1` answers is what its description says, whatever is asked of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from fastapi import FastAPI

from services.http.application import application
from services.http.asgi import Edge
from services.postgres import Database
from services.staff.routes import staff_routes
from tests.described import findings, listening
from tests.edges import bearer, meters
from tests.staffing import ADMINISTRATORS_KEY, Clock, staff_edge, town

pytestmark = pytest.mark.integration

EXAMPLES = 5
CURRENT = "/staff/v1/sessions/current"


@contextmanager
def serving(database: str) -> Iterator[str]:
    """The address of an edge with the routes of staff alone."""
    opened = Database(database)

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        await opened.open()
        yield
        opened.close()

    routes = staff_routes(staff_edge(opened, Clock()).desk)
    with listening(Edge(application([routes], title="test", lifespan=living), meters())) as url:
        yield url


def session(database: str) -> str:
    """An administrator's, in tables that have nobody else."""

    async def begun() -> str:
        async with town(database) as there:
            await there.employ("registrar", "administrator")
            return await there.one.signed_in("registrar")

    return asyncio.run(begun())


def test_an_administrators_key_is_answered_only_as_it_is_said(database: str) -> None:
    session(database)

    with serving(database) as url:
        assert findings(url, bearer(ADMINISTRATORS_KEY), examples_max=EXAMPLES) == []


def test_a_persons_session_is_answered_only_as_it_is_said(database: str) -> None:
    token = session(database)

    with serving(database) as url:
        # Signing out would end the session that asks.
        assert findings(url, bearer(token), examples_max=EXAMPLES, without=(CURRENT,)) == []
