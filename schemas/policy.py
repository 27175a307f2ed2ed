"""A municipality's policy, closed: all that a decision needs, in one value with one version."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.calendar import Calendar
from schemas.vocabulary import (
    Body,
    Category,
    Channel,
    ClockKind,
    Department,
    District,
    EscalationRole,
    Municipality,
    PauseReason,
    PolicyVersion,
    Priority,
    Shown,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long a clock may run: real seconds, or seconds of the department's working time."""

    seconds: int
    working_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRule:
    """Budgets for what fits all that is named here; what is not named fits anything.

    The first rule that fits and names a clock counts for it, before the category's own budget.
    """

    category: Category | None = None
    department: Department | None = None
    channel: Channel | None = None
    priority: Priority | None = None
    problem_report: bool | None = None
    first_response: Budget | None = None
    resolution: Budget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """Who is told when a deadline has been passed for so long."""

    role: EscalationRole
    after: Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePolicy:
    """A reason for which clocks may stand still, the longest that they may, and which."""

    reason: PauseReason
    title_fa: str
    title_en: str
    longest: Budget
    clocks: tuple[ClockKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Words that speak for a category, and how loudly.

    Each of `all_of` must occur, near each other, in one of its alternatives; an alternative is a
    word, or words that follow each other. A weight of 0 only hides the words within a phrase.
    """

    all_of: tuple[tuple[str, ...], ...]
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentPolicy:
    """Who answers for what is sent to a department, and when it works."""

    department: Department
    title_fa: str
    title_en: str
    contact: str
    parent: Department | None = None
    deputy: str | None = None
    calendar_id: str | None = None
    holding: Budget | None = None
    """How long it may have a case that it neither closes nor passes on."""
    escalation: tuple[EscalationStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPolicy:
    """What a message can be about, who owns it, and what is promised for it."""

    category: Category
    title_fa: str
    title_en: str
    problem_report: bool
    department: Department
    priority: Priority
    location_required: bool
    first_response: Budget
    resolution: Budget
    warn_percents: tuple[int, ...]
    evidence: tuple[Evidence, ...] = ()
    shown: tuple[Shown, ...] = ()
    """What a resolution has to be shown by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterPolicy:
    """A system outside that writes an inbox of its own; whose it is follows from the inbox."""

    adapter: str
    channel: Channel
    client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPolicy:
    """Another system whose past may be imported, and whether the times that it kept are taken."""

    system: str
    times: Literal["claimed", "recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPolicy:
    """Another body that some cases are for; the clocks stand still meanwhile for that reason."""

    body: Body
    title_fa: str
    title_en: str
    contact: str
    pause: PauseReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictRule:
    """What would be that department's is another's in one district."""

    district: District
    department: Department
    goes_to: Department


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePolicy:
    """When two cases of one category report the same: so near, and so soon after each other.

    A new case is looked at when it is `settling_seconds` old: those before it are there by then.
    """

    metres_max: int
    within: Budget
    settling_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One closed version. `calendar_id` is the municipality's; a department may have its own."""

    version: PolicyVersion
    municipality: Municipality
    since: datetime
    title_fa: str
    title_en: str
    language: str
    zone: str
    centre: Department
    centre_category: Category
    departments: tuple[DepartmentPolicy, ...]
    categories: tuple[CategoryPolicy, ...]
    calendar_id: str
    calendars: tuple[Calendar, ...]
    adapters: tuple[AdapterPolicy, ...] = ()
    place_words: tuple[str, ...] = ()
    """Words such as "beside": what follows them is where, seldom what."""
    imports: tuple[ImportPolicy, ...] = ()
    budgets: tuple[BudgetRule, ...] = ()
    pauses: tuple[PausePolicy, ...] = ()
    bodies: tuple[BodyPolicy, ...] = ()
    districts: tuple[DistrictRule, ...] = ()
    transfers_max: int = 3
    """After so many departments have passed a case on, the 137 centre decides whose it is."""
    dispute_within: Budget | None = None
    """How long the citizen may dispute a closing or reopen the case; for ever, where absent."""
    silence: Budget | None = None
    """After so long without a word of the citizen's, a closing is counted as not disputed."""
    duplicates: DuplicatePolicy | None = None
