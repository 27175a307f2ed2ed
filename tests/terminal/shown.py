"""Processes as `peygir watch` sees them, made by hand; and one that answers over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import generate_latest

from schemas import city_metrics, metrics
from schemas.exposition import Meters
from schemas.metric import Metric
from services.watching.seen import Condition, Process, Sample

Shown = Mapping[tuple[Metric, tuple[str, ...]], float]
"""Values by metric and labels, in the order that the metric declares them."""

PARKS, FANI = ("hashtgerd", "parks"), ("hashtgerd", "fani")
STREETS = ("boston", "streets")

# An accountant's figures: two departments of one city, one of another, and a line that moves.
DAY: Shown = {
    (city_metrics.CASES_OPEN, (*PARKS, "normal", "routed")): 7,
    (city_metrics.CASES_OPEN, (*PARKS, "urgent", "started")): 2,
    (city_metrics.CASES_OPEN, (*FANI, "low", "linked")): 3,
    (city_metrics.CASES_OPEN, (*STREETS, "low", "routed")): 100,
    (city_metrics.CASES_OLDEST, PARKS): 1_000_000.0,
    (city_metrics.SLA_OPEN, (*PARKS, "normal", "overdue")): 4,
    (city_metrics.SLA_OPEN, (*PARKS, "urgent", "overdue")): 1,
    (city_metrics.SLA_OPEN, (*PARKS, "urgent", "running")): 50,
    (city_metrics.SLA_OPEN, (*FANI, "low", "overdue")): 9,
    (city_metrics.SLA_OPEN, (*STREETS, "low", "overdue")): 0,
    (city_metrics.SLA_DUE, (*PARKS, "normal", "1h")): 5,
    (city_metrics.SLA_DUE, (*PARKS, "normal", "4h")): 60,
    (city_metrics.CASES_AT_CENTRE, ("hashtgerd",)): 2,
    (city_metrics.CASES_AT_CENTRE, ("boston",)): 1,
    (metrics.LAG_MESSAGES, ("router-progress", "progress-fani")): 12,
    (metrics.LAG_SECONDS, ("router-progress", "progress-fani")): 25,
    (metrics.LAG_MESSAGES, ("projector", "case-facts")): 40,
    (metrics.LAG_SECONDS, ("projector", "case-facts")): 3,
    (metrics.LAG_MESSAGES, ("dispatcher", "outbox")): 0,
    (metrics.LAG_SECONDS, ("dispatcher", "outbox")): 0,
    (metrics.ACCOUNTING_OPEN, ()): 0,
    (metrics.DISPATCHER_PARKED, ("dept-hashtgerd-fani",)): 0,
    (metrics.TIMER_HELD, ()): 0,
}
# Nothing that anybody would have to do.
CALM: Shown = {
    **dict.fromkeys(DAY, 0),
    (city_metrics.CASES_OPEN, (*PARKS, "normal", "routed")): 7,
}


def process(name: str, values: Shown, condition: Condition = "well", *, wrong: str = "") -> Process:
    series: dict[str, list[Sample]] = {}
    for (metric, labels), value in values.items():
        named = dict(zip((label for label, _ in metric.labels), labels, strict=True))
        series.setdefault(metric.name, []).append(Sample(labels=named, value=value))
    return Process(
        name=name, address=f"{name}:9137", condition=condition, wrong=wrong, series=series
    )


def text(values: Shown) -> str:
    """As a process shows it, by the library that it shows it with."""
    meters = Meters({metric for metric, _ in values})
    for (metric, labels), value in values.items():
        if metric.kind == "counter":
            meters.count(metric, *labels, by=value)
        else:
            meters.show(metric, value, *labels)
    return generate_latest(meters.registry).decode()


@contextmanager
def answering(metrics_text: str, *, wrong: str = "", port: int = 0) -> Iterator[int]:
    """A process that shows that text, at the port it is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.path == "/metrics"
            self.send_response(503 if wrong and not asked else 200)
            self.end_headers()
            self.wfile.write((metrics_text if asked else wrong or "ok").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
