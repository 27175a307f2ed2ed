"""What facts are made of: where one came from, and what one promises."""

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import (
    Category,
    ClockKind,
    Department,
    EscalationRole,
    Moment,
    PauseReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The inbox position a fact was decided from. A restored inbox has a new generation.

    With `more`, another fact of the same message follows, and is its outcome.
    """

    inbox: str
    generation: int
    partition: int
    offset: int
    more: Literal[True] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where, to about 100 metres: enough for maps and counts, and it survives an erasure."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningPoint:
    """One step of a clock before its deadline: so much of the budget is used at `at`."""

    percent: int
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPoint:
    """One step of a clock after its deadline: then whoever has that role is told, once.

    `department` is the office that has the role, where it has a topic of its own. `after_seconds`
    count from the deadline, of the department's working time or of all.
    """

    step: int
    role: EscalationRole
    at: Moment
    after_seconds: int
    working_time: bool
    department: Department | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was promised for one clock, with every moment that a notice is due at.

    The moments stand in the fact: only what moves them later, a pause, needs a calendar again.
    """

    kind: ClockKind
    started_at: Moment
    deadline: Moment
    budget_seconds: int
    working_time: bool
    warnings: tuple[WarningPoint, ...] = ()
    escalations: tuple[EscalationPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePart:
    """One of the things that a case was about; without a category, its words say what."""

    category: Category | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTerms:
    """What a pause may do, as the policy allowed it: why, for how long at most, to which clocks."""

    why: PauseReason
    until: Moment
    clocks: tuple[ClockKind, ...]
