"""What the timer says of a case: that something is due, or over.

A notice is not a verdict: whether a promise was kept is judged by what was done, and when.
`due_at` is when it was to be said. One is `unconfirmed` when it was held so long that it no longer
waited for the department's inbox to be read up to then.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import CaseId, ClockKind, Department, EscalationRole, FactId, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """So much of a clock's budget is used."""

    type: Literal["case.warned.v1"] = "case.warned.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    cause: FactId
    clock: ClockKind
    percent: int
    due_at: Moment
    deadline: Moment
    department: Department
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Breached:
    """A deadline has passed."""

    type: Literal["case.breached.v1"] = "case.breached.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    cause: FactId
    clock: ClockKind
    due_at: Moment
    department: Department
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """A deadline passed so long ago that somebody above the department is told."""

    type: Literal["case.escalated.v1"] = "case.escalated.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    cause: FactId
    clock: ClockKind
    step: int
    role: EscalationRole
    due_at: Moment
    deadline: Moment
    department: Department
    told: Department | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEnded:
    """The longest pause allowed is over; the clocks have gone on since `due_at`."""

    type: Literal["case.pause-ended.v1"] = "case.pause-ended.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    cause: FactId
    due_at: Moment
    department: Department
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisputed:
    """The citizen has said nothing against a closing, for as long as the policy waits.

    `cause` is that closing. It is counted apart from what was confirmed.
    """

    type: Literal["case.undisputed.v1"] = "case.undisputed.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    cause: FactId
    due_at: Moment
    department: Department
    unconfirmed: bool = False


ClockNotice = Warned | Breached | Escalated
Notice = ClockNotice | PauseEnded | Undisputed
