"""A rebuild of the projection, against `COPY` of the same rows with the same indexes."""

import asyncio
import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import asyncpg

from schemas import projection
from services.embedded.parts import Embedded
from tests.bench.long_log import Length, append_log
from tests.bench.table import Row, show
from tests.topics import make_fixed_topics

ROOT = Path(__file__).parents[2]
MASTER = b"m" * 32
FACTS = 200_000
TABLES = (
    "facts", "cases", "case_words", "contents", "clocks", "keyring", "outbox", "covered",
)  # fmt: skip
# What a rebuild gives its own session.
SESSION = {"search_path": "plain", "synchronous_commit": "off", "maintenance_work_mem": "256MB"}


def measure() -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.kafka() as broker,
        parts.postgres() as server,
    ):
        length = asyncio.run(_log(broker.address))
        database = server.url("peygir")
        began = perf_counter()
        _rebuild(broker.address, database)
        ours = length.facts / (perf_counter() - began)
        rows, everything = asyncio.run(_copied(database, Path(folder)))
        plain, bare = length.facts / everything, length.facts / rows
    return Row(
        what="projector rebuild, facts a second / COPY of the same rows",
        measured=ours / plain,
        unit="",
        floor=0.1,
        aim=0.4,
        at_most=False,
        detail=f"{ours:,.0f}/s and {plain:,.0f}/s, {length.facts:,} facts; COPY alone, "
        f"without the indexes, {bare:,.0f}/s",
    )


async def _log(kafka: str) -> Length:
    await make_fixed_topics(kafka)
    return await append_log(kafka, FACTS, MASTER)


def _rebuild(kafka: str, database: str) -> None:
    """From nothing to the swap, with the start of its processes, the indexes and the analysis."""
    settings = {
        "PEYGIR_KAFKA": kafka,
        "PEYGIR_DATABASE_URL": database,
        "PEYGIR_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        (sys.executable, "-m", "streams", "rebuild"),
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


async def _copied(database: str, folder: Path) -> tuple[float, float]:
    """Seconds for the rows of every table by COPY in its binary form; and with the indexes."""
    connection = await asyncpg.connect(database, server_settings=SESSION)
    try:
        files = {table: folder / table for table in TABLES}
        for table, file in files.items():
            await connection.copy_from_table(
                table, schema_name="projection", output=file, format="binary"
            )
        await connection.execute(f"create schema plain; {projection.TABLES}")
        began = perf_counter()
        for table, file in files.items():
            with file.open("rb") as rows:
                await connection.copy_to_table(table, source=rows, format="binary")
        rows = perf_counter() - began
        await connection.execute(projection.INDEXES)
        await connection.execute("analyze")
        return rows, perf_counter() - began
    finally:
        await connection.close()


if __name__ == "__main__":
    show([measure()])
