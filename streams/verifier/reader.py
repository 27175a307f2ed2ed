"""Reads a stretch of a topic from one offset to another, in portions, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self

from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from schemas.kafka import Kafka
from streams import kafka
from streams.away import AwayError

PORTION_MAX = 2_000
POLL_MILLISECONDS = 500
START_SECONDS_MAX = 20.0
SILENT_SECONDS_MAX = 60.0


class GoneError(Exception):
    """The topic no longer has that offset."""


class Reader:
    """One stretch at a time."""

    def __init__(self, access: Kafka) -> None:
        self._consumer = kafka.reader(access, client="verify", max_wait_ms=100)

    async def __aenter__(self) -> Self:
        with kafka.away():
            await asyncio.wait_for(self._consumer.start(), START_SECONDS_MAX)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await kafka.stopped(self._consumer.stop())

    async def read(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[tuple[Sequence[Any], int]]:
        """The records in portions, each with the offset up to which it is complete.

        Raises `GoneError`, `AwayError`.
        """
        place = TopicPartition(topic, partition)
        self._consumer.assign([place])
        self._consumer.seek(place, start)
        position = start
        while position < end:
            records = await self._portion(place, position)
            position = await self._consumer.position(place)
            yield [one for one in records if one.offset < end], min(position, end)

    async def _portion(self, place: TopicPartition, position: int) -> Sequence[Any]:
        """What is there; at the end of a compacted stretch it may be nothing but a way forward."""
        give_up_at = asyncio.get_running_loop().time() + SILENT_SECONDS_MAX
        while asyncio.get_running_loop().time() < give_up_at:
            try:
                with kafka.away():
                    got = await self._consumer.getmany(
                        place, timeout_ms=POLL_MILLISECONDS, max_records=PORTION_MAX
                    )
            except OffsetOutOfRangeError as error:
                raise GoneError(f"{place.topic}/{place.partition} at {position}") from error
            if got or await self._consumer.position(place) > position:
                return got.get(place, ())
        raise AwayError(f"Kafka does not give {place.topic}/{place.partition} at {position}")
