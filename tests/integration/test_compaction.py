"""What is left of an erased person on the broker's disk, once it has compacted."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from aiokafka.structs import TopicPartition

from schemas.topics import KEYRING, partition_of
from schemas.vocabulary import CaseId
from streams import projector
from streams.janitor import run
from streams.kafka import Broker
from streams.process import Worker
from tests.builders import erased, routed, source
from tests.integration.lab import Lab, lab, working

pytestmark = pytest.mark.integration


def test_an_erased_key_is_nowhere_on_the_brokers_disk_after_compaction(
    eager_broker: tuple[str, Path], postgres: str
) -> None:
    address, files = eager_broker
    case_id = CaseId("erased-for-ever")

    async def scenario() -> None:
        async with lab(address, postgres, "on_disk") as city:
            said = await city.submit(case_id, "my name is on this", source(0))
            await city.append(routed(said))
            async with working(projector.run, city.worker()), working(run, _eager(city)):
                await city.projected()
                kept = await city.row("keyring", case_id)
                assert kept is not None
                wrapped = kept["wrapped"].encode()
                assert _on_disk(files, wrapped)

                await city.append(erased(case_id))
                await city.settled(partial(_no_key, city, case_id))
                late = await city.submit(case_id, "my name is on this", source(1))
                await city.projected()
                await city.settled(partial(_no_key, city, case_id))
                assert await city.count("contents", case_id=case_id) == 0
                assert await city.count("case_words", case_id=case_id) == 0
                assert await city.count("facts", case_id=case_id) == 4
                assert await city.count("cases", case_id=case_id) == 1

                names = {f"{case_id}/{one.content.kid}".encode() for one in (said, late)}
                assert names <= await _tombstones(city, partition_of(case_id))
                await city.settled(partial(_gone, files, wrapped))

    asyncio.run(scenario())


def _eager(city: Lab) -> Worker:
    """A janitor's worker whose days pass in half a second."""
    began = datetime.now(UTC)

    def now() -> datetime:
        return began + (datetime.now(UTC) - began) * 2 * 86_400

    return replace(city.worker(janitor_tick_seconds=0.3), now=now)


async def _no_key(city: Lab, case_id: CaseId) -> bool:
    return await city.count("keyring", case_id=case_id) == 0


async def _tombstones(city: Lab, partition: int) -> set[bytes]:
    place = TopicPartition(KEYRING, partition)
    end = (await city.ends(KEYRING))[partition]
    broker = Broker(city.kafka, client="test", wait_seconds=10)
    await broker.start()
    try:
        records = [await broker.record_at(place, offset) for offset in range(end)]
    finally:
        await broker.stop()
    return {one.key for one in records if one and one.key and one.value is None}


async def _gone(folder: Path, text: bytes) -> bool:
    return not _on_disk(folder, text)


def _on_disk(folder: Path, text: bytes) -> bool:
    return any(text in _bytes(file) for file in folder.rglob("keyring-*/*") if file.is_file())


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # The broker deletes what is compacted.
        return b""
