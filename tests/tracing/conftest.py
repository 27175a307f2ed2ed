"""A whole running Peygir whose processes are traced, and who collects it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.collector import Collector, collecting
from tests.conftest import reachable
from tests.crash.city import City


@dataclass(frozen=True, slots=True)
class Traced:
    city: City
    collector: Collector


@pytest.fixture(scope="package")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    folder = reachable(tmp_path_factory.mktemp("traced"))
    with collecting() as collector:
        city = City(
            folder / "data",
            faults={"router-intake": "chokes"},
            more={
                "PEYGIR_TRACING_URL": collector.url,
                # What the edge's framework would send by itself goes to the same place.
                "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url.removesuffix("/v1/traces"),
            },
        )
        try:
            yield Traced(city.wait_until_ready(), collector)
        finally:
            city.stop()
