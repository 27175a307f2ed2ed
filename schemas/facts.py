"""The facts of a case: small, immutable, named in the past; all of one case in one partition.

A published fact never changes: it gains an optional field, or a successor with the next version.
Times are aware and in UTC. Nothing here identifies a person but what is sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.fact_parts import Area, Promise, Source
from schemas.living import (
    Confirmed,
    Disputed,
    EscalationSeen,
    HandedOver,
    HandedOverAnswered,
    Noted,
    Rated,
    Split,
)
from schemas.notices import Notice
from schemas.said import Said
from schemas.sealed import Sealed
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    Started,
    TransferRequested,
    Unlinked,
)
from schemas.vocabulary import (
    Author,
    CaseId,
    Category,
    Channel,
    ClockKind,
    ClosingReason,
    Department,
    District,
    FactId,
    Moment,
    Municipality,
    PolicyVersion,
    Priority,
    Role,
    Shown,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A citizen's message became a case. What it says is sealed with a key of that case.

    `historical`: another system's past, which nobody is told of any more. `part_of`: the case that
    was split, where this one was a part of it.
    `occurred_at` is what the reporter claims; where `occurred_at_counts`, policy takes it for true.
    """

    type: Literal["case.submitted.v1"] = "case.submitted.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    municipality: Municipality
    channel: Channel
    author: Author
    content: Sealed
    content_digest: str
    tracking_code: str
    part_of: CaseId | None = None
    category_chosen: Category | None = None
    district: District | None = None
    area: Area | None = None
    occurred_at: Moment | None = None
    occurred_at_counts: bool = False
    historical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """The policy named the department that owns the case, and what it must keep.

    `centre` is the municipality's 137 centre, which is told what no department can be.
    """

    type: Literal["case.routed.v1"] = "case.routed.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    cause: FactId
    municipality: Municipality
    department: Department
    category: Category
    priority: Priority
    problem_report: bool
    promises: tuple[Promise, ...]
    policy_version: PolicyVersion
    reason: str
    centre: Department


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Said):
    """The department has seen the case and answers for it."""

    type: Literal["case.acknowledged.v1"] = "case.acknowledged.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closing:
    """The note and the evidence are sealed.

    The citizen may dispute it until `dispute_until`; who has not by `undisputed_at` is counted as
    one who did not. Absent: nobody is asked.
    """

    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    author: Author
    municipality: Municipality
    department: Department
    role: Role | None = None
    evidence: Sealed | None = None
    if_version: int | None = None
    occurred_at: Moment | None = None
    occurred_at_counts: bool = False
    dispute_until: Moment | None = None
    undisputed_at: Moment | None = None
    policy_version: PolicyVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(_Closing):
    """The department says the work is done; `shown` is what kinds of evidence there are."""

    type: Literal["case.resolved.v1"] = "case.resolved.v1"
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedWithoutAction(_Closing):
    """Nothing was fixed, and nothing more will be done. It is never counted as resolved."""

    type: Literal["case.closed-without-action.v1"] = "case.closed-without-action.v1"
    why: ClosingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSet:
    """A clock has the deadline that is stated here, whatever a policy would promise.

    `replaces` is the fact that set the deadline before; where another has set it since, this one
    is refused. With a `policy_version`, the promise counts that version's working time.
    """

    type: Literal["case.deadline-set.v1"] = "case.deadline-set.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    author: Author
    municipality: Municipality
    cause: FactId
    promise: Promise
    reason: str
    replaces: FactId | None = None
    policy_version: PolicyVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachVoided:
    """A breach that was announced does not count, for the reason given. `cause` is that breach."""

    type: Literal["case.breach-voided.v1"] = "case.breach-voided.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    author: Author
    municipality: Municipality
    cause: FactId
    clock: ClockKind
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterErased:
    """Who reported it, and what they said, is to be forgotten for ever; the case stays counted."""

    type: Literal["case.reporter-erased.v1"] = "case.reporter-erased.v1"
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    author: Author


Closing = Resolved | ClosedWithoutAction
Steering = (
    Started
    | Paused
    | Resumed
    | InformationRequested
    | InformationReceived
    | TransferRequested
    | Reopened
    | Linked
    | Unlinked
    | Reclassified
)
Living = (
    Noted | HandedOver | HandedOverAnswered | Split | Confirmed | Disputed | Rated | EscalationSeen
)
Progress = Acknowledged | Closing | Steering | Living
Order = DeadlineSet | BreachVoided | ReporterErased
Fact = Submitted | Routed | Notice | Progress | Order


def time_that_counts(fact: Fact) -> datetime:
    """When it happened: when it reached us, or what was claimed where policy takes that for true.

    Intervals are measured by it; what was recorded when is another question.
    """
    if isinstance(fact, Submitted | Closing) and fact.occurred_at_counts and fact.occurred_at:
        return fact.occurred_at
    return fact.recorded_at
