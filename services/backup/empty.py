"""Whether there is room for a restore: it never goes over what lives, or over what is kept."""

from pathlib import Path

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.kafka import Kafka
from services.backup import desk, log
from services.backup.errors import BehindError, OccupiedError
from services.embedded.folder import DataFolder
from services.embedded.run_file import running_pid

CONNECT_SECONDS_MAX = 10
OURS = (
    "case-facts",
    "keyring",
    "policies",
    "dead-letters",
    "repairs",
    "imports",
    "answered-calls",
    "intake-",
    "progress-",
    "department-",
)
READ_TO = "select coalesce(max(facts_offset), 0) from projection.log_positions"


def folder_is_free(data: Path) -> None:
    """Raises `OccupiedError`."""
    folder = DataFolder(data)
    if not folder.path.exists():
        return
    pid = running_pid(folder)
    if pid is not None:
        raise OccupiedError(
            f"a living instance has the data folder {folder.path} (pid {pid}): a restore goes into "
            "a fresh one. `peygir down` stops it; PEYGIR_DATA names another folder"
        )
    if not folder.path.is_dir() or any(folder.path.iterdir()):
        raise OccupiedError(
            f"the data folder {folder.path} is not empty: a restore goes into a fresh one. Move it "
            "away, or name another with PEYGIR_DATA"
        )


async def servers_are_free(kafka: Kafka, database_url: str) -> None:
    """Raises `OccupiedError`, `BehindError`."""
    sizes = await log.sizes(kafka)
    ours = {name: count for name, count in sizes.items() if name.startswith(OURS)}
    places = [TopicPartition(name, one) for name, count in ours.items() for one in range(count)]
    async with log.reading(kafka) as reading:
        ends = await reading.ends(places) if places else {}
    written = sorted({place.topic for place, end in ends.items() if end > 0})
    if written:
        raise OccupiedError(
            f"Kafka is not empty ({', '.join(written[:5])}): a restore goes into an empty one"
        )
    await _database_is_free(database_url)


async def _database_is_free(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
        try:
            found = await _found(connection)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BehindError(f"Postgres does not answer ({type(error).__name__})") from error
    if found:
        raise OccupiedError(f"Postgres is not empty ({found}): a restore goes into an empty one")


async def _found(connection: asyncpg.Connection) -> str | None:
    for table in desk.TABLES:
        name = f"desk.{table}"
        there = await connection.fetchval("select to_regclass($1) is not null", name)
        if there and await connection.fetchval(f"select exists (select from {name})"):  # noqa: S608
            return name
    if await connection.fetchval("select to_regclass('projection.log_positions') is not null"):
        read_to = await connection.fetchval(READ_TO)
        return "projection" if read_to else None
    return None
