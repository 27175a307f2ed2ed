"""Example values of what is said in the life of a case: each with as little as its type allows."""

from datetime import datetime, timedelta
from typing import TypedDict

from schemas.example_steering import DESK, DESK_SOURCE, VERSION
from schemas.example_values import AT, CASE_ID, CITY, RESOLVED
from schemas.fact_parts import CasePart, Source
from schemas.facts import Living
from schemas.living import (
    Confirmed,
    Disputed,
    EscalationSeen,
    HandedOver,
    HandedOverAnswered,
    Noted,
    Rated,
    Split,
)
from schemas.notices import Undisputed
from schemas.vocabulary import Author, Body, CaseId, Deed, FactId, Municipality

WATER = Body("water")


class _Said(TypedDict):
    fact_id: FactId
    case_id: CaseId
    recorded_at: datetime
    source: Source
    author: Author
    municipality: Municipality


def _said(did: Deed) -> _Said:
    return _Said(
        fact_id=FactId(f"{DESK}/order-8/{did}"),
        case_id=CASE_ID,
        recorded_at=AT,
        source=DESK_SOURCE,
        author=DESK,
        municipality=CITY,
    )


SPLIT = Split(**_said("split"), parts=(CasePart(), CasePart()))
HANDED_OVER = HandedOver(**_said("handed-over"), body=WATER, policy_version=VERSION)
LIVING: tuple[Living, ...] = (
    Noted(**_said("noted")),
    HANDED_OVER,
    HandedOverAnswered(**_said("handed-over-answered"), answer="done"),
    SPLIT,
    Confirmed(**_said("confirmed")),
    Disputed(**_said("disputed"), policy_version=VERSION),
    Rated(**_said("rated"), stars=4),
    EscalationSeen(**_said("escalation-seen")),
)
UNDISPUTED = Undisputed(
    fact_id=FactId(f"{RESOLVED.fact_id}/undisputed"),
    case_id=CASE_ID,
    recorded_at=AT + timedelta(days=7),
    cause=RESOLVED.fact_id,
    due_at=AT + timedelta(days=7),
    department=RESOLVED.department,
)
