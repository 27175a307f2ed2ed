"""A broker of their own for the tests that write to Peygir's own topics."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer import fetcher

from schemas.topics import KEYRING
from services.embedded.parts import Embedded
from streams.fetches import Fetches
from tests.conftest import reachable
from tests.topics import make_fixed_topics, make_topic

QUICK_COMPACTION = {
    "cleanup.policy": "compact",
    "max.compaction.lag.ms": "500",
    "segment.ms": "500",
    "file.delete.delay.ms": "100",
    "delete.retention.ms": "86400000",
    "min.cleanable.dirty.ratio": "0.01",
}


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> Sequence[Fetches]:
    """How long each fetch of aiokafka's in this process asked the broker to wait, in order."""
    asked: list[Fetches] = []
    made: Any = fetcher.FetchRequest

    def noted(max_wait_ms: int, min_bytes: int, *more: object, **others: object) -> object:
        asked.append(Fetches(max_wait_ms=max_wait_ms, min_bytes=min_bytes))
        return made(max_wait_ms, min_bytes, *more, **others)

    monkeypatch.setattr(fetcher, "FetchRequest", noted)
    return asked


@pytest.fixture(scope="module")
def city_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker with the topics that every installation has.

    Each module has its own: whoever projects a log reads all that its neighbours left in it.
    """
    folder = reachable(tmp_path_factory.mktemp("city"))
    with Embedded(folder / "data") as parts, parts.kafka() as broker:
        asyncio.run(make_fixed_topics(broker.address))
        yield broker.address


@pytest.fixture(scope="session")
def eager_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A broker that compacts the keyring within seconds, and the folder of its files."""
    folder = reachable(tmp_path_factory.mktemp("eager")) / "data"
    with Embedded(folder) as parts, parts.kafka() as broker:
        asyncio.run(_make_eager(broker.address))
        yield broker.address, folder / "kafka"


async def _make_eager(kafka: str) -> None:
    await make_topic(kafka, KEYRING, partitions=8, settings=QUICK_COMPACTION)
    await make_fixed_topics(kafka)
