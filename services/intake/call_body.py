"""The body that tells of a call without a case, and what is wrong with it in words."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.messages import CALL_SECONDS_MAX, REFERENCE_CHARACTERS_MAX, CallAnswered
from schemas.policy import Policy
from schemas.vocabulary import Author, CallOutcome, Category, Municipality
from services.http.problems import Fault
from services.intake.body import Time, Words
from streams.core.admission import FUTURE_MAX
from streams.core.ids import call_digest

BODY_BYTES_MAX = 4 * 1024
# A line may bring its calls of a whole year at once; what is older is a slip.
PAST_MAX = timedelta(days=400)


class CallBody(BaseModel):
    """A call that was answered and made no case. Neither who called nor what was said."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    municipality: Words
    call_id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=REFERENCE_CHARACTERS_MAX,
            description="The line's own id of the call. Only a keyed digest of it is kept.",
        ),
    ]
    outcome: CallOutcome
    answered_at: Time
    category: Words | None = None
    seconds: Annotated[int, Field(ge=0, le=CALL_SECONDS_MAX, strict=True)] | None = None


BODY: TypeAdapter[CallBody] = TypeAdapter(CallBody)
EXAMPLE = {
    "municipality": "hashtgerd",
    "call_id": "pbx-2026-11-30-000137",
    "outcome": "informed",
    "answered_at": "2026-11-30T09:30:00+03:30",
    "category": "INF-02",
    "seconds": 94,
}


def wrong_with(body: CallBody, policy: Policy, now: datetime) -> Fault | None:
    """What does not fit the policy of that day, or the calendar; never with what was sent."""
    if not body.call_id.strip():
        return Fault(pointer="/call_id", detail="is empty")
    if body.answered_at > now + FUTURE_MAX:
        return Fault(pointer="/answered_at", detail="lies in the future")
    if body.answered_at < now - PAST_MAX:
        return Fault(pointer="/answered_at", detail=f"is more than {PAST_MAX.days} days ago")
    if body.category is not None and all(
        one.category != body.category for one in policy.categories
    ):
        return Fault(pointer="/category", detail="is not a category of this municipality")
    return None


def call_answered(body: CallBody, *, author: Author, secret: bytes) -> CallAnswered:
    """The message for the log: from here on the line's id of the call is gone."""
    municipality = Municipality(body.municipality)
    return CallAnswered(
        municipality=municipality,
        call=call_digest(secret, municipality, body.call_id.strip()),
        author=author,
        outcome=body.outcome,
        answered_at=body.answered_at,
        category=None if body.category is None else Category(body.category),
        seconds=body.seconds,
    )
