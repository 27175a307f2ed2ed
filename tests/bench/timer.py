"""What a look of the sla-timer costs when nothing is due, among a million open clocks."""

import asyncio
import statistics
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg

from schemas.topics import LOG_PARTITIONS
from services.embedded.parts import Embedded
from services.provision.tables import lay_out
from streams import postgres
from streams.sla_timer.projection import Place, Projection
from tests.bench.table import Row, percentile, show

CLOCKS = 1_000_000
POLLS = 500
COLUMNS = (
    "case_id", "kind", "log_partition", "municipality", "state", "started_at", "deadline",
    "voided", "next_due_at",
)  # fmt: skip


def measure() -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.postgres() as server,
    ):
        taken = asyncio.run(_polls(server.url("postgres")))
    return Row(
        what=f"a poll of the sla-timer that finds nothing, {CLOCKS:,} open clocks",
        measured=statistics.median(taken) * 1000,
        unit=" ms",
        floor=1,
        aim=1,
        at_most=True,
        detail=f"median of {POLLS}; p99 {percentile(taken, 99) * 1000:.2f} ms",
    )


async def _polls(database: str) -> list[float]:
    connection = await postgres.connect(database, application="bench", idle_seconds=120)
    try:
        await lay_out(connection, "bench")
        now = datetime.now(UTC)
        await connection.copy_records_to_table("clocks", records=_clocks(now), columns=COLUMNS)
        await connection.execute("vacuum analyze clocks")
        return await _timed(connection, now)
    finally:
        await connection.close()


async def _timed(connection: asyncpg.Connection, now: datetime) -> list[float]:
    projection = Projection(connection, inbox_generation=1)
    places = dict.fromkeys(range(LOG_PARTITIONS), Place())
    taken: list[float] = []
    for _ in range(POLLS):
        began = perf_counter()
        assert not await projection.due(places, before=now, each_max=500)
        taken.append(perf_counter() - began)
    return taken


def _clocks(now: datetime) -> Iterator[tuple[object, ...]]:
    """Two clocks a case, due over the next thirty days."""
    for number in range(CLOCKS):
        due_at = now + timedelta(seconds=1 + number * 86_400 * 30 / CLOCKS)
        kind = "resolution" if number % 2 else "first-response"
        yield (
            f"{number // 2:032x}", kind, number // 2 % LOG_PARTITIONS, "hashtgerd", "running",
            now, due_at, False, due_at,
        )  # fmt: skip


if __name__ == "__main__":
    show([measure()])
