"""What a process tells a collector of its work, and what it costs where none listens."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from schemas import settings, trace_context
from schemas.settings import Settings
from schemas.spans import Exporting
from schemas.tracer import tracer_of
from schemas.tracing import NO_SPAN, UNTRACED, Tracer
from tests.builders import NOON
from tests.collector import Collector, collecting

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
NOON_NANOSECONDS = int(NOON.timestamp()) * 1_000_000_000
SECOND = 1_000_000_000
NOBODY = "http://127.0.0.1:1/v1/traces"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as one:
        yield one


def tracer(url: str, share: float = 1.0) -> Tracer:
    return Exporting(url, worker="edge", instance="7", share=share, now=lambda: NOON)


def test_a_span_goes_on_in_the_trace_that_it_is_given(collector: Collector) -> None:
    ours = tracer(collector.url)

    begun = ours.begin(
        "request",
        "server",
        parent=trace_context.parent(TRACE, SPAN, sampled=True),
        attributes={"http.route": "/x"},
        ago=2.0,
    )
    begun.end(name="GET /x", attributes={"http.response.status_code": 503}, failed=True, ago=0.5)
    ours.close()

    (seen,) = collector.spans
    assert (seen.process, seen.name, seen.kind) == ("peygir-edge", "GET /x", "server")
    assert (seen.trace, seen.parent, seen.failed) == (TRACE, SPAN, True)
    assert seen.attributes == {"http.route": "/x", "http.response.status_code": 503}
    assert seen.began == NOON_NANOSECONDS - 2 * SECOND
    assert seen.ended == NOON_NANOSECONDS - SECOND // 2
    assert begun.onward == trace_context.parent(TRACE, seen.span, sampled=True)
    assert begun.trace_id == TRACE


def test_without_a_parent_a_trace_begins_and_nothing_is_followed(collector: Collector) -> None:
    ours = tracer(collector.url)

    begun = ours.begin("process", "consumer")
    begun.end()
    assert ours.follow(None, "send", "producer") is NO_SPAN
    ours.follow(begun.onward, "send", "producer").end()
    ours.close()

    first, second = collector.spans
    assert (first.parent, second.parent) == ("", first.span)
    assert first.trace == second.trace == begun.trace_id


def test_a_process_names_itself_and_nothing_of_its_machine(collector: Collector) -> None:
    ours = tracer(collector.url)

    ours.begin("process", "consumer").end()
    ours.close()

    (resource,) = collector.resources
    assert set(resource) == {
        "service.namespace",
        "service.name",
        "service.instance.id",
        "service.version",
    }
    assert resource["service.instance.id"] == "7"


def test_what_its_caller_does_not_keep_is_passed_on_and_not_sent(collector: Collector) -> None:
    ours = tracer(collector.url)

    begun = ours.begin("request", "server", parent=trace_context.parent(TRACE, SPAN, sampled=False))
    begun.end()
    ours.close()

    assert collector.spans == []
    assert begun.trace_id is None
    assert begun.onward is not None
    assert begun.onward.startswith(f"00-{TRACE}-")
    assert begun.onward.endswith("-00")


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (1.0, 40)])
def test_of_traces_begun_here_a_share_is_kept(
    collector: Collector, share: float, kept: int
) -> None:
    ours = tracer(collector.url, share)

    for _ in range(40):
        ours.begin("process", "consumer").end()
    ours.close()

    assert len(collector.spans) == kept


def test_a_collector_that_is_away_holds_up_nobody() -> None:
    ours = tracer(NOBODY)
    began = time.monotonic()

    for _ in range(2_000):
        ours.begin("process", "consumer").end()
    worked = time.monotonic() - began
    ours.close()

    assert worked < 5
    assert time.monotonic() - began - worked < 3


def test_off_it_is_one_object_that_does_nothing() -> None:
    assert tracer_of(Settings(), "edge", lambda: NOON) is UNTRACED
    assert UNTRACED.begin("process", "consumer") is NO_SPAN
    assert UNTRACED.follow(trace_context.parent(TRACE, SPAN, sampled=True), "x", "producer") is (
        NO_SPAN
    )
    assert (NO_SPAN.onward, NO_SPAN.trace_id) == (None, None)


WORKERS = """
import sys
from importlib import import_module
from datetime import UTC, datetime

import streams.__main__, streams.router.entry
from schemas.settings import Settings
from schemas.tracer import tracer_of

for one in streams.__main__.WORKERS:
    import_module(f"streams.{one.replace('-', '_')}")
tracer_of(Settings(), "x", lambda: datetime.now(UTC))
print(*(one for one in sys.modules if one.startswith("opentelemetry")))
"""
EDGE = """
import sys
import services.__main__
from datetime import UTC, datetime
from schemas.settings import Settings
from schemas.tracer import tracer_of

tracer_of(Settings(), "x", lambda: datetime.now(UTC))
# Its framework has the library's interface, which does nothing by itself.
behind = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto", "google.protobuf")
print(*(one for one in sys.modules if one.startswith(behind)))
"""


@pytest.mark.parametrize("program", [WORKERS, EDGE], ids=["workers", "edge"])
def test_off_nothing_of_it_is_imported(program: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == ""


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://collector/api/traces", "https://collector/api/traces"),
    ],
)
def test_an_address_alone_is_enough(given: str, used: str) -> None:
    assert Settings(tracing_url=given).tracing_url == used


def test_an_empty_address_is_none() -> None:
    assert Settings(tracing_url="").tracing_url is None


@pytest.mark.parametrize("wrong", ["collector:4318", "ftp://collector", "http://"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is not http"):
        Settings(tracing_url=wrong)


def test_where_the_library_is_not_installed_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "TRACING_PACKAGES", ("opentelemetry.not_there",))

    with pytest.raises(ValidationError, match=r"pip install '\.\[tracing\]'"):
        Settings(tracing_url=NOBODY)
