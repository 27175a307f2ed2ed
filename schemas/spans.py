"""Spans as OpenTelemetry sends them: the one module that knows its library.

They wait in memory, within a bound, and a thread sends them every second: who collects them may be
slow or away, and no message waits for that.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan

from schemas import logs, trace_context
from schemas.trace_context import Attributes, TraceParent
from schemas.tracing import NO_SPAN, NOTHING, Span

KINDS: Mapping[trace_context.SpanKind, SpanKind] = {
    "server": SpanKind.SERVER,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
WAITING_MAX = 8_192  # Spans beyond it are dropped: that is what is lost while nobody collects.
SENT_AT_ONCE_MAX = 512
SEND_MILLISECONDS = 1_000
ANSWER_SECONDS_MAX = 5.0
CLOSE_SECONDS_MAX = 1.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_PARENT = Context()


class Exporting:
    """A tracer of one process, which sends by OTLP over HTTP."""

    on = True

    def __init__(
        self,
        url: str,
        *,
        worker: str,
        instance: str,
        share: float,
        now: Callable[[], datetime],
    ) -> None:
        # Not the library's own resource: that would name the machine and the command line.
        named = {
            "service.namespace": "peygir",
            "service.name": f"peygir-{worker}",
            "service.instance.id": instance,
            "service.version": logs.version(),
        }
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource(named),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                OTLPSpanExporter(endpoint=url, timeout=ANSWER_SECONDS_MAX),
                max_queue_size=WAITING_MAX,
                max_export_batch_size=SENT_AT_ONCE_MAX,
                schedule_delay_millis=SEND_MILLISECONDS,
            )
        )
        self._now = now
        self._tracer = self._provider.get_tracer("peygir", logs.version())

    def begin(
        self,
        name: str,
        kind: trace_context.SpanKind,
        *,
        parent: TraceParent | None = None,
        attributes: Attributes = NOTHING,
        ago: float = 0.0,
    ) -> Span:
        begun = self._tracer.start_span(
            name,
            context=_NO_PARENT if parent is None else _remote(parent),
            kind=KINDS[kind],
            attributes=attributes,
            start_time=_nanoseconds(self._now(), ago),
        )
        return _Sent(begun, self._now)

    def follow(
        self,
        parent: TraceParent | None,
        name: str,
        kind: trace_context.SpanKind,
        *,
        attributes: Attributes = NOTHING,
        ago: float = 0.0,
    ) -> Span:
        if parent is None:
            return NO_SPAN
        return self.begin(name, kind, parent=parent, attributes=attributes, ago=ago)

    def close(self) -> None:
        # The library would wait for an answer longer than whoever stops this process waits for it.
        closing = threading.Thread(target=self._provider.shutdown, name="spans", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS_MAX)


class _Sent:
    """A span of the library's, in our words."""

    __slots__ = ("_now", "_span", "onward")

    def __init__(self, span: OtelSpan, now: Callable[[], datetime]) -> None:
        self._span = span
        self._now = now
        context = span.get_span_context()
        self.onward: TraceParent | None = trace_context.parent(
            f"{context.trace_id:032x}",
            f"{context.span_id:016x}",
            sampled=context.trace_flags.sampled,
        )

    @property
    def trace_id(self) -> str | None:
        return trace_context.trace_id(self.onward)

    def end(
        self,
        *,
        name: str | None = None,
        attributes: Attributes = NOTHING,
        failed: bool = False,
        ago: float = 0.0,
    ) -> None:
        if name is not None:
            self._span.update_name(name)
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(StatusCode.ERROR)
        self._span.end(_nanoseconds(self._now(), ago))


def _remote(parent: TraceParent) -> Context:
    _, trace, span, flags = parent.split("-")
    context = SpanContext(
        trace_id=int(trace, 16),
        span_id=int(span, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(flags, 16)),
    )
    return set_span_in_context(NonRecordingSpan(context), _NO_PARENT)


def _nanoseconds(now: datetime, ago: float) -> int:
    return (now - timedelta(seconds=ago) - _EPOCH) // _MICROSECOND * 1_000
