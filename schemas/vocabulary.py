"""The words that every part of Peygir shares, each with one meaning."""

from datetime import datetime
from typing import Annotated, Any, Literal, NewType, get_args


class _Aware:
    """Tells the codec that a time without a zone is an error."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, Any]:
        return {"type": "datetime", "tz_constraint": "aware"}


Moment = Annotated[datetime, _Aware()]

CaseId = NewType("CaseId", str)
FactId = NewType("FactId", str)
Municipality = NewType("Municipality", str)
Department = NewType("Department", str)
Category = NewType("Category", str)
District = NewType("District", str)
PolicyVersion = NewType("PolicyVersion", str)
Author = NewType("Author", str)
"""Who said it: an API key's client, or the inbox topic that only one outside system may write."""

Channel = Literal["phone", "sms", "web", "app", "email", "messenger"]
Priority = Literal["urgent", "high", "normal", "low"]
ClockKind = Literal["first-response", "resolution"]
ClosingReason = Literal["not-ours", "no-action-needed", "not-possible-now"]
"""Why a case is closed although nothing was fixed."""

DeadLetterKind = Literal["unreadable", "refused", "too-large", "incident"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
CLOSING_REASONS: tuple[ClosingReason, ...] = get_args(ClosingReason)
CLOCK_KINDS: tuple[ClockKind, ...] = get_args(ClockKind)
