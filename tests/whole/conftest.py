"""One whole running Peygir for the tests that need all of it, started once."""

from collections.abc import Iterator

import pytest

from tests.conftest import reachable
from tests.crash.city import City


@pytest.fixture(scope="package")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Its router of intake fails on a message that says so; all else is as it is shipped."""
    folder = reachable(tmp_path_factory.mktemp("whole"))
    city = City(folder / "data", faults={"router-intake": "chokes"})
    try:
        yield city.wait_until_ready()
    finally:
        city.stop()
