"""An edge shows at each look how many of its connections are taken, and how many there may be."""

import asyncio

import pytest

from schemas.exposition import Meters
from schemas.metrics import DATABASE_CONNECTIONS
from services.edge.parts import show_connections
from services.postgres import Database

pytestmark = pytest.mark.integration


def test_connections_are_counted_as_they_are_when_somebody_looks(database: str) -> None:
    shown = Meters([DATABASE_CONNECTIONS])
    cases, lists = Database(database, connections_max=3), Database(database, connections_max=2)
    show_connections(shown, cases=cases, lists=lists)

    def now(pool: str) -> list[float | None]:
        value = shown.registry.get_sample_value
        return [
            value(DATABASE_CONNECTIONS.name, {"pool": pool, "state": state})
            for state in ("in-use", "idle", "limit")
        ]

    async def live() -> None:
        assert now("cases") == [0, 0, 3], "before it is opened"
        await cases.open()
        async with cases.pool.acquire(), cases.pool.acquire():
            assert now("cases") == [2, 0, 3]
            assert now("lists") == [0, 0, 2]
        assert now("cases") == [0, 2, 3]
        cases.close()
        assert now("cases") == [0, 0, 3], "a scrape while it stops"

    asyncio.run(live())
