"""What the OpenAPI document says of the read API: the answers' models, with examples.

The models describe and never validate: the projection's JSON goes out as it is.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from schemas.vocabulary import Channel, ClockKind, Priority
from services.http.inline import in_one_piece
from services.http.moments import SCHEMA
from services.http.problems import problem_responses
from streams.core.transitions import State

ClockStateShown = Literal["running", "paused", "breached", "met", "missed", "linked"]


class ClockShown(BaseModel):
    """One promise; a case that is reopened or passed on has further ones of a kind.

    *paused* stands still; *linked* follows another case.
    """

    kind: ClockKind
    cycle: int
    department: str
    started_at: datetime
    deadline: datetime
    state: ClockStateShown
    stopped_at: datetime | None
    voided: bool


class WaitingShown(BaseModel):
    """Why nothing can be done for a while; at `until` the clocks go on by themselves."""

    reason: str
    since: datetime
    until: datetime


class RoutingShown(BaseModel):
    reason: str
    policy_version: str


class CaseShown(BaseModel):
    """A case. `text` and `place` are null where whoever reported it was erased."""

    case_id: str
    municipality: str
    state: State
    department: str | None
    category: str | None
    priority: Priority | None
    problem_report: bool | None
    clocks: list[ClockShown]
    waiting: WaitingShown | None
    parent: str | None
    transfers: int
    reopenings: int
    routing: RoutingShown | None
    version: int
    channel: Channel
    submitted_at: datetime
    recorded_at: datetime
    occurred_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    historical: bool
    times_reversed: bool
    erased_at: datetime | None
    district: str | None
    unfoldable: str | None
    tracking_code: str
    text: str | None
    place: dict[str, Any] | None


class Position(BaseModel):
    partition: int
    offset: int


class FactShown(BaseModel):
    position: Position
    judgement: Literal["effective", "refused", "duplicate"]
    refusal: str | None
    fact: dict[str, Any]


class FactsShown(BaseModel):
    facts: list[FactShown]
    next: int | None
    next_href: str | None


class Titled(BaseModel):
    id: str
    title_fa: str | None
    title_en: str | None


class DeadlineShown(BaseModel):
    kind: ClockKind
    deadline: datetime
    state: ClockStateShown


StepName = Literal[
    "submitted",
    "routed",
    "acknowledged",
    "started",
    "asked",
    "answered",
    "waiting",
    "resumed",
    "passed-on",
    "linked",
    "unlinked",
    "resolved",
    "closed",
    "reopened",
]


class StepShown(BaseModel):
    """`reason`: what is waited for, where the step says so."""

    step: StepName
    at: datetime
    reason: Titled | None


class TrackedWaiting(BaseModel):
    """The clocks stand still, at the longest until then."""

    reason: Titled
    since: datetime
    until: datetime


class TrackShown(BaseModel):
    """What a citizen sees: nothing personal."""

    tracking_code: str
    municipality: Titled
    department: Titled | None
    category: Titled | None
    state: State
    submitted_at: datetime
    waiting: TrackedWaiting | None
    deadlines: list[DeadlineShown]
    steps: list[StepShown]


_CASE_ID = "mfrggzdfmztwq2lkmfrggzdfmztwq2lk"
_AT = "2026-11-24T08:30:00+00:00"
_DEADLINE = "2026-11-24T10:30:00+00:00"
_CASE_EXAMPLE: dict[str, Any] = {
    "case_id": _CASE_ID,
    "municipality": "hashtgerd",
    "state": "routed",
    "department": "parks",
    "category": "park-tree-fallen",
    "priority": "high",
    "problem_report": True,
    "clocks": [
        {
            "kind": "first-response",
            "cycle": 0,
            "department": "parks",
            "started_at": _AT,
            "deadline": _DEADLINE,
            "state": "running",
            "stopped_at": None,
            "voided": False,
        }
    ],
    "waiting": None,
    "parent": None,
    "transfers": 0,
    "reopenings": 0,
    "routing": {"reason": "words: درخت، افتاده", "policy_version": "hashtgerd/2026-11-01"},
    "version": 137,
    "channel": "app",
    "submitted_at": _AT,
    "recorded_at": _AT,
    "occurred_at": None,
    "due_at": _DEADLINE,
    "closed_at": None,
    "historical": False,
    "times_reversed": False,
    "erased_at": None,
    "district": None,
    "unfoldable": None,
    "tracking_code": "12345-67890-12345",
    "text": "درختی در پارک افتاده است",
    "place": {"lat": 35.9619, "lon": 50.6789},
}
_FACTS_EXAMPLE: dict[str, Any] = {
    "facts": [
        {
            "position": {"partition": 3, "offset": 136},
            "judgement": "effective",
            "refusal": None,
            "fact": {
                "type": "case.submitted.v1",
                "fact_id": f"{_CASE_ID}/9f86d081884c7d65/submitted",
                "case_id": _CASE_ID,
                "recorded_at": _AT,
                "content": {"sealed": f"{_CASE_ID}/5f2b9d4c1a7e8f60"},
            },
        }
    ],
    "next": None,
    "next_href": None,
}
_TRACK_EXAMPLE: dict[str, Any] = {
    "tracking_code": "12345-67890-12345",
    "municipality": {"id": "hashtgerd", "title_fa": "هشتگرد", "title_en": "Hashtgerd"},
    "department": {"id": "parks", "title_fa": "پارک‌ها و فضای سبز", "title_en": "Parks"},
    "category": None,
    "state": "routed",
    "submitted_at": _AT,
    "waiting": None,
    "deadlines": [{"kind": "first-response", "deadline": _DEADLINE, "state": "running"}],
    "steps": [
        {"step": "submitted", "at": _AT, "reason": None},
        {"step": "routed", "at": _AT, "reason": None},
    ],
}


def answer(
    model: type[BaseModel], example: dict[str, Any], words: str, *problems: int, key: bool = True
) -> dict[str, Any]:
    content = {"application/json": {"schema": in_one_piece(model), "example": example}}
    responses = {"200": {"description": words, "content": content}, **problem_responses(*problems)}
    return {"security": [{"key": []}] if key else [], "responses": responses}


_CASE_ID_IN_PATH = {
    "name": "case_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": _CASE_ID,
}
_MOMENT = {
    "name": "at",
    "in": "query",
    "required": False,
    "schema": SCHEMA,
    "description": "the case as it was recorded by then: the fold of its first facts",
}
_WHOLE_CASE = answer(CaseShown, _CASE_EXAMPLE, "The case.", 401, 403, 404, 422, 503)
_WHOLE_CASE["responses"]["304"] = {"description": "The caller has it: the ETag is theirs."}
CASE = {"parameters": [_CASE_ID_IN_PATH, _MOMENT]} | _WHOLE_CASE
FACTS = answer(FactsShown, _FACTS_EXAMPLE, "A page of facts.", 401, 403, 404, 422, 503)
TRACK = answer(TrackShown, _TRACK_EXAMPLE, "What became of it.", 404, 422, 409, 429, 503, key=False)
TRACK_POST = TRACK | {
    "responses": TRACK["responses"] | problem_responses(400, 413),
}
