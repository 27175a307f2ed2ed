"""A reading of the policies that stands still is begun anew, and given up in words in the end."""

import asyncio

import pytest

from schemas.kafka import KafkaAccess
from streams import policies
from streams.away import AwayError
from streams.policies import READ_TRIES_MAX, PolicyBook


class SlowBook(PolicyBook):
    """Its first readings never end."""

    def __init__(self, *, stuck: int) -> None:
        super().__init__(KafkaAccess(servers="nowhere:1"), client="test")
        self.tries = 0
        self._stuck = stuck

    async def _read(self) -> None:
        self.tries += 1
        if self.tries <= self._stuck:
            await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "READ_SECONDS_MAX", 0.01)


def test_a_connection_that_stands_still_gives_way_to_a_new_one() -> None:
    book = SlowBook(stuck=READ_TRIES_MAX - 1)

    asyncio.run(book.read())

    assert book.tries == READ_TRIES_MAX


def test_a_broker_that_never_answers_is_away() -> None:
    book = SlowBook(stuck=READ_TRIES_MAX)

    with pytest.raises(AwayError, match="the policies cannot be read"):
        asyncio.run(book.read())

    assert book.tries == READ_TRIES_MAX
