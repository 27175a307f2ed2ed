"""What stands in a header so that one message is followed through the processes: W3C Trace Context.

A header names a trace and the span that sent it, in random digits, and says nothing else. What a
vendor puts beside it (`tracestate`, `baggage`) is neither read nor passed on: nobody knows what it
holds.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NewType

TRACEPARENT = "traceparent"
TraceParent = NewType("TraceParent", str)
"""The header's value, valid and in the form of version 00."""

SpanKind = Literal["server", "producer", "consumer", "internal"]
Attributes = Mapping[str, str | int]

_PATTERN = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 1


def read(raw: bytes | None) -> TraceParent | None:
    """What a header says, or nothing where it is absent or no such value."""
    found = _PATTERN.fullmatch(raw.decode("ascii", "replace")) if raw else None
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    # A later version may say more behind what this one says, and version ff is none.
    unknown = version == "ff" or (version == "00" and more is not None)
    if unknown or not trace.strip("0") or not span.strip("0"):
        return None
    return parent(trace, span, sampled=bool(int(flags, 16) & _SAMPLED))


def of_headers(headers: Iterable[tuple[str, bytes | None]]) -> TraceParent | None:
    """The trace that a record's headers name; of several the first counts."""
    for name, value in headers:
        if name == TRACEPARENT:
            return read(value)
    return None


def parent(trace: str, span: str, *, sampled: bool) -> TraceParent:
    return TraceParent(f"00-{trace}-{span}-{'01' if sampled else '00'}")


def trace_id(parent: TraceParent | None) -> str | None:
    """The id that whoever keeps traces finds it by; none where nobody keeps this one."""
    return parent.split("-")[1] if parent and parent.endswith("1") else None
