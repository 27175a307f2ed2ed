"""Who may say what of which case: one table, read by the edge and by the fold."""

from collections.abc import Mapping
from typing import Literal

from schemas.facts import Progress
from schemas.vocabulary import Deed, Department, Role
from streams.core.hierarchy import below
from streams.core.terms import Terms

Reach = Literal["own", "below", "any", "theirs"]
"""Of which cases: those that the speaker's department has; those too that a department under it
has; any of the municipality; those that the citizen, or the channel for a citizen, reported."""

_WORK: tuple[Deed, ...] = (
    "acknowledged",
    "started",
    "paused",
    "resumed",
    "information-requested",
    "information-received",
    "transfer-requested",
    "resolved",
    "closed-without-action",
    "noted",
    "handed-over",
    "handed-over-answered",
    "split",
    "linked",
    "unlinked",
)
_CITIZENS: tuple[Deed, ...] = (
    "information-received",
    "noted",
    "confirmed",
    "disputed",
    "rated",
    "reopened",
)
_OVER_A_DEPARTMENT: tuple[Deed, ...] = (
    "paused",
    "resumed",
    "information-requested",
    "transfer-requested",
    "reclassified",
    "noted",
    "handed-over",
    "reopened",
    "escalation-seen",
)
_HEADS: Mapping[Deed, Reach] = {
    **dict.fromkeys(_WORK, "own"),
    "reopened": "own",
    "reclassified": "own",
    "escalation-seen": "own",
}
_OPERATORS: tuple[Deed, ...] = (*_WORK, *_CITIZENS, "reclassified")

MAY: Mapping[Role, Mapping[Deed, Reach]] = {
    # The 137 centre says what citizens told it, and whose a case is; work it notes for whoever
    # has no other way to say so.
    "operator": dict.fromkeys(_OPERATORS, "any"),
    "member": dict.fromkeys(_WORK, "own"),
    "head": _HEADS,
    "deputy": {**_HEADS, **dict.fromkeys(_OVER_A_DEPARTMENT, "below")},
    # The mayor sees all, and holds nothing back.
    "mayor": {"noted": "any", "escalation-seen": "any"},
    "auditor": {},
    "administrator": {},
    "channel": dict.fromkeys(_CITIZENS, "theirs"),
    "citizen": dict.fromkeys(_CITIZENS, "theirs"),
}

THE_CITIZEN: frozenset[Role] = frozenset({"citizen", "channel"})
"""Who speaks as the citizen: in person, or by the channel that brought the message."""
OF_THE_OWNER: frozenset[Deed] = frozenset({"acknowledged", "resolved", "closed-without-action"})
"""What is only said for the department that has the case, whoever says it."""


def deed_of(fact: Progress) -> Deed:
    """What it is called where it is reported: `resumed` for `case.resumed.v1`."""
    return fact.type.split(".")[1]  # pyright: ignore[reportReturnType]  # A test holds the two.


def role_of(fact: Progress) -> Role:
    """As what somebody speaks who does not say so."""
    return fact.role or role_without(fact.department)


def role_without(department: Department | None) -> Role:
    """What the role is of whoever names none and speaks for that department, or for none."""
    return "operator" if department is None else "member"


def permits(
    role: Role,
    deed: Deed,
    *,
    speaker: Department | None,
    owner: Department | None,
    version: Terms | None,
) -> bool:
    """Whether somebody of department `speaker` may say it of a case that `owner` has.

    Whose citizen or whose municipality it is must be known before: it is not asked here. Without a
    `version`, nobody is above anybody.
    """
    match MAY[role].get(deed):
        case "any" | "theirs":
            return True
        case "own":
            return speaker is not None and speaker == owner
        case "below":
            return speaker is not None and (
                speaker == owner
                or (version is not None and owner in below(version.departments, speaker))
            )
        case None:
            return False
