"""Where a process tells what it did for one message, and how long it took: a tracer, or none."""

from typing import Protocol

from schemas.trace_context import Attributes, SpanKind, TraceParent

NOTHING: Attributes = {}


class Span(Protocol):
    """One piece of work, from when it was begun to when it is ended."""

    @property
    def onward(self) -> TraceParent | None:
        """What whoever goes on with the message is told."""
        ...

    @property
    def trace_id(self) -> str | None:
        """What an exemplar names; none where this trace is not kept."""
        ...

    def end(
        self,
        *,
        name: str | None = None,
        attributes: Attributes = NOTHING,
        failed: bool = False,
        ago: float = 0.0,
    ) -> None:
        """Done, `ago` seconds before now."""
        ...


class Tracer(Protocol):
    """Attributes hold ids, names and counts of ours, never what a person said or is reached by."""

    @property
    def on(self) -> bool: ...

    def begin(
        self,
        name: str,
        kind: SpanKind,
        *,
        parent: TraceParent | None = None,
        attributes: Attributes = NOTHING,
        ago: float = 0.0,
    ) -> Span:
        """A span of the parent's trace, or the first of a trace of its own."""
        ...

    def follow(
        self,
        parent: TraceParent | None,
        name: str,
        kind: SpanKind,
        *,
        attributes: Attributes = NOTHING,
        ago: float = 0.0,
    ) -> Span:
        """A span of the parent's trace; nothing where there is none."""
        ...

    def close(self) -> None:
        """Sends what is not sent yet, within a second or never."""
        ...


class NoSpan:
    """Where nobody traces."""

    onward: TraceParent | None = None
    trace_id: str | None = None

    def end(self, **_: object) -> None:
        pass


NO_SPAN: Span = NoSpan()


class Untraced:
    """Tracing that is off: it costs a call, and loads nothing."""

    on = False

    def begin(self, *_: object, **__: object) -> Span:
        return NO_SPAN

    def follow(self, *_: object, **__: object) -> Span:
        return NO_SPAN

    def close(self) -> None:
        pass


UNTRACED: Tracer = Untraced()
