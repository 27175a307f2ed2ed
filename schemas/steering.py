"""What is said of a case by those who work on it, as far as it steers the case's clocks."""

from dataclasses import dataclass
from typing import Literal

from schemas.fact_parts import PauseTerms
from schemas.said import Said
from schemas.vocabulary import (
    CaseId,
    Category,
    Department,
    District,
    Moment,
    PolicyVersion,
    TransferReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Said):
    """The department has begun to work on it."""

    type: Literal["case.started.v1"] = "case.started.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Said):
    """Nothing can be done for a while, for a reason that the policy allows."""

    type: Literal["case.paused.v1"] = "case.paused.v1"
    pause: PauseTerms
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Said):
    """The reason to wait is gone before the longest pause was over."""

    type: Literal["case.resumed.v1"] = "case.resumed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequested(Said):
    """The citizen is asked something. It is a first response; it pauses where policy allows."""

    type: Literal["case.information-requested.v1"] = "case.information-requested.v1"
    pause: PauseTerms | None = None
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReceived(Said):
    """The citizen has answered."""

    type: Literal["case.information-received.v1"] = "case.information-received.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequested(Said):
    """It is not this department's, and moves at once.

    To the department that is named; else to that of the category or of the district that it is
    said to be of; else to the 137 centre.
    """

    type: Literal["case.transfer-requested.v1"] = "case.transfer-requested.v1"
    why: TransferReason
    to: Department | None = None
    category: Category | None = None
    district: District | None = None
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Said):
    """It was closed, and is not done. That policy promises a new resolution."""

    type: Literal["case.reopened.v1"] = "case.reopened.v1"
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Said):
    """It reports what another case reports already, and follows that one's clock.

    Only an earlier case is followed, so no two follow each other: `parent_recorded_at` is when that
    one was recorded. `because` says why they are the same, where no person said so.
    """

    type: Literal["case.linked.v1"] = "case.linked.v1"
    parent: CaseId
    parent_recorded_at: Moment | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked(Said):
    """It is a case of its own after all; its promises are as they were."""

    type: Literal["case.unlinked.v1"] = "case.unlinked.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassified(Said):
    """It is about something else. Only with `new_promises` is anything else promised."""

    type: Literal["case.reclassified.v1"] = "case.reclassified.v1"
    category: Category
    policy_version: PolicyVersion
    new_promises: bool = False
