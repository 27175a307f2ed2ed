"""What the OpenAPI document says of the read API: the answers' models, with examples.

The models describe and never validate: the projection's JSON goes out as it is.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from schemas.vocabulary import BodyAnswer, Channel, ClockKind, Priority, Role, Verdict
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


class BodyShown(BaseModel):
    """Whom it was handed over to, what that one said, and what it calls the case."""

    body: str
    title_fa: str | None
    title_en: str | None
    answer: BodyAnswer | None
    reference: str | None


class RelativesShown(BaseModel):
    """`case_ids`: those of them that are here and that the key sees, 200 at most."""

    count: int
    case_ids: list[str]


class FollowedShown(BaseModel):
    """The case whose clocks count; of one that the key may not see, its id alone."""

    case_id: str
    tracking_code: str | None
    state: State | None


class CaseShown(BaseModel):
    """A case. `text` and `place` are null where whoever reported it was erased.

    `bounces`: passed on since the 137 centre said whose it is. `verdict` is the citizen's, who may
    dispute a closing until `dispute_until`.
    """

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
    bounces: int
    verdict: Verdict | None
    stars: int | None
    dispute_until: datetime | None
    body: BodyShown | None
    parts: RelativesShown
    part_of: str | None
    follows: FollowedShown | None
    followers: RelativesShown
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


class ReasonShown(BaseModel):
    """Why it had no effect: the code stays the same, the sentences may be said better."""

    code: str
    words_en: str
    words_fa: str


class SaidShown(BaseModel):
    """What was said with it, opened: notes, internal ones too, and evidence."""

    note: str | None = None
    evidence: list[str] = []
    parts: list[str] = []


AuthorKind = Literal["staff", "citizen", "client", "department", "adapter", "linker", "split"]


class FactShown(BaseModel):
    """`said` is null where there was nothing to say, or it was erased.

    The kind of author: a member of staff, a citizen by the tracking code, the client of an API
    key, a department's own inbox, an adapter, who links duplicates, or a case that was split; none
    where nobody said it but Peygir.
    """

    position: Position
    judgement: Literal["effective", "refused", "duplicate", "unfoldable"]
    refusal: str | None
    refused_for: ReasonShown | None
    role: Role | None
    author_kind: AuthorKind | None
    said: SaidShown | None
    fact: dict[str, Any]


class FactsShown(BaseModel):
    facts: list[FactShown]
    next: int | None
    next_href: str | None


CASE_ID = "mfrggzdfmztwq2lkmfrggzdfmztwq2lk"
AT = "2026-11-24T08:30:00+00:00"
DEADLINE = "2026-11-24T10:30:00+00:00"
_CASE_EXAMPLE: dict[str, Any] = {
    "case_id": CASE_ID,
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
            "started_at": AT,
            "deadline": DEADLINE,
            "state": "running",
            "stopped_at": None,
            "voided": False,
        }
    ],
    "waiting": None,
    "parent": None,
    "transfers": 0,
    "reopenings": 0,
    "bounces": 0,
    "verdict": None,
    "stars": None,
    "dispute_until": None,
    "body": None,
    "parts": {"count": 0, "case_ids": []},
    "part_of": None,
    "follows": None,
    "followers": {"count": 1, "case_ids": ["nbswy3dpeb3w64tmmqqgm5lomnxw64tm"]},
    "routing": {"reason": "words: درخت، افتاده", "policy_version": "hashtgerd/2026-11-01"},
    "version": 137,
    "channel": "app",
    "submitted_at": AT,
    "recorded_at": AT,
    "occurred_at": None,
    "due_at": DEADLINE,
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
            "refused_for": None,
            "role": None,
            "author_kind": "client",
            "said": None,
            "fact": {
                "type": "case.submitted.v1",
                "fact_id": f"{CASE_ID}/9f86d081884c7d65/submitted",
                "case_id": CASE_ID,
                "recorded_at": AT,
                "content": {"sealed": f"{CASE_ID}/5f2b9d4c1a7e8f60"},
            },
        },
        {
            "position": {"partition": 3, "offset": 139},
            "judgement": "refused",
            "refusal": "the case is routed",
            "refused_for": {
                "code": "state",
                "words_en": "the case is routed",
                "words_fa": "این مورد نزد واحد است",
            },
            "role": "citizen",
            "author_kind": "citizen",
            "said": {"note": "هنوز درست نشده است", "evidence": [], "parts": []},
            "fact": {
                "type": "case.disputed.v1",
                "fact_id": "citizen/d-1/disputed",
                "case_id": CASE_ID,
                "recorded_at": AT,
                "author": "citizen",
                "role": "citizen",
                "note": {"sealed": f"{CASE_ID}/5f2b9d4c1a7e8f60"},
            },
        },
    ],
    "next": None,
    "next_href": None,
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
    "example": CASE_ID,
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
