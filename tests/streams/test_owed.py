"""How the janitor shows what it owes to the erased, without servers."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from schemas.exposition import Meters
from schemas.metrics import JANITOR_OWED, JANITOR_OWED_SECONDS
from schemas.settings import Settings
from schemas.shown import WORKERS
from streams.janitor.owed import Owed
from streams.janitor.tables import StillOwed, Tables
from streams.process import Heartbeat, Worker
from tests.builders import NOON


@dataclass
class FakeTables:
    owed: StillOwed
    looks: int = 0

    async def still_owed(self) -> StillOwed:
        self.looks += 1
        return self.owed


def worker() -> Worker:
    return Worker(
        name="janitor",
        settings=Settings(),
        now=lambda: NOON,
        meters=Meters(WORKERS["janitor"]),
        heartbeat=Heartbeat(20),
    )


def shown(ours: Worker) -> tuple[float | None, float | None]:
    value = ours.meters.registry.get_sample_value
    return value(JANITOR_OWED.name), value(JANITOR_OWED_SECONDS.name)


def test_what_is_owed_is_shown_while_we_are_the_janitor_and_counted_now_and_then() -> None:
    ours, tables = worker(), FakeTables(StillOwed(cases=2, first_at=NOON - timedelta(hours=1)))
    owed = Owed(ours, cast("Tables", tables))
    assert shown(ours) == (None, None)

    asyncio.run(owed.look())
    asyncio.run(owed.look())
    assert shown(ours) == (2, 3_600)
    assert tables.looks == 1, "it was counted a moment ago"

    owed.forget()
    assert shown(ours) == (None, None)
    asyncio.run(owed.look())
    assert shown(ours) == (2, 3_600)


def test_an_order_by_a_clock_that_is_ahead_is_owed_since_now() -> None:
    ours, tables = worker(), FakeTables(StillOwed(cases=1, first_at=NOON + timedelta(hours=1)))

    asyncio.run(Owed(ours, cast("Tables", tables)).look())

    assert shown(ours) == (1, 0)
