"""How facts and messages are written to Kafka and read again: JSON, with CloudEvents headers.

Unknown fields are ignored, so that an older reader survives a newer writer; an unknown type or
version is an error, since its meaning cannot be guessed.
"""

from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError

from schemas.facts import Fact
from schemas.messages import DeadlineOrder, Erasure, ProgressReport
from schemas.trace_context import TRACEPARENT, TraceParent

T = TypeVar("T")
DeskMessage = ProgressReport | Erasure | DeadlineOrder
"""What may lie in our own desk's inbox."""
Headers = list[tuple[str, bytes]]


class UndecodableError(ValueError):
    """The bytes are not a value of the wanted type; the text says where and why."""


def encode(value: object) -> bytes:
    """The value as JSON in UTF-8; fields that are absent are left out."""
    try:
        return _adapter(type(value)).dump_json(value, exclude_none=True)
    except PydanticSerializationError as error:  # for example a lone surrogate
        raise UndecodableError(f"{type(value).__name__} cannot be written: {error}") from error


def decode(raw: bytes | str, kind: type[T]) -> T:
    """A value of `kind`. Raises `UndecodableError`; it never repeats what the bytes said."""
    return _validated(raw, _adapter(kind))


def decode_fact(raw: bytes | str) -> Fact:
    """The fact that the bytes hold. Raises `UndecodableError`, also for an unknown type."""
    return _validated(raw, _FACTS)


def decode_desk(raw: bytes | str) -> DeskMessage:
    """What our own desk says. Raises `UndecodableError`, also for an unknown type."""
    return _validated(raw, _DESK)


def headers(
    value_type: str,
    *,
    event_id: str,
    subject: str,
    source: str,
    at: datetime,
    trace: TraceParent | None = None,
) -> Headers:
    """The CloudEvents 1.0 attributes of a record, in Kafka's binary content mode.

    With the trace that it is part of, where there is one.
    """
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": value_type,
        "ce_source": source,
        "ce_subject": subject,
        "ce_time": at.isoformat(),
        "content-type": "application/json",
    }
    if trace is not None:
        attributes[TRACEPARENT] = trace
    return [(name, text.encode()) for name, text in attributes.items()]


def json_schema(kind: Any) -> dict[str, Any]:  # noqa: ANN401  # a type or a union of types
    """The JSON Schema of what `encode` writes for `kind`."""
    return TypeAdapter(kind).json_schema(mode="serialization")


_FACTS: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="type")])

_DESK: TypeAdapter[DeskMessage] = TypeAdapter(Annotated[DeskMessage, Field(discriminator="type")])


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _validated(raw: bytes | str, adapter: TypeAdapter[T]) -> T:
    try:
        # Strict: "7" is no number, so what is accepted is what the JSON Schema says.
        return adapter.validate_json(raw, strict=True)
    except ValidationError as error:
        # The input is left out: it may be a citizen's words.
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise UndecodableError("; ".join(_said(one) for one in found)) from None


def _said(found: ErrorDetails) -> str:
    place = "/".join(str(part) for part in found["loc"]) or "message"
    # Pydantic repeats the tag that it does not know.
    unknown = found["type"] == "union_tag_invalid"
    words = "the type is not known" if unknown else found["msg"].removeprefix("Value error, ")
    return f"{place}: {words}"
