"""A small policy that shows only what matters to a test."""

from datetime import UTC, datetime

from schemas.calendar import Calendar, Hours, OffsetChange
from schemas.policy import (
    AdapterPolicy,
    Budget,
    CategoryPolicy,
    DepartmentPolicy,
    Evidence,
    ImportPolicy,
    Policy,
)
from schemas.vocabulary import Category, Department, PolicyVersion
from tests.builders import CENTRE, CITY, PARKS

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DAY = (Hours(opens=8 * 3600, closes=16 * 3600),)


def category(
    code: str, department: Department, *words: str, seconds: int = 60, working_time: bool = False
) -> CategoryPolicy:
    return CategoryPolicy(
        category=Category(code),
        title_fa=code,
        title_en=code,
        problem_report=True,
        department=department,
        priority="normal",
        location_required=False,
        first_response=Budget(seconds=seconds, working_time=working_time),
        resolution=Budget(seconds=10 * seconds, working_time=working_time),
        warn_percents=(50, 80),
        evidence=tuple(Evidence(all_of=((word,),), weight=5) for word in words),
    )


def policy(*, since: datetime = SINCE, seconds: int = 60) -> Policy:
    """Parks answer for trees, and the 137 centre for the rest."""
    departments = (PARKS, CENTRE, Department("fani"))
    return Policy(
        version=PolicyVersion(f"{CITY}/{since:%Y-%m-%dT%H:%M:%SZ}"),
        municipality=CITY,
        since=since,
        title_fa="هشتگرد",
        title_en="Hashtgerd",
        language="fa",
        zone="Asia/Tehran",
        centre=CENTRE,
        centre_category=Category("OTH-01"),
        departments=tuple(
            DepartmentPolicy(department=one, title_fa=one, title_en=one, contact="137")
            for one in departments
        ),
        categories=(
            category("GRN-02", PARKS, "درخت", seconds=seconds),
            category("CIV-01", Department("fani"), "چاله", seconds=seconds),
            category("OTH-01", CENTRE, seconds=seconds),
        ),
        calendar_id="city",
        calendars=(
            Calendar(
                calendar_id="city",
                zone="Asia/Tehran",
                offsets=(
                    OffsetChange(since=datetime(1970, 1, 1, tzinfo=UTC), offset_seconds=12600),
                ),
                monday=DAY,
                saturday=DAY,
            ),
        ),
        adapters=(AdapterPolicy(adapter="sms-gateway", channel="sms"),),
        imports=(ImportPolicy(system="former", times="claimed"),),
    )
