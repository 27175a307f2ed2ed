"""How long a fetch waits: little while records come, long while none does.

A fetch asks for the partitions of which nothing lies fetched and not yet taken, and until it is
answered none is sent for the others. So one that waits long for partitions in which nothing comes
holds up those in which much does.
"""

from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetches:
    """The broker answers when it has `min_bytes`, and at the latest after `max_wait_ms`."""

    max_wait_ms: int
    min_bytes: int


def pace(consumer: AIOKafkaConsumer, fetches: Fetches) -> None:
    """From the next fetch of a reader that has started; aiokafka itself lets nobody change it."""
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    fetcher._fetch_max_wait_ms = fetches.max_wait_ms  # noqa: SLF001
    fetcher._fetch_min_bytes = fetches.min_bytes  # noqa: SLF001
