"""What happened to a case by one fact, as it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.city_metrics import CaseEvent
from schemas.facts import Acknowledged, ClosedWithoutAction, Fact, Resolved, Routed
from schemas.living import Confirmed, Disputed, HandedOver, Rated, Split
from schemas.notices import Escalated, Undisputed
from schemas.steering import Reopened, TransferRequested
from schemas.vocabulary import Department, Priority
from streams.core.case import Case

_EVENTS: Mapping[type[Fact], CaseEvent] = {
    Routed: "routed",
    Acknowledged: "acknowledged",
    Resolved: "resolved",
    ClosedWithoutAction: "closed",
    Reopened: "reopened",
    TransferRequested: "passed-on",
    Escalated: "escalated",
    HandedOver: "handed-over",
    Split: "split",
    Confirmed: "confirmed",
    Disputed: "disputed",
    Undisputed: "undisputed",
}
# What is disputed was done by whoever had it until then; nobody else is blamed for it.
_OF_WHO_HAD_IT: frozenset[CaseEvent] = frozenset({"passed-on", "disputed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event, by who had the case and how urgent it was."""

    event: CaseEvent
    department: Department
    priority: Priority


def happened(before: Case, fact: Fact, after: Case) -> Happened | None:
    """What an effective fact is counted as; none where it is of another kind, or of the past."""
    event = _EVENTS.get(type(fact))
    if event is None or after.historical:
        return None
    # Who gave a case away misjudged it, or was given what was misjudged: it is theirs to look at.
    had = before if event in _OF_WHO_HAD_IT else after
    if had.department is None or had.priority is None:
        return None
    return Happened(event=event, department=had.department, priority=had.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How many stars a citizen gave, and to whom."""

    department: Department
    stars: int


def rated(fact: Fact, after: Case) -> Rating | None:
    """The rating that an effective fact is; none where it is no rating, or of the past."""
    if not isinstance(fact, Rated) or after.historical or after.department is None:
        return None
    return Rating(department=after.department, stars=fact.stars)
