"""A backup ends, whatever its Kafka client still waits for."""

import asyncio
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from schemas.kafka import KafkaAccess
from services.backup import log


class Stuck:
    """A client that knows its log, and never comes to an end when it is told to stop."""

    def __init__(self, **_options: Any) -> None:  # noqa: ANN401  # as the real one's
        self.assigned: list[TopicPartition] = []

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        await asyncio.Event().wait()

    def assign(self, places: list[TopicPartition]) -> None:
        self.assigned += places


def test_a_client_that_does_not_stop_is_left_and_of_nothing_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log, "AIOKafkaConsumer", Stuck)
    monkeypatch.setattr(log, "STOP_SECONDS_MAX", 0.01)
    place = TopicPartition("answered-calls", 0)

    async def read() -> list[object]:
        async with log.reading(KafkaAccess(servers="127.0.0.1:1")) as reading:
            return [some async for some in reading.records(place, 7, 7)]

    assert asyncio.run(asyncio.wait_for(read(), 5)) == []
