"""The bodies in which something is said of a case over HTTP, and what goes with which deed."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.messages import FIELD_CHARACTERS_MAX, ReportedPart
from schemas.vocabulary import (
    STARS_MAX,
    BodyAnswer,
    ClosingReason,
    Deed,
    TransferReason,
    Visibility,
)
from services.http.problems import Fault, from_validation, refused
from streams.core.deeds import PARTS_MAX, PARTS_MIN
from streams.core.reporting import EVIDENCE_MAX, NOTE_CHARACTERS_MAX

FACT_BYTES_MAX = 128 * 1024
TRACKED_BYTES_MAX = 64 * 1024
CODE_CHARACTERS_MAX = 100

CitizensDeed = Literal[
    "information-received", "noted", "confirmed", "disputed", "rated", "reopened"
]

Name = Annotated[str, Field(min_length=1, max_length=FIELD_CHARACTERS_MAX)]
Text = Annotated[str, Field(min_length=1, max_length=NOTE_CHARACTERS_MAX)]
Stars = Annotated[int, Field(ge=1, le=STARS_MAX, strict=True)]
B = TypeVar("B", bound=BaseModel)

GOES_WITH: Mapping[Deed, frozenset[str]] = {
    "paused": frozenset({"reason"}),
    "transfer-requested": frozenset({"why", "to", "category", "district"}),
    "closed-without-action": frozenset({"why"}),
    "linked": frozenset({"parent"}),
    "reclassified": frozenset({"category", "new_promises"}),
    "noted": frozenset({"visibility"}),
    "handed-over": frozenset({"body", "body_reference"}),
    "handed-over-answered": frozenset({"answer", "body_reference"}),
    "split": frozenset({"parts"}),
    "rated": frozenset({"stars"}),
}
"""What goes with a deed beside a note and evidence; with any other, nothing."""
_WITH_EVERY = frozenset({"did", "note", "evidence"})


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class PartBody(_Body):
    """One of the things that a case was about, in words."""

    text: Text
    category: Name | None = None


class FactBody(_Body):
    """What was done, and what goes with it. Who says it is known by the key or the session."""

    did: Deed
    note: Text | None = None
    evidence: Annotated[tuple[Text, ...], Field(max_length=EVIDENCE_MAX)] = ()
    reason: Name | None = None
    why: TransferReason | ClosingReason | None = None
    to: Name | None = None
    parent: Name | None = None
    category: Name | None = None
    district: Name | None = None
    new_promises: Annotated[bool, Field(strict=True)] = False
    visibility: Visibility | None = None
    body: Name | None = None
    body_reference: Name | None = None
    answer: BodyAnswer | None = None
    parts: (
        Annotated[tuple[PartBody, ...], Field(min_length=PARTS_MIN, max_length=PARTS_MAX)] | None
    ) = None
    stars: Stars | None = None


class TrackedFactBody(_Body):
    """What a citizen says of a message of theirs, whose tracking code they have."""

    tracking_code: Annotated[str, Field(max_length=CODE_CHARACTERS_MAX)]
    municipality: Annotated[str, Field(max_length=CODE_CHARACTERS_MAX)] | None = None
    phone_last_digits: Annotated[str, Field(max_length=20)] | None = None
    did: CitizensDeed
    note: Text | None = None
    stars: Stars | None = None


FACT: TypeAdapter[FactBody] = TypeAdapter(FactBody)
TRACKED_FACT: TypeAdapter[TrackedFactBody] = TypeAdapter(TrackedFactBody)


def read_body(adapter: TypeAdapter[B], raw: bytes) -> B:
    """The body. Raises a 400 or a 422 problem that never repeats what was sent."""
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        raise from_validation(error.errors(include_url=False, include_input=False)) from None


def refuse_misplaced(did: Deed, given: set[str]) -> None:
    """Stars that are given with a note would be lost. Raises a 422 problem."""
    allowed = GOES_WITH.get(did, frozenset())
    faults = [
        Fault(pointer=f"/{name}", detail=f"does not go with {did}")
        for name in sorted(given - _WITH_EVERY - allowed)
    ]
    if faults:
        raise refused(*faults)


def with_the_deed(body: FactBody) -> dict[str, Any]:
    """What goes with the deed, as the message for the inbox has it. Raises a 422 problem."""
    refuse_misplaced(body.did, body.model_fields_set)
    given = body.model_dump(exclude={"parts", "evidence"}, exclude_none=True)
    parts = tuple(ReportedPart(**one.model_dump()) for one in body.parts or ())
    return given | {"parts": parts, "evidence": body.evidence}
