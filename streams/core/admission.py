"""What a submission must be to become a case, in words; asked by the edge and by the router."""

import math
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from schemas.messages import (
    FIELD_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Submission,
)
from schemas.places import Place
from schemas.vocabulary import Municipality

FUTURE_MAX = timedelta(minutes=5)  # A phone's clock may be a little ahead of ours.
OCCURRED_MIN = datetime(1900, 1, 1, tzinfo=UTC)  # Earlier is a slip, and hard to store.
LATITUDE_MAX = 90.0
LONGITUDE_MAX = 180.0


def refusal(
    submission: Submission, municipalities: Collection[Municipality], now: datetime
) -> tuple[str, str] | None:
    """The field that is wrong, as a JSON pointer, and what is wrong with it, if anything is.

    `now` is the moment the message arrived. The text of a field is never repeated.
    """
    if submission.municipality not in municipalities:
        known = ", ".join(sorted(municipalities)) or "none yet"
        return "/municipality", f"is not served here; served are: {known}"
    return (
        _time_refusal(submission.occurred_at, now)
        or _text_refusal(submission)
        or _place_refusal(submission.place)
        or _fields(submission)
    )


def _time_refusal(occurred_at: datetime | None, now: datetime) -> tuple[str, str] | None:
    if occurred_at is None:
        return None
    if occurred_at > now + FUTURE_MAX:
        return "/occurred_at", "lies in the future"
    if occurred_at < OCCURRED_MIN:
        return "/occurred_at", f"lies before {OCCURRED_MIN.year}"
    return None


def _text_refusal(submission: Submission) -> tuple[str, str] | None:
    if not submission.text.strip():
        return "/text", "is empty"
    if len(submission.text) > TEXT_CHARACTERS_MAX:
        return "/text", f"is longer than {TEXT_CHARACTERS_MAX} characters"
    if not submission.reference.strip():
        return "/source_ref", "is empty"
    if len(submission.reference) > REFERENCE_CHARACTERS_MAX:
        return "/source_ref", f"is longer than {REFERENCE_CHARACTERS_MAX} characters"
    return None


def _place_refusal(place: Place | None) -> tuple[str, str] | None:
    if place is None:
        return None
    if (place.lat is None) != (place.lon is None):
        return "/place", "needs both lat and lon, or neither"
    if place.lat is None or place.lon is None:
        return None
    if not (math.isfinite(place.lat) and abs(place.lat) <= LATITUDE_MAX):
        return "/place/lat", f"is not a latitude in degrees: -{LATITUDE_MAX} to {LATITUDE_MAX}"
    if not (math.isfinite(place.lon) and abs(place.lon) <= LONGITUDE_MAX):
        return "/place/lon", f"is not a longitude in degrees: -{LONGITUDE_MAX} to {LONGITUDE_MAX}"
    return None


def _fields(submission: Submission) -> tuple[str, str] | None:
    place, reporter = submission.place, submission.reporter
    fields = {
        "/category": submission.category,
        "/place/address": place.address if place else None,
        "/place/district": place.district if place else None,
        "/reporter/name": reporter.name if reporter else None,
        "/reporter/phone": reporter.phone if reporter else None,
        "/reporter/email": reporter.email if reporter else None,
    }
    for pointer, value in (("/text", submission.text), *fields.items()):
        if value is None:
            continue
        if "\x00" in value:
            return pointer, "holds a NUL character"
        if pointer != "/text" and len(value) > FIELD_CHARACTERS_MAX:
            return pointer, f"is longer than {FIELD_CHARACTERS_MAX} characters"
    return None
