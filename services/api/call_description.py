"""What the OpenAPI document says of the counts of calls."""

from datetime import date

from pydantic import BaseModel

from schemas.vocabulary import CallOutcome
from services.api.description import answer


class CallsCounted(BaseModel):
    """One group: what it was asked by, how many calls, and how long those took that told it."""

    day: date | None = None
    outcome: CallOutcome | None = None
    category: str | None = None
    count: int
    seconds: int | None


class CallsShown(BaseModel):
    """`since` and `until` are days of `zone`, both included."""

    municipality: str
    zone: str
    since: date
    until: date
    total: int
    calls: list[CallsCounted]


_EXAMPLE = {
    "municipality": "hashtgerd",
    "zone": "Asia/Tehran",
    "since": "2026-11-01",
    "until": "2026-11-30",
    "total": 137,
    "calls": [
        {"day": "2026-11-29", "outcome": "informed", "count": 90, "seconds": 8_460},
        {"day": "2026-11-30", "outcome": "wrong-number", "count": 47, "seconds": None},
    ],
}

CALLS = answer(CallsShown, _EXAMPLE, "The figures.", 401, 403, 404, 422, 503)
