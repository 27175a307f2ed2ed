"""The body of a submission as it comes over HTTP, and the message that it becomes."""

from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)

from schemas.messages import (
    FIELD_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Submission,
)
from schemas.places import Place, Reporter
from schemas.vocabulary import Author, Category, Channel, District, Municipality
from services.http.moments import LIKE, is_number

BODY_BYTES_MAX = 128 * 1024
SOURCE_PREFIX = "source:"
KEY_PREFIX = "key:"
GIVEN_REFERENCE_CHARACTERS_MAX = REFERENCE_CHARACTERS_MAX - len(SOURCE_PREFIX)


def _text_time(value: object) -> object:
    if is_number(value):
        raise ValueError(f"is not a time in ISO 8601, {LIKE}")
    return value


Words = Annotated[str, Field(max_length=FIELD_CHARACTERS_MAX)]
Time = Annotated[AwareDatetime, BeforeValidator(_text_time)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class PlaceBody(_Body):
    """Where the problem is, in degrees (WGS 84)."""

    lat: Annotated[float, Field(ge=-90, le=90, strict=True)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, strict=True)] | None = None
    address: Words | None = None
    district: Words | None = None


class ReporterBody(_Body):
    """Who reported it, as far as they said. It is sealed before it is kept."""

    name: Words | None = None
    phone: Words | None = None
    email: Words | None = None


class SubmissionBody(_Body):
    """A citizen's message."""

    municipality: Words
    channel: Channel
    text: Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
    category: Words | None = None
    place: PlaceBody | None = None
    reporter: ReporterBody | None = None
    occurred_at: Time | None = None
    source_ref: (
        Annotated[str, Field(min_length=1, max_length=GIVEN_REFERENCE_CHARACTERS_MAX)] | None
    ) = None


BODY: TypeAdapter[SubmissionBody] = TypeAdapter(SubmissionBody)

EXAMPLE = {
    "municipality": "hashtgerd",
    "channel": "app",
    "text": "چراغ معابر خیابان امام خاموش است",
    "place": {"lat": 35.9619, "lon": 50.6789, "address": "خیابان امام، روبه‌روی پارک"},
    "reporter": {"phone": "09120000000"},
    "source_ref": "app-2026-000137",
}


def submission(body: SubmissionBody, *, author: Author, idempotency_key: str | None) -> Submission:
    """The message for the inbox; its reference is the channel's own, or else the key."""
    reference = f"{KEY_PREFIX}{idempotency_key or ''}"
    if body.source_ref is not None:
        reference = f"{SOURCE_PREFIX}{body.source_ref}"
    place, reporter = body.place, body.reporter
    return Submission(
        municipality=Municipality(body.municipality),
        channel=body.channel,
        text=body.text,
        reference=reference,
        author=author,
        category=None if body.category is None else Category(body.category),
        place=None if place is None else _place(place),
        reporter=None if reporter is None else Reporter(**reporter.model_dump()),
        occurred_at=body.occurred_at,
    )


def _place(place: PlaceBody) -> Place:
    return Place(
        lat=place.lat,
        lon=place.lon,
        address=place.address,
        district=None if place.district is None else District(place.district),
    )
