"""What the OpenAPI document says of the citizen's look-up."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from schemas.vocabulary import BodyAnswer, ClockKind, Verdict
from services.api.description import AT, DEADLINE, ClockStateShown, answer
from services.http.problems import problem_responses
from streams.core.transitions import State


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
    "handed-over",
    "handed-over-answered",
    "split",
    "confirmed",
    "disputed",
    "undisputed",
    "rated",
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


class TrackedBody(Titled):
    """Whom it was handed over to, what that one said, and what it calls the case."""

    answer: BodyAnswer | None
    reference: str | None


class MessageShown(BaseModel):
    """What those who work on it say to the citizen: a public note, or a question."""

    kind: Literal["note", "question"]
    at: datetime
    text: str


class TrackShown(BaseModel):
    """What a citizen sees: nothing personal.

    Of a case that follows an earlier one, `first_tracking_code` is that one's; the state, the
    department, the deadlines and the verdict are, too.
    """

    tracking_code: str
    municipality: Titled
    department: Titled | None
    category: Titled | None
    state: State
    first_tracking_code: str | None
    submitted_at: datetime
    waiting: TrackedWaiting | None
    handed_over: TrackedBody | None
    dispute_until: datetime | None
    verdict: Verdict | None
    stars: int | None
    parts: list[str]
    messages: list[MessageShown]
    deadlines: list[DeadlineShown]
    steps: list[StepShown]


_TRACK_EXAMPLE: dict[str, Any] = {
    "tracking_code": "12345-67890-12345",
    "municipality": {"id": "hashtgerd", "title_fa": "هشتگرد", "title_en": "Hashtgerd"},
    "department": {"id": "parks", "title_fa": "پارک‌ها و فضای سبز", "title_en": "Parks"},
    "category": None,
    "state": "routed",
    "first_tracking_code": None,
    "submitted_at": AT,
    "waiting": None,
    "handed_over": None,
    "dispute_until": None,
    "verdict": None,
    "stars": None,
    "parts": [],
    "messages": [{"kind": "question", "at": AT, "text": "درخت کجای پارک افتاده است؟"}],
    "deadlines": [{"kind": "first-response", "deadline": DEADLINE, "state": "running"}],
    "steps": [
        {"step": "submitted", "at": AT, "reason": None},
        {"step": "routed", "at": AT, "reason": None},
    ],
}

TRACK = answer(TrackShown, _TRACK_EXAMPLE, "What became of it.", 404, 422, 409, 429, 503, key=False)
TRACK_POST = TRACK | {
    "responses": TRACK["responses"] | problem_responses(400, 413),
}
