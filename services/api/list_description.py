"""What the OpenAPI document says of lists and counts."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.vocabulary import Channel, ClockKind, Priority, Verdict
from services.api.description import answer
from streams.core.transitions import State


class SummaryShown(BaseModel):
    """A case in a list; `text` is the beginning of what was said, `due_clock` what is due."""

    case_id: str
    municipality: str
    state: State
    department: str | None
    category: str | None
    priority: Priority | None
    problem_report: bool | None
    channel: Channel
    district: str | None
    submitted_at: datetime
    recorded_at: datetime
    due_at: datetime | None
    due_clock: ClockKind | None
    closed_at: datetime | None
    waiting_for: str | None
    parent: str | None
    verdict: Verdict | None
    stars: int | None
    dispute_until: datetime | None
    body: str | None
    bounces: int
    part_of: str | None
    historical: bool
    times_reversed: bool
    erased_at: datetime | None
    version: int
    tracking_code: str
    text: str | None


class CasesShown(BaseModel):
    cases: list[SummaryShown]
    next_cursor: str | None


class FigureShown(BaseModel):
    """With `more`, there are more than `count`."""

    count: int
    more: bool


class GroupShown(FigureShown):
    """A figure, beside the values that it was counted by."""

    model_config = ConfigDict(extra="allow")


class CountsShown(BaseModel):
    """`complete`: every group is there."""

    total: FigureShown
    groups: list[GroupShown]
    complete: bool


_AT = "2026-11-24T08:30:00+00:00"
_EXAMPLE: dict[str, Any] = {
    "cases": [
        {
            "case_id": "mfrggzdfmztwq2lkmfrggzdfmztwq2lk",
            "municipality": "hashtgerd",
            "state": "routed",
            "department": "parks",
            "category": "GRN-02",
            "priority": "high",
            "problem_report": True,
            "channel": "app",
            "district": None,
            "submitted_at": _AT,
            "recorded_at": _AT,
            "due_at": "2026-11-24T10:30:00+00:00",
            "due_clock": "first-response",
            "closed_at": None,
            "waiting_for": None,
            "parent": None,
            "verdict": None,
            "stars": None,
            "dispute_until": None,
            "body": None,
            "bounces": 0,
            "part_of": None,
            "historical": False,
            "times_reversed": False,
            "erased_at": None,
            "version": 137,
            "tracking_code": "12345-67890-12345",
            "text": "درختی در پارک افتاده است",
        }
    ],
    "next_cursor": None,
}
_COUNTS_EXAMPLE: dict[str, Any] = {
    "total": {"count": 10_000, "more": True},
    "groups": [
        {"department": "pasmand", "state": "resolved", "count": 10_000, "more": True},
        {"department": "parks", "state": "routed", "count": 137, "more": False},
    ],
    "complete": True,
}
_LINK = {
    "description": "`first`, `next` and `prev`, where they are (RFC 8288)",
    "schema": {"type": "string"},
}

LIST = answer(CasesShown, _EXAMPLE, "A page of cases.", 401, 403, 422, 503)
LIST["responses"]["200"]["headers"] = {"Link": _LINK}
COUNTS = answer(CountsShown, _COUNTS_EXAMPLE, "The figures.", 401, 403, 422, 503)
