"""A broker of their own for the tests that write to Peygir's own topics."""

import asyncio
from collections.abc import Iterator

import pytest

from services.embedded.parts import Embedded
from tests.conftest import reachable
from tests.topics import make_fixed_topics


@pytest.fixture(scope="session")
def city_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker with the topics that every installation has."""
    folder = reachable(tmp_path_factory.mktemp("city"))
    with Embedded(folder / "data") as parts, parts.kafka() as broker:
        asyncio.run(make_fixed_topics(broker.address))
        yield broker.address
