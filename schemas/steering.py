"""What is said of a case by those who work on it, as far as it steers the case's clocks.

Free words stand in `note`, sealed. `department` is whom the speaker speaks for; without one, it is
the 137 centre.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.fact_parts import PauseTerms, Source
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    CaseId,
    Category,
    Department,
    FactId,
    Moment,
    Municipality,
    PolicyVersion,
    TransferReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    author: Author
    municipality: Municipality
    department: Department | None = None
    if_version: int | None = None
    note: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(_Said):
    """The department has begun to work on it."""

    type: Literal["case.started.v1"] = "case.started.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(_Said):
    """Nothing can be done for a while, for a reason that the policy allows."""

    type: Literal["case.paused.v1"] = "case.paused.v1"
    pause: PauseTerms
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(_Said):
    """The reason to wait is gone before the longest pause was over."""

    type: Literal["case.resumed.v1"] = "case.resumed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequested(_Said):
    """The citizen is asked something. It is a first response; it pauses where policy allows."""

    type: Literal["case.information-requested.v1"] = "case.information-requested.v1"
    pause: PauseTerms | None = None
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReceived(_Said):
    """The citizen has answered."""

    type: Literal["case.information-received.v1"] = "case.information-received.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequested(_Said):
    """It is not this department's: it moves at once to that one, or else to the 137 centre."""

    type: Literal["case.transfer-requested.v1"] = "case.transfer-requested.v1"
    why: TransferReason
    to: Department | None = None
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(_Said):
    """It was closed, and is not done. The policy named promises a new resolution."""

    type: Literal["case.reopened.v1"] = "case.reopened.v1"
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(_Said):
    """It reports what another case reports already, and follows that one's clock."""

    type: Literal["case.linked.v1"] = "case.linked.v1"
    parent: CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked(_Said):
    """It is a case of its own after all; its promises are as they were."""

    type: Literal["case.unlinked.v1"] = "case.unlinked.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassified(_Said):
    """It is about something else. Only with `new_promises` is anything else promised."""

    type: Literal["case.reclassified.v1"] = "case.reclassified.v1"
    category: Category
    policy_version: PolicyVersion
    new_promises: bool = False
