"""One whole running Peygir for the stories, with somebody in it who may play each part."""

from collections.abc import Iterator

import pytest

from tests.conftest import reachable
from tests.crash.city import City
from tests.e2e.city import Town, settled_in


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Hashtgerd as it is shipped, but for how long two reports of one thing wait for each other."""
    folder = reachable(tmp_path_factory.mktemp("e2e"))
    city = City(folder / "data", more={"PEYGIR_TRACK_PER_MINUTE_MAX": "1000"})
    try:
        with settled_in(city.wait_until_ready()) as town:
            yield town
    finally:
        city.stop()
