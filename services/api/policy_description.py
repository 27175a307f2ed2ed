"""What the OpenAPI document says of municipalities, departments, categories and policies."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.vocabulary import Priority
from services.api.description import answer


class MunicipalityShown(BaseModel):
    id: str
    title_fa: str
    title_en: str
    language: str
    zone: str
    centre: str
    policy_version: str


class MunicipalitiesShown(BaseModel):
    municipalities: list[MunicipalityShown]


class DepartmentShown(BaseModel):
    """`parent` makes a tree of them; `deputy` is told of escalations."""

    municipality: str
    id: str
    title_fa: str
    title_en: str
    parent: str | None
    deputy: str | None
    is_centre: bool


class DepartmentsShown(BaseModel):
    departments: list[DepartmentShown]


class BudgetShown(BaseModel):
    """Seconds of the day, or of the department's working time."""

    seconds: int
    working_time: bool


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


class PolicyShown(BaseModel):
    """A closed version; its other fields are those of `schemas/json/policy.json`."""

    model_config = ConfigDict(extra="allow")

    version: str
    municipality: str
    since: datetime
    departments: list[dict[str, Any]]
    categories: list[dict[str, Any]]


_VERSION = "hashtgerd/2026-11-01T00:00:00Z"
_SINCE = "2026-11-01T00:00:00+00:00"
_MUNICIPALITY = {
    "id": "hashtgerd",
    "title_fa": "هشتگرد",
    "title_en": "Hashtgerd",
    "language": "fa",
    "zone": "Asia/Tehran",
    "centre": "ravabet",
    "policy_version": _VERSION,
}
_DEPARTMENT = {
    "municipality": "hashtgerd",
    "id": "parks",
    "title_fa": "سازمان پارک‌ها و فضای سبز",
    "title_en": "Parks and green-space organisation",
    "parent": "khadamat",
    "deputy": "khadamat",
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
}
_PROBLEMS = (401, 403, 404, 422, 503)

MUNICIPALITIES = answer(
    MunicipalitiesShown, {"municipalities": [_MUNICIPALITY]}, "They.", 401, 403, 503
)
DEPARTMENTS = answer(DepartmentsShown, {"departments": [_DEPARTMENT]}, "They.", *_PROBLEMS)
CATEGORIES = answer(CategoriesShown, {"categories": [_CATEGORY]}, "They.", *_PROBLEMS)
POLICIES = answer(VersionsShown, {"policies": [_LISTED]}, "The versions.", *_PROBLEMS)
POLICY = answer(PolicyShown, _POLICY, "The version.", *_PROBLEMS)
