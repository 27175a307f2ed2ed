"""How long a fetch of the projector waits: little while facts come, long while none does."""

from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetches:
    """The broker answers when it has `min_bytes`, and at the latest after `max_wait_ms`."""

    max_wait_ms: int
    min_bytes: int


BUSY = Fetches(max_wait_ms=20, min_bytes=64 * 1024)
"""What comes for another partition waits with it. To fetch all the partitions for every single
fact would cost more than to fold them."""

IDLE = Fetches(max_wait_ms=250, min_bytes=1)
"""The first fact is answered with at once. Asked fifty times a second for nothing, a broker needs
an eighth of a processor with the one who asks."""


def pace(consumer: AIOKafkaConsumer, fetches: Fetches) -> None:
    """From the next fetch of a reader that has started; aiokafka itself lets nobody change it."""
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    fetcher._fetch_max_wait_ms = fetches.max_wait_ms  # noqa: SLF001
    fetcher._fetch_min_bytes = fetches.min_bytes  # noqa: SLF001
