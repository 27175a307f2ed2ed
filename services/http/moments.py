"""A moment in a URL or a body: ISO 8601 with its zone, in a time that can be."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
LIKE = "such as 2026-11-24T09:30:00+03:30"
# In a query an unescaped plus is a space.
_LOST_PLUS = re.compile(r"(T[0-9:.]+) (\d\d:\d\d)")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"[+-]?[0-9.]+")


def is_number(value: object) -> bool:
    """Whether pydantic would take it for seconds since 1970: also a number in quotes is one."""
    return not isinstance(value, str) or bool(_NUMBER.fullmatch(value))


def moment(text: object) -> datetime:
    """The moment that was written. Raises a `ValueError` that says what is wrong with it."""
    if isinstance(text, datetime):
        return text
    written = _LOST_PLUS.sub(r"\1+\2", text) if isinstance(text, str) else ""
    if not _ISO.fullmatch(written):
        raise ValueError(f"is not a moment in ISO 8601 with its zone, {LIKE}")
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"is no day or hour that there is; write one {LIKE}") from None
    # Compared before it is converted: a year at the edge of the calendar has no other zone.
    if not EARLIEST.year < read.year < LATEST.year:
        raise ValueError(f"is not between {EARLIEST.year} and {LATEST.year}")
    return read.astimezone(UTC)


SCHEMA: dict[str, Any] = {"type": "string", "format": "date-time"}
Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema(SCHEMA)]
