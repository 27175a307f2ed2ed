"""What enters an inbox, and what is kept beside the log.

A message is a claim by its author, a fact is what Peygir recorded of it.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.deliveries import Delivery
from schemas.fact_parts import Promise, Source
from schemas.places import Place, Reporter
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    Body,
    BodyAnswer,
    CallDigest,
    CallOutcome,
    CaseId,
    Category,
    Channel,
    ClosingReason,
    DeadLetterKind,
    Deed,
    Department,
    District,
    FactId,
    Moment,
    Municipality,
    PauseReason,
    PolicyVersion,
    Role,
    TransferReason,
    Visibility,
    WrittenMoment,
)

TEXT_CHARACTERS_MAX = 8_000
REFERENCE_CHARACTERS_MAX = 200
FIELD_CHARACTERS_MAX = 500
CALL_SECONDS_MAX = 86_400  # Nobody is on the telephone for a day.


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A citizen's message, as it lies in an intake inbox.

    `reference` makes a retry the same case: the channel's own id of the message, or the
    idempotency key. `author` counts only in an inbox that our edge alone may write; in any other
    the inbox itself is the author. `part_of` is the case that was split, and counts only in the
    inbox of parts.
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
    part_of: CaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPart:
    """One of the things that a case was about, in words."""

    text: str
    category: Category | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """What is said of a case by those who work on it, and by the citizen.

    `department`, `author`, `role`, `parent_recorded_at`, `because` and `reporter_of` count only in
    `progress-desk`; in a department's own inbox the inbox says who speaks. Without a `reference`
    each report is one of its own. What goes with what was done stands beside it: `reason` with
    paused; `why` with transfer-requested (and `to`, `category` or `district`) and with
    closed-without-action; `parent` with linked; `category` and `new_promises` with reclassified;
    `visibility` with noted; `body` and `body_reference` with handed-over; `answer` with
    handed-over-answered; `parts` with split; `stars` with rated. An item of evidence begins with
    its kind: `photo:…`, `document:…`.
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
    role: Role | None = None
    reason: PauseReason | None = None
    why: TransferReason | ClosingReason | None = None
    to: Department | None = None
    parent: CaseId | None = None
    parent_recorded_at: Moment | None = None
    because: str | None = None
    category: Category | None = None
    district: District | None = None
    new_promises: bool = False
    visibility: Visibility | None = None
    body: Body | None = None
    body_reference: str | None = None
    answer: BodyAnswer | None = None
    parts: tuple[ReportedPart, ...] = ()
    stars: int | None = None
    reporter_of: CaseId | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered:
    """A call of the municipality's line that was answered and made no case; each counts once.

    Nothing of it tells who called: `call` is a keyed digest of the line's own id of the call, which
    may well hold a number. What is said later of the same call takes the place of this.
    """

    type: Literal["call-answered.v1"] = "call-answered.v1"
    municipality: Municipality
    call: CallDigest
    author: Author
    outcome: CallOutcome
    answered_at: Moment
    category: Category | None = None
    seconds: int | None = None


Message = (
    Submission
    | ProgressReport
    | DeadlineOrder
    | ImportedCase
    | Erasure
    | Repair
    | DeadLetter
    | Key
    | CallAnswered
    | Delivery
)
