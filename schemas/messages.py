"""What enters an inbox and what leaves for a department or an operator.

A message is a claim by its author, a fact is what Peygir recorded of it.
"""

from dataclasses import dataclass, field
from typing import Literal

from schemas.fact_parts import Promise, Source
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    CaseId,
    Category,
    Channel,
    ClockKind,
    ClosingReason,
    DeadLetterKind,
    Deed,
    Department,
    District,
    EscalationRole,
    FactId,
    Moment,
    Municipality,
    PauseReason,
    PolicyVersion,
    Priority,
    TransferReason,
    WrittenMoment,
)

TEXT_CHARACTERS_MAX = 8_000
REFERENCE_CHARACTERS_MAX = 200
FIELD_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the problem is, in degrees (WGS 84)."""

    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    district: District | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reported it, as far as they said."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A citizen's message, as it lies in an intake inbox.

    `reference` makes a retry the same case: the channel's own id of the message, or the
    idempotency key. `author` counts only in an inbox that our edge alone may write; in any other
    the inbox itself is the author.
    """

    type: Literal["submission.v1"] = "submission.v1"
    municipality: Municipality
    channel: Channel
    text: str
    reference: str
    author: Author | None = None
    category: Category | None = None
    place: Place | None = None
    reporter: Reporter | None = None
    occurred_at: WrittenMoment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """What is said of a case by those who work on it.

    `department` and `author` count only in `progress-desk`; in a department's own inbox the inbox
    says who speaks. Without a `reference` each report is one of its own. What goes with what was
    done: `reason` with paused, `to` and `why` with transfer-requested, `why` with
    closed-without-action, `parent` with linked, `category` and `new_promises` with reclassified.
    """

    type: Literal["progress.v1"] = "progress.v1"
    case_id: CaseId
    did: Deed
    reference: str | None = None
    note: str | None = None
    evidence: tuple[str, ...] = ()
    if_version: int | None = None
    department: Department | None = None
    municipality: Municipality | None = None
    author: Author | None = None
    reason: PauseReason | None = None
    why: TransferReason | ClosingReason | None = None
    to: Department | None = None
    parent: CaseId | None = None
    category: Category | None = None
    new_promises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineOrder:
    """An order to promise something else for one clock, decided by a person; see `DeadlineSet`.

    `voids` is the breach that was announced of the deadline in whose place this one comes.
    """

    type: Literal["deadline-order.v1"] = "deadline-order.v1"
    case_id: CaseId
    municipality: Municipality
    reference: str
    author: Author
    promise: Promise
    policy_version: PolicyVersion
    replaces: FactId
    reason: str
    voids: FactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedClosing:
    """How and when another system closed a case; with a reason, nothing was fixed."""

    at: Moment
    without_action: ClosingReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCase:
    """A case of another system's past. `system` and `reference` name it there."""

    type: Literal["imported-case.v1"] = "imported-case.v1"
    municipality: Municipality
    system: str
    reference: str
    channel: Channel
    text: str
    opened_at: Moment
    department: Department
    category: Category
    place: Place | None = None
    reporter: Reporter | None = None
    deadline: Moment | None = None
    closing: ImportedClosing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An order to forget who reported a case and what they said."""

    type: Literal["erasure.v1"] = "erasure.v1"
    case_id: CaseId
    reference: str
    author: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A message whose outcome is missing, or that a person sends again, with its first source.

    `payload` is the message's bytes in base64; `to_centre` asks for no more classifying.
    """

    type: Literal["repair.v1"] = "repair.v1"
    source: Source
    recorded_at: Moment
    attempt: int
    why: Literal["gap", "replay"]
    payload: str
    to_centre: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that could not be processed, sealed, with the reason in words."""

    type: Literal["dead-letter.v1"] = "dead-letter.v1"
    source: Source
    recorded_at: Moment
    set_aside_at: Moment
    reason: str
    kind: DeadLetterKind
    payload: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A case's key, wrapped by the master key; its tombstone is the erasure.

    `phone_index` is a keyed digest of the reporter's phone, to find the case by it.
    """

    type: Literal["key.v1"] = "key.v1"
    case_id: CaseId
    kid: str
    wrapped: str
    phone_index: str | None = None


DeliveryKind = Literal[
    "assigned",
    "withdrawn",
    "warned",
    "breached",
    "escalated",
    "paused",
    "resumed",
    "answered",
    "promised",
    "voided",
    "reopened",
    "reclassified",
    "linked",
    "unlinked",
    "refused",
    "conflict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a department finds in its topic. The text and the place are plain, for days.

    `delivery_id` is the same when the same delivery comes twice. `promises` are those in force, or
    that of the `clock`; `step` and `role` say who above the department is told. The text is the
    citizen's message, or with `answered` what the citizen answered.
    """

    type: Literal["delivery.v1"] = "delivery.v1"
    delivery_id: str
    kind: DeliveryKind
    case_id: CaseId
    version: int
    tracking_code: str
    municipality: Municipality
    department: Department
    recorded_at: Moment
    fact_id: FactId
    words: str
    channel: Channel | None = None
    category: Category | None = None
    priority: Priority | None = None
    problem_report: bool | None = None
    clock: ClockKind | None = None
    percent: int | None = None
    step: int | None = None
    role: EscalationRole | None = None
    promises: tuple[Promise, ...] = ()
    text: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is sealed of a submission."""

    text: str
    place: Place | None = None
    reporter: Reporter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is sealed of a report."""

    note: str | None = None
    evidence: tuple[str, ...] = field(default=())


Message = (
    Submission
    | ProgressReport
    | DeadlineOrder
    | ImportedCase
    | Erasure
    | Repair
    | DeadLetter
    | Key
    | Delivery
)
