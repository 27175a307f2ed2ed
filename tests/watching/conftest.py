"""A running city with a real Prometheus beside it, and what is seen of its day, each step once."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.conftest import reachable
from tests.crash.city import City
from tests.embedded.running import wait_for
from tests.tools import needed
from tests.watching.alarms import EXPECTED
from tests.watching.day import ANOTHER, Day
from tests.watching.prometheus import Prometheus, beside
from tests.watching.recorded import record
from tests.watching.scraping import Scraped, killed
from tests.watching.seen import Seen, seen, until_firing

# A process that stands still is left standing, and what is counted now and then is counted soon.
SETTINGS = {
    "PEYGIR_WATCHDOG_SECONDS": "600",
    "PEYGIR_OPEN_PROMISES_SECONDS": "1",
    "PEYGIR_LAG_SECONDS": "1",
    "PEYGIR_JANITOR_TICK_SECONDS": "1",
}
# A look may fall between the beginnings of its series: with the second one all of them are there.
OF_ANOTHER = f'count_over_time(peygir_sla_promises_total{{municipality="{ANOTHER}"}}[1m]) > 1'
JOINED_SECONDS_MAX = 30.0
FIRING_SECONDS_MAX = 120.0
SILENT_SECONDS_MAX = 60.0


@pytest.fixture(scope="package")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    needed("prometheus")  # Before anything is started for nothing.
    city = City(reachable(tmp_path_factory.mktemp("watching")) / "data", more=SETTINGS)
    try:
        yield city.wait_until_ready()
    finally:
        city.stop()


@pytest.fixture(scope="package")
def prometheus(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with beside(city, tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus


@pytest.fixture(scope="package")
def noon(city: City, prometheus: Prometheus) -> Day:
    """Everything that goes wrong has begun to."""
    assert any(prometheus.up().values())
    day = Day(city)
    asyncio.run(day.morning())
    asyncio.run(day.noon())
    return day


@pytest.fixture(scope="package")
def restarted(noon: Day) -> Scraped:
    """The projector was killed, and is asked for its metrics while it starts again."""
    return killed(noon.city, "projector")


@pytest.fixture(scope="package")
def joined(
    noon: Day,
    restarted: Scraped,
    prometheus: Prometheus,
    tmp_path_factory: pytest.TempPathFactory,
) -> Day:
    """Another municipality was added while all ran, and then somebody there reported something."""
    assert restarted.pages
    asyncio.run(noon.another_municipality(tmp_path_factory.mktemp("testshahr")))
    wait_for(lambda: prometheus.ask(OF_ANOTHER), JOINED_SECONDS_MAX)
    asyncio.run(noon.somebody_there())
    return noon


@pytest.fixture(scope="package")
def trouble(joined: Day, prometheus: Prometheus) -> Seen:
    """What is seen when all that is wrong has been so for long enough to wake somebody."""
    until_firing(prometheus, EXPECTED, FIRING_SECONDS_MAX)
    trouble = seen(joined.city, prometheus)
    if os.environ.get("TEST_RECORD_DAY") == "1":
        record(trouble.shown)
    return trouble


@pytest.fixture(scope="package")
def evening(joined: Day, trouble: Seen, prometheus: Prometheus) -> Seen:
    """What is seen when all of it is over."""
    assert trouble.alerts
    asyncio.run(joined.evening())
    until_firing(prometheus, frozenset(), SILENT_SECONDS_MAX)
    return seen(joined.city, prometheus)
