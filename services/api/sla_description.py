"""What the OpenAPI document says of a case's clocks, explained."""

from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import BaseModel

from schemas.vocabulary import ClockKind
from services.api.description import answer
from services.api.sla_words import Language
from streams.core.explaining import Why
from streams.core.transitions import State


class MomentShown(BaseModel):
    """An instant; as the municipality's wall clocks show it; and in words, Jalali in Persian."""

    utc: datetime
    local: datetime
    words: str


class BudgetTold(BaseModel):
    seconds: int
    working_time: bool
    words: str


class CalendarTold(BaseModel):
    """`department` where it is that department's own, not the municipality's."""

    id: str
    zone: str
    department: str | None


class StretchShown(BaseModel):
    """Half-open, and the next begins where it ends. `late`: after the deadline."""

    start: MomentShown
    end: MomentShown
    counts: bool
    counted_seconds: float
    why: Why
    words: str
    reason: str | None
    estimated: bool
    late: bool
    paused_by: str | None
    pause_ended_by: str | None
    pause_ended_author: str | None


class MoveShown(BaseModel):
    """How the deadline came to be what it is: the first promise, and whatever moved it."""

    at: MomentShown
    by: str
    words: str
    fact_id: str
    before: MomentShown | None
    deadline: MomentShown
    reason: str | None


class ClockExplained(BaseModel):
    """`deadline_at_latest`, while it stands still: if the pause lasts as long as it may."""

    kind: ClockKind
    title: str
    cycle: int
    state: Literal["running", "paused", "breached", "met", "missed", "linked"]
    state_words: str
    department: str
    policy_version: str | None
    set_by: str
    budget: BudgetTold
    calendar: CalendarTold | None
    started_at: MomentShown
    deadline: MomentShown
    deadline_at_latest: MomentShown | None
    stopped_at: MomentShown | None
    voided: bool
    used_seconds: float
    left_seconds: float
    left_words: str
    stretches: list[StretchShown]
    days_told_max: int
    deadlines: list[MoveShown]


class SlaShown(BaseModel):
    """The clocks of a case, in the order in which they were started."""

    case_id: str
    municipality: str
    unfoldable: str | None
    language: Language
    zone: str
    until: MomentShown
    state: State
    parent: str | None
    due_at: MomentShown | None
    clocks_left_out: int
    clocks: list[ClockExplained]


def _at(utc: str, local: str, words: str) -> dict[str, str]:
    return {"utc": f"{utc}+00:00", "local": f"{local}+03:30", "words": words}


_START = _at("2026-11-24T10:30:00", "2026-11-24T14:00:00", "Tue 24 Nov 2026 14:00:00")
_CLOSING = _at("2026-11-24T11:00:00", "2026-11-24T14:30:00", "Tue 24 Nov 2026 14:30:00")
_NOW = _at("2026-11-25T05:00:00", "2026-11-25T08:30:00", "Wed 25 Nov 2026 08:30:00")
_DEADLINE = _at("2026-11-25T06:00:00", "2026-11-25T09:30:00", "Wed 25 Nov 2026 09:30:00")
_CASE_ID = "mfrggzdfmztwq2lkmfrggzdfmztwq2lk"
_NO_PAUSE = {"paused_by": None, "pause_ended_by": None, "pause_ended_author": None}
_EXAMPLE: dict[str, Any] = {
    "case_id": _CASE_ID,
    "municipality": "hashtgerd",
    "unfoldable": None,
    "language": "en",
    "zone": "Asia/Tehran",
    "until": _NOW,
    "state": "routed",
    "parent": None,
    "due_at": _DEADLINE,
    "clocks_left_out": 0,
    "clocks": [
        {
            "kind": "first-response",
            "title": "first response",
            "cycle": 0,
            "state": "running",
            "state_words": "running",
            "department": "parks",
            "policy_version": "hashtgerd/2026-11-01T00:00:00Z",
            "set_by": f"{_CASE_ID}/9f86d081884c7d65/submitted/routed",
            "budget": {"seconds": 7_200, "working_time": True, "words": "2:00:00 of working time"},
            "calendar": {"id": "offices", "zone": "Asia/Tehran", "department": None},
            "started_at": _START,
            "deadline": _DEADLINE,
            "deadline_at_latest": None,
            "stopped_at": None,
            "voided": False,
            "used_seconds": 3_600.0,
            "left_seconds": 3_600.0,
            "left_words": "left 1:00:00",
            "stretches": [
                {
                    "start": _START,
                    "end": _CLOSING,
                    "counts": True,
                    "counted_seconds": 1_800.0,
                    "why": "working-hours",
                    "words": "working hours",
                    "reason": None,
                    "estimated": False,
                    "late": False,
                }
                | _NO_PAUSE
            ],
            "days_told_max": 100,
            "deadlines": [
                {
                    "at": _START,
                    "by": "routed",
                    "words": "promised",
                    "fact_id": f"{_CASE_ID}/9f86d081884c7d65/submitted/routed",
                    "before": None,
                    "deadline": _DEADLINE,
                    "reason": "words: درخت، افتاده",
                }
            ],
        }
    ],
}
_LANGUAGE = {
    "name": "lang",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": list(get_args(Language))},
    "description": "the language of the words; the municipality's own, if left out",
}
SLA = answer(SlaShown, _EXAMPLE, "Its clocks.", 401, 403, 404, 422, 503)
