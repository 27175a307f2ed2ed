"""What the OpenAPI document says of municipalities, departments, categories and policies."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.vocabulary import Channel, ClockKind, EscalationRole, Priority
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


class MunicipalityShown(BaseModel):
    """`pauses` are the reasons that a department may pause for."""

    id: str
    title_fa: str
    title_en: str
    language: str
    zone: str
    centre: str
    pauses: list[PauseShown]
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


_VERSION = "hashtgerd/2026-11-01T00:00:00Z"
_SINCE = "2026-11-01T00:00:00+00:00"
_PAUSE = {
    "title_fa": "در انتظار پاسخ شهروند",
    "title_en": "Waiting for the citizen",
    "longest": {"seconds": 144_000, "working_time": True},
    "clocks": ["resolution", "holding"],
}
_MUNICIPALITY = {
    "id": "hashtgerd",
    "title_fa": "هشتگرد",
    "title_en": "Hashtgerd",
    "language": "fa",
    "zone": "Asia/Tehran",
    "centre": "ravabet",
    "pauses": [{"id": "waiting-for-citizen", **_PAUSE}],
    "policy_version": _VERSION,
}
_DEPARTMENT = {
    "municipality": "hashtgerd",
    "id": "parks",
    "title_fa": "سازمان پارک‌ها و فضای سبز",
    "title_en": "Parks and green-space organisation",
    "parent": "khadamat",
    "deputy": "khadamat",
    "calendar": "city",
    "holding": {"seconds": 288_000, "working_time": True},
    "escalation": [
        {"role": "head", "after": {"seconds": 3_600, "working_time": True}},
        {"role": "deputy", "after": {"seconds": 28_800, "working_time": True}},
    ],
    "is_centre": False,
}
_CATEGORY = {
    "municipality": "hashtgerd",
    "id": "GRN-02",
    "title_fa": "درخت افتاده",
    "title_en": "Fallen tree",
    "department": "parks",
    "problem_report": True,
    "priority": "high",
    "location_required": True,
    "first_response": {"seconds": 7_200, "working_time": False},
    "resolution": {"seconds": 86_400, "working_time": True},
    "other_budgets": [
        {
            "channel": "phone",
            "department": None,
            "first_response": {"seconds": 3_600, "working_time": False},
            "resolution": None,
        }
    ],
    "warn_percents": [50, 80],
}
_LISTED = {
    "version": _VERSION,
    "municipality": "hashtgerd",
    "since": _SINCE,
    "in_force": True,
    "href": f"/api/v1/policies/{_VERSION}",
}
_POLICY = {
    "version": _VERSION,
    "municipality": "hashtgerd",
    "since": _SINCE,
    "departments": [],
    "categories": [],
    "calendars": [
        {
            "calendar_id": "city",
            "zone": "Asia/Tehran",
            "closed_dates": [{"day": "2027-06-16", "reason": "عاشورا", "estimated": True}],
        }
    ],
    "budgets": [
        {
            "channel": "phone",
            "priority": "high",
            "problem_report": True,
            "first_response": {"seconds": 3_600, "working_time": False},
        }
    ],
    "pauses": [{"reason": "waiting-for-citizen", **_PAUSE}],
}
_PROBLEMS = (401, 403, 404, 422, 503)

MUNICIPALITIES = answer(
    MunicipalitiesShown, {"municipalities": [_MUNICIPALITY]}, "They.", 401, 403, 422, 503
)
DEPARTMENTS = answer(DepartmentsShown, {"departments": [_DEPARTMENT]}, "They.", *_PROBLEMS)
CATEGORIES = answer(CategoriesShown, {"categories": [_CATEGORY]}, "They.", *_PROBLEMS)
POLICIES = answer(VersionsShown, {"policies": [_LISTED]}, "The versions.", *_PROBLEMS)
POLICY = answer(PolicyShown, _POLICY, "The version.", *_PROBLEMS)
