"""What the OpenAPI document says of municipalities, departments, categories and policies."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.vocabulary import Channel, ClockKind, EscalationRole, Priority, Shown
from services.api import policy_examples as examples
from services.api.description import answer


class BudgetShown(BaseModel):
    """Seconds of the day, or of the department's working time."""

    seconds: int
    working_time: bool


class PauseShown(BaseModel):
    """A reason for which clocks may stand still, the longest that they may, and which."""

    id: str
    title_fa: str
    title_en: str
    longest: BudgetShown
    clocks: list[ClockKind]


class StepShown(BaseModel):
    """Who is told of a breach that goes on, so long after the deadline."""

    role: EscalationRole
    after: BudgetShown


class OtherBudgetShown(BaseModel):
    """What is promised instead through a channel or in a department; null is any of them.

    For each clock the first that fits and is not null counts, before the category's own.
    """

    channel: Channel | None
    department: str | None
    first_response: BudgetShown | None
    resolution: BudgetShown | None


class BodyShown(BaseModel):
    """Another body that cases are handed over to; the clocks may pause for `pause` meanwhile."""

    id: str
    title_fa: str
    title_en: str
    contact: str
    pause: str | None


class DistrictShown(BaseModel):
    """In that district the one department has what would be the other's."""

    district: str
    department: str
    goes_to: str


class DuplicatesShown(BaseModel):
    """When two cases of one category report the same: so near, and so soon after each other."""

    metres_max: int
    within: BudgetShown
    settling_seconds: int


class MunicipalityShown(BaseModel):
    """`pauses` are the reasons that a department may pause for.

    After `transfers_max` transfers the centre decides. The citizen may dispute a closing within
    `dispute_within`, null is for ever; after `silence` without a word it counts as not disputed.
    Where `duplicates` is null, only people link cases.
    """

    id: str
    title_fa: str
    title_en: str
    language: str
    zone: str
    centre: str
    pauses: list[PauseShown]
    bodies: list[BodyShown]
    districts: list[DistrictShown]
    transfers_max: int
    dispute_within: BudgetShown | None
    silence: BudgetShown | None
    duplicates: DuplicatesShown | None
    policy_version: str


class MunicipalitiesShown(BaseModel):
    municipalities: list[MunicipalityShown]


class DepartmentShown(BaseModel):
    """`parent` makes a tree of them; `deputy` is told of escalations.

    `holding` is how long it may have a case that it neither closes nor passes on; null is for ever.
    """

    municipality: str
    id: str
    title_fa: str
    title_en: str
    parent: str | None
    deputy: str | None
    calendar: str
    holding: BudgetShown | None
    escalation: list[StepShown]
    is_centre: bool


class DepartmentsShown(BaseModel):
    departments: list[DepartmentShown]


class CategoryShown(BaseModel):
    """`shown` is what a resolution has to be shown by."""

    municipality: str
    id: str
    title_fa: str
    title_en: str
    department: str
    problem_report: bool
    priority: Priority
    location_required: bool
    first_response: BudgetShown
    resolution: BudgetShown
    other_budgets: list[OtherBudgetShown]
    warn_percents: list[int]
    shown: list[Shown]


class CategoriesShown(BaseModel):
    categories: list[CategoryShown]


class VersionShown(BaseModel):
    version: str
    municipality: str
    since: datetime
    in_force: bool
    href: str


class VersionsShown(BaseModel):
    policies: list[VersionShown]


class ClosedDateShown(BaseModel):
    """A day without work. `estimated` is a lunar holiday that nobody has confirmed yet."""

    day: date
    reason: str
    estimated: bool


class CalendarShown(BaseModel):
    model_config = ConfigDict(extra="allow")

    calendar_id: str
    zone: str
    closed_dates: list[ClosedDateShown]


class PolicyShown(BaseModel):
    """A closed version; its other fields are those of `schemas/json/policy.json`.

    Budgets are in seconds, of the day or of working time; holidays are dates.
    """

    model_config = ConfigDict(extra="allow")

    version: str
    municipality: str
    since: datetime
    departments: list[dict[str, Any]]
    categories: list[dict[str, Any]]
    calendars: list[CalendarShown]
    budgets: list[dict[str, Any]]
    pauses: list[dict[str, Any]]
    bodies: list[dict[str, Any]]
    districts: list[dict[str, Any]]


_PROBLEMS = (401, 403, 404, 422, 503)

MUNICIPALITIES = answer(
    MunicipalitiesShown, {"municipalities": [examples.MUNICIPALITY]}, "They.", 401, 403, 422, 503
)
DEPARTMENTS = answer(DepartmentsShown, {"departments": [examples.DEPARTMENT]}, "They.", *_PROBLEMS)
CATEGORIES = answer(CategoriesShown, {"categories": [examples.CATEGORY]}, "They.", *_PROBLEMS)
POLICIES = answer(VersionsShown, {"policies": [examples.LISTED]}, "The versions.", *_PROBLEMS)
POLICY = answer(PolicyShown, examples.POLICY, "The version.", *_PROBLEMS)
