"""The words that every part of Peygir shares, each with one meaning."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, NewType, get_args

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII
)


class _Aware:
    """Tells the codec that a time without a zone is an error."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, Any]:
        return {"type": "datetime", "tz_constraint": "aware"}


class _Written:
    """Tells the codec that "2026" is no moment: read as seconds since 1970, it would be one.

    Only for what others write. It makes reading a fact a sixth slower, and our own are all ISO.
    """

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, Any]:
        aware = {"type": "datetime", "tz_constraint": "aware"}
        read = {"type": "function-plain", "function": {"type": "no-info", "function": _moment}}
        written = {"type": "chain", "steps": [read, aware]}
        return {"type": "json-or-python", "json_schema": written, "python_schema": aware}


Moment = Annotated[datetime, _Aware()]
WrittenMoment = Annotated[datetime, _Written()]

CaseId = NewType("CaseId", str)
FactId = NewType("FactId", str)
Municipality = NewType("Municipality", str)
Department = NewType("Department", str)
Category = NewType("Category", str)
District = NewType("District", str)
PolicyVersion = NewType("PolicyVersion", str)
PauseReason = NewType("PauseReason", str)
"""Why a clock may stand still, by the name that the policy's list of reasons gives it."""
Body = NewType("Body", str)
"""Another body than the municipality that some cases are for, by the policy's name of it."""
CallDigest = NewType("CallDigest", str)
"""A call that was answered, by a keyed digest of the line's own id of it."""
Author = NewType("Author", str)
"""Who said it: an API key's client, a member of staff as `staff/<name>`, or the inbox topic that
only one outside system may write."""

Channel = Literal["phone", "sms", "web", "app", "email", "messenger"]
Priority = Literal["urgent", "high", "normal", "low"]
ClockKind = Literal["first-response", "resolution", "holding"]
"""Until somebody answers for it; until it is done; how long one department has it."""
EscalationRole = Literal["head", "deputy", "mayor"]
"""Who is told of a breach that goes on. The mayor watches, and is asked for nothing."""
TransferReason = Literal["wrong-department", "wrong-district"]
ClosingReason = Literal["not-ours", "no-action-needed", "not-possible-now"]
"""Why a case is closed although nothing was fixed."""
Role = Literal[
    "operator",
    "member",
    "head",
    "deputy",
    "mayor",
    "auditor",
    "administrator",
    "channel",
    "citizen",
]
"""As what somebody speaks of a case, within one municipality: an operator of the 137 centre; a
member, the head or the deputy of one department; the mayor, who sees all and holds nothing back;
an auditor, who only reads; an administrator, who keeps the accounts; a channel that brings a
citizen's messages; a citizen, by the tracking code."""
Visibility = Literal["public", "internal"]
"""Whether a note is for the citizen too, or among those who work on the case."""
BodyAnswer = Literal["accepted", "done", "refused"]
"""What another body says of a case that was handed over to it."""
Shown = Literal["note", "photo", "document"]
"""What a resolution is shown by; a category may demand some of it."""
CallOutcome = Literal[
    "informed",
    "followed-up",
    "put-through",
    "no-service",
    "wrong-number",
    "dropped",
    "abuse",
]
"""How a call ended that made no case: told what was asked; told how an earlier case stands; put
through to another service or body; it was about what nobody offers; meant for another number;
broken off, or nobody spoke; nothing but abuse."""
Verdict = Literal["confirmed", "disputed", "undisputed"]
"""What the citizen says of a closed case; undisputed: nothing, for as long as the policy waits."""

Deed = Literal[
    "acknowledged",
    "started",
    "paused",
    "resumed",
    "information-requested",
    "information-received",
    "transfer-requested",
    "reopened",
    "linked",
    "unlinked",
    "reclassified",
    "resolved",
    "closed-without-action",
    "noted",
    "handed-over",
    "handed-over-answered",
    "split",
    "confirmed",
    "disputed",
    "rated",
    "escalation-seen",
]
"""What can be reported of a case."""

DeadLetterKind = Literal["unreadable", "refused", "too-large", "incident"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
CLOSING_REASONS: tuple[ClosingReason, ...] = get_args(ClosingReason)
CLOCK_KINDS: tuple[ClockKind, ...] = get_args(ClockKind)
ESCALATION_ROLES: tuple[EscalationRole, ...] = get_args(EscalationRole)
TRANSFER_REASONS: tuple[TransferReason, ...] = get_args(TransferReason)
ROLES: tuple[Role, ...] = get_args(Role)
DEEDS: tuple[Deed, ...] = get_args(Deed)
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
BODY_ANSWERS: tuple[BodyAnswer, ...] = get_args(BodyAnswer)
CALL_OUTCOMES: tuple[CallOutcome, ...] = get_args(CallOutcome)
SHOWN: tuple[Shown, ...] = get_args(Shown)
STARS_MAX = 5
"""The best rating; the worst is 1."""
WAITING_FOR_CITIZEN = PauseReason("waiting-for-citizen")
"""The reason that a question to the citizen pauses for, where the policy has it."""


def _moment(text: object) -> datetime:
    if not isinstance(text, str) or not _ISO.fullmatch(text):
        raise ValueError("is not a moment in ISO 8601 with its zone")
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("is no day or hour that there is") from None
