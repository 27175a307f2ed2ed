"""Who collects traces: OTLP over HTTP, as a collector takes it, kept in memory."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SentSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A span as it came in."""

    process: str
    name: str
    kind: str
    trace: str
    span: str
    parent: str
    began: int
    ended: int
    failed: bool
    attributes: Mapping[str, str | int]


@dataclass(slots=True)
class Collector:
    """What was sent so far."""

    url: str = ""
    raw: list[bytes] = field(default_factory=list[bytes])
    spans: list[Seen] = field(default_factory=list[Seen])
    resources: list[Mapping[str, str | int]] = field(default_factory=list[Mapping[str, str | int]])

    def take(self, body: bytes) -> None:
        self.raw.append(body)
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _attributes(sent.resource)
            self.resources.append(resource)
            process = str(resource["service.name"])
            for scope in sent.scope_spans:
                self.spans += [_seen(process, one) for one in scope.spans]

    def of(self, trace: str) -> list[Seen]:
        """The spans of one trace, in the order in which they began."""
        found = [one for one in self.spans if one.trace == trace]
        return sorted(found, key=lambda one: one.began)


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            """Tests are silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield collector
        finally:
            server.shutdown()
            serving.join()


def _seen(process: str, sent: SentSpan) -> Seen:
    return Seen(
        process=process,
        name=sent.name,
        kind=SentSpan.SpanKind.Name(sent.kind).removeprefix("SPAN_KIND_").lower(),
        trace=sent.trace_id.hex(),
        span=sent.span_id.hex(),
        parent=sent.parent_span_id.hex(),
        began=sent.start_time_unix_nano,
        ended=sent.end_time_unix_nano,
        failed=sent.status.code == Status.STATUS_CODE_ERROR,
        attributes=_attributes(sent),
    )


def _attributes(sent: SentSpan | Resource) -> dict[str, str | int]:
    found = {one.key: one.value for one in sent.attributes}
    return {
        name: value.string_value if value.HasField("string_value") else value.int_value
        for name, value in found.items()
    }
