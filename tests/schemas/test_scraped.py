"""What a scrape gets of a process: who it is, and trace ids where the format has room for them."""

from urllib.request import Request, urlopen

import pytest

from schemas import logs
from schemas.exposition import Meters, serve
from schemas.metrics import BUILD_INFO, INTAKE_EVENTS, INTAKE_PUBLISH_SECONDS

TRACE = "0af7651916cd43dd8448eb211c80319c"
PROMETHEUS_ACCEPTS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PLAIN = "text/plain;version=0.0.4"


@pytest.fixture
def meters() -> Meters:
    return Meters([BUILD_INFO, INTAKE_EVENTS, INTAKE_PUBLISH_SECONDS])


def scraped(meters: Meters, accept: str) -> list[str]:
    port = serve(meters, "intake", lambda: None, host="127.0.0.1", port=0)
    asked = Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    with urlopen(asked, timeout=10) as answer:  # noqa: S310
        assert answer.headers["Content-Type"].startswith(accept.split(";", maxsplit=1)[0])
        return answer.read().decode().splitlines()


def test_a_trace_id_goes_with_what_was_counted_and_measured_in_openmetrics(meters: Meters) -> None:
    meters.count(INTAKE_EVENTS, "app", "accepted", trace=TRACE)
    meters.observe(INTAKE_PUBLISH_SECONDS, 0.02, "app", trace=TRACE)

    lines = [
        one for one in scraped(meters, PROMETHEUS_ACCEPTS) if f'# {{trace_id="{TRACE}"}}' in one
    ]

    assert [one.split("{")[0] for one in lines] == [
        "peygir_intake_events_total",
        "peygir_intake_publish_duration_seconds_bucket",
    ]
    assert 'le="0.025"' in lines[1]


def test_the_plain_format_has_the_same_numbers_without_traces(meters: Meters) -> None:
    meters.count(INTAKE_EVENTS, "app", "accepted", trace=TRACE)

    lines = scraped(meters, PLAIN)

    assert 'peygir_intake_events_total{channel="app",result="accepted"} 1.0' in lines
    assert not any(TRACE in one for one in lines)


def test_what_has_no_trace_keeps_no_trace(meters: Meters) -> None:
    meters.count(INTAKE_EVENTS, "app", "accepted", trace=None)

    assert not any("trace_id" in one for one in scraped(meters, PROMETHEUS_ACCEPTS))


@pytest.mark.parametrize("accept", [PROMETHEUS_ACCEPTS, PLAIN])
def test_a_process_says_who_it_is_and_what_it_uses(meters: Meters, accept: str) -> None:
    lines = scraped(meters, accept)

    assert f'peygir_build_info{{version="{logs.version()}",worker="intake"}} 1.0' in lines
    names = {one.split()[0] for one in lines}
    assert names >= {"process_resident_memory_bytes", "process_cpu_seconds_total"}
