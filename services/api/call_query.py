"""What the counts of calls are asked for: the parameters of the URL, each with a limit."""

import re
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from services.api.query import Value

CallDimension = Literal["day", "outcome", "category"]
DIMENSIONS: tuple[CallDimension, ...] = get_args(CallDimension)
# A day at the edge of the calendar has no neighbour, and no other zone.
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _day(text: object) -> date:
    """Raises a `ValueError` that says what is wrong with it: "20261130" is no day, but seconds."""
    if not isinstance(text, str) or not _ISO.fullmatch(text):
        raise ValueError("is not a day such as 2026-11-30")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day that there is") from None
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"is not between {EARLIEST.year} and {LATEST.year}")
    return day


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class CallQuery(BaseModel):
    """Days are those of the municipality's own zone, the last one included."""

    model_config = ConfigDict(extra="forbid")

    municipality: Value
    since: Day | None = Field(default=None, description="the first day; 30 days, if left out")
    until: Day | None = Field(default=None, description="the last day; today, if left out")
    by: Annotated[list[CallDimension], Field(max_length=len(DIMENSIONS))] = Field(
        default=["day", "outcome"], description="counted for each value of these together"
    )
