"""What a process shows of itself on a port of its own: `/metrics` and `/healthz`."""

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    make_wsgi_app,  # pyright: ignore[reportUnknownVariableType]  # its result has no type
)

from schemas import logs
from schemas.metric import Metric
from schemas.metrics import BUILD_INFO

Labels = tuple[str, ...]

Healthy = Callable[[], str | None]
"""What is wrong, in words, or nothing."""


class Meters:
    """The metrics of one process, every bounded series there from the start."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry(auto_describe=True)
        self._meters = {metric.name: _meter(metric, self.registry) for metric in metrics}
        self._shown: dict[str, frozenset[Labels]] = {}

    def count(self, metric: Metric, *labels: str, by: float = 1, trace: str | None = None) -> None:
        """With a trace id where there is a trace of what was counted: OpenMetrics shows it."""
        self._at(metric, labels).inc(by, _exemplar(trace))

    def observe(self, metric: Metric, value: float, *labels: str, trace: str | None = None) -> None:
        """What took less than no time, by a clock that was set back meanwhile, took none."""
        self._at(metric, labels).observe(max(value, 0.0), _exemplar(trace))

    def show(self, metric: Metric, value: float, *labels: str) -> None:
        self._at(metric, labels).set(value)

    def expect(self, metric: Metric, *known: str) -> None:
        """Begins the series of these first labels, with every listed value of the others.

        A series that begins with its first count would hide that count from a rate.
        """
        for values in itertools.product(*(values for _, values in metric.labels[len(known) :])):
            self._at(metric, (*known, *values))

    def show_only(self, metric: Metric, values: Mapping[Labels, float]) -> None:
        """The gauge with these series and no others: what is not ours any more is not shown.

        A gauge without labels has one series, `()`, or for the time being none.
        """
        for labels, value in values.items():
            self._at(metric, labels).set(value)
        before = self._shown.get(metric.name, frozenset() if metric.labels else frozenset({()}))
        shown = frozenset(values)
        for gone in before - shown:
            self._hide(metric, gone)
        if not metric.labels and shown - before:
            self.registry.register(self._meters[metric.name])
        self._shown[metric.name] = shown

    def show_at_scrape(self, metric: Metric, value: Callable[[], float], *labels: str) -> None:
        """The gauge as `value` gives it whenever somebody looks, in a thread of its own."""
        self._at(metric, labels).set_function(value)

    def of_process(self, worker: str) -> None:
        """Adds what every process shows: who it is, its memory, its time of the processor."""
        self.show(BUILD_INFO, 1, logs.version(), worker)
        ProcessCollector(registry=self.registry)

    def _hide(self, metric: Metric, labels: Labels) -> None:
        meter = self._meters[metric.name]
        if labels:
            meter.remove(*labels)
        else:
            self.registry.unregister(meter)

    def _at(self, metric: Metric, labels: Labels) -> Any:  # noqa: ANN401
        meter = self._meters[metric.name]
        return meter.labels(*labels) if labels else meter


def serve(meters: Meters, worker: str, healthy: Healthy, *, host: str, port: int) -> int:
    """Serves from a thread of its own until the process ends; gives the port it got."""
    meters.of_process(worker)
    metrics_app = cast("Any", make_wsgi_app(meters.registry))

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        if environ["PATH_INFO"] != "/healthz":
            return metrics_app(environ, start_response)
        wrong = healthy()
        status = "200 OK" if wrong is None else "503 Service Unavailable"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [(wrong or "ok").encode()]

    server = make_server(host, port, app, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="exposition", daemon=True).start()
    return server.server_port


class _Server(WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 5  # A caller that says nothing does not hold the only thread.

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Scrapes are not events."""


def _exemplar(trace: str | None) -> dict[str, str] | None:
    return {"trace_id": trace} if trace else None


def _meter(metric: Metric, registry: CollectorRegistry) -> Any:  # noqa: ANN401
    names = [name for name, _ in metric.labels]
    kinds = {"counter": Counter, "gauge": Gauge}
    if metric.kind == "histogram":
        meter = Histogram(
            metric.name, metric.help, names, buckets=metric.buckets, registry=registry
        )
    else:
        meter = kinds[metric.kind](metric.name, metric.help, names, registry=registry)
    for values in itertools.product(*(values for _, values in metric.labels if names)):
        if values:
            meter.labels(*values)
    return meter
