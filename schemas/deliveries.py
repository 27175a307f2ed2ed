"""What leaves for a department."""

from dataclasses import dataclass
from typing import Literal

from schemas.fact_parts import Promise
from schemas.places import Place
from schemas.vocabulary import (
    CaseId,
    Category,
    Channel,
    ClockKind,
    Department,
    EscalationRole,
    FactId,
    Moment,
    Municipality,
    Priority,
)

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
    "noted",
    "handed-over",
    "handed-over-answered",
    "split",
    "confirmed",
    "disputed",
    "undisputed",
    "rated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a department finds in its topic. The text and the place are plain, for days.

    `delivery_id` is the same when the same delivery comes twice. `promises` are those in force, or
    that of the `clock`; `step` and `role` say who above the department is told. The text is the
    citizen's message, or what was said with `answered`, `noted`, `handed-over`, `split` and the
    citizen's verdict. `refused_for` is the reason of what was refused, by its code
    (docs/department.md has the list), and `words_fa` the same in Persian.
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
    refused_for: str | None = None
    words_fa: str | None = None
    stars: int | None = None
