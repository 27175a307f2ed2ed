"""The cities of the policies in force, read again now and then: one may have been added."""

import time
from contextlib import suppress
from datetime import datetime

from streams.away import AwayError
from streams.core.at_work import City, cities
from streams.policies import PolicyBook

READ_SECONDS = 10.0


class Cities:
    def __init__(self, book: PolicyBook) -> None:
        self._book = book
        self._read_at = 0.0

    def at_work(self, now: datetime) -> tuple[City, ...]:
        return cities(self._book.terms.values(), now)

    async def read(self) -> None:
        """Where it cannot be read now, what is known stays: the world's absence others say."""
        if time.monotonic() < self._read_at:
            return
        with suppress(AwayError):
            await self._book.read()
        self._read_at = time.monotonic() + READ_SECONDS
