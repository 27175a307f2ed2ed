"""A restore into servers that are not ours: only into empty ones, and offset by offset."""

import asyncio
import base64
from pathlib import Path

import asyncpg
import pytest
from aiokafka.structs import TopicPartition

from schemas.codec import encode
from schemas.topics import (
    ANSWERED_CALLS,
    CASE_FACTS,
    KEYRING,
    PROGRESS_DESK,
    partition_of,
    partition_of_call,
)
from services.backup import erasures, log
from services.backup.errors import BrokenError
from services.backup.log import Reading
from services.backup.records import Kept
from services.embedded.parts import Embedded
from tests.backup.small import CALL, ERASED, HMAC, LIVING, MASTER
from tests.builders import submitted
from tests.conftest import reachable
from tests.embedded.running import command

pytestmark = pytest.mark.integration

OCCUPIED = 4


def test_a_restore_fills_an_empty_kafka_and_postgres_and_refuses_what_is_filled(
    backup: Path, database: str, tmp_path: Path
) -> None:
    listed = tmp_path / "erasures.jsonl"
    erasures.add(
        listed, erasures.Erased(case_id=LIVING, reference="letter-1", asked_at="2026-11-24")
    )
    with Embedded(reachable(tmp_path) / "kafka") as parts, parts.kafka() as broker:
        settings = {
            "PEYGIR_KAFKA": broker.address,
            "PEYGIR_DATABASE_URL": database,
            "PEYGIR_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
            "PEYGIR_HMAC_KEY": base64.urlsafe_b64encode(HMAC).decode(),
        }
        words = ("restore", str(backup), "--erasures", str(listed))

        done = command(*words, data=tmp_path / "data", **settings)
        again = command(*words, data=tmp_path / "data", **settings)

        assert done.returncode == 0, done.stderr
        assert "PEYGIR_INBOX_GENERATION=2" in done.stdout
        assert (again.returncode, "Kafka is not empty" in again.stderr) == (OCCUPIED, True)
        ends = asyncio.run(_ends(broker.address))
        assert sum(end for place, end in ends.items() if place.topic == CASE_FACTS) == 3
        assert sum(end for place, end in ends.items() if place.topic == KEYRING) == 0
        calls = {
            place.partition: end for place, end in ends.items() if place.topic == ANSWERED_CALLS
        }
        assert {one for one, end in calls.items() if end} == {partition_of_call(CALL.call)}
        assert ends[TopicPartition(PROGRESS_DESK, 0)] == 1, "the erasure is ordered again"
        with pytest.raises(BrokenError, match="somebody else writes"):
            asyncio.run(_append_where_others_have_written(broker.address))
        end = ends[TopicPartition(CASE_FACTS, 0)]
        assert asyncio.run(_desk(database)) == (min(end, 1), end, 2)


async def _append_where_others_have_written(kafka: str) -> None:
    place = TopicPartition(CASE_FACTS, partition_of(ERASED))
    record = Kept(0, 0, ERASED.encode(), encode(submitted(ERASED)), ())
    async with log.writing(kafka) as writing:
        await writing.append(place, record, at=0)
        await writing.flush()


async def _ends(kafka: str) -> dict[TopicPartition, int]:
    sizes = await log.sizes(kafka)
    wanted = (CASE_FACTS, KEYRING, ANSWERED_CALLS, PROGRESS_DESK)
    places = [TopicPartition(name, one) for name in wanted for one in range(sizes[name])]
    async with log.reading(kafka) as reading:
        assert isinstance(reading, Reading)
        return {**await reading.ends(places)}


async def _desk(database: str) -> tuple[int, int, int]:
    """How far delivery and linking count, clamped to the log; and the inbox generation then."""
    connection = await asyncpg.connect(database)
    try:
        delivered = await connection.fetchval("select log_offset from desk.delivered")
        looked_at = await connection.fetchval("select log_offset from desk.looked_at")
        generation = await connection.fetchval("select inbox_generation from desk.restores")
    finally:
        await connection.close()
    return delivered, looked_at, generation
