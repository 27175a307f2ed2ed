"""A city with office hours, holidays and pauses, and cases whose clocks they steer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from schemas.calendar import ClosedDate, Hours, OtherHours
from schemas.fact_parts import PauseTerms, Promise
from schemas.facts import Routed, Submitted
from schemas.policy import Budget, PausePolicy, Policy
from schemas.steering import Paused, Resumed
from schemas.vocabulary import Author, CaseId, ClockKind, FactId, PauseReason, PolicyVersion
from streams.core.promises import promise
from streams.core.terms import Subject, Terms, terms
from tests.builders import CASE_ID, CITY, PARKS, routed, source, submitted
from tests.calendars import iranian
from tests.policies import category, policy

HOUR = 3_600
WEATHER = PauseReason("weather")
CLOCKS: tuple[ClockKind, ...] = ("first-response", "resolution")


def tehran(text: str) -> datetime:
    """A moment of 2026 by the clocks of Tehran."""
    return datetime.fromisoformat(f"2026-{text}+03:30")


def city(
    since: datetime,
    *,
    closed: Iterable[ClosedDate] = (),
    other: Iterable[OtherHours] = (),
    hours: int = 4,
) -> Policy:
    """Saturday to Wednesday 8 to 14; an answer in so many hours, and all done in ten times that."""
    calendar = replace(
        iranian(("08:00", "14:00")), closed_dates=tuple(closed), other_hours=tuple(other)
    )
    made = policy(since=since)
    return replace(
        made,
        version=PolicyVersion(f"{CITY}/{since:%Y-%m-%dT%H:%M:%SZ}"),
        calendar_id=calendar.calendar_id,
        calendars=(calendar,),
        categories=(
            category("GRN-02", PARKS, "درخت", seconds=hours * HOUR, working_time=True),
            *made.categories[1:],
        ),
        pauses=(
            PausePolicy(
                reason=WEATHER,
                title_fa="هوای بد",
                title_en="bad weather",
                longest=Budget(seconds=12 * HOUR, working_time=True),
                clocks=("resolution",),
            ),
        ),
    )


def holiday(day: date, reason: str = "Eid", *, estimated: bool = False) -> ClosedDate:
    return ClosedDate(day=day, reason=reason, estimated=estimated)


def short_day(day: date, reason: str = "dust") -> OtherHours:
    return OtherHours(day=day, hours=(Hours(opens=8 * HOUR, closes=10 * HOUR),), reason=reason)


def closed_day(day: date, reason: str = "cold") -> OtherHours:
    return OtherHours(day=day, hours=(), reason=reason)


def under(made: Policy, at: datetime, case_id: CaseId = CASE_ID) -> tuple[Submitted, Routed]:
    """A case that was submitted then, with the promises of that policy."""
    first = submitted(case_id, at=at)
    version = terms(made)
    subject = Subject(category=made.categories[0].category, department=PARKS, channel=first.channel)
    promises = tuple(_promised(kind, at, version, subject) for kind in CLOCKS)
    return first, replace(routed(first, promises=promises), policy_version=made.version)


def _promised(kind: ClockKind, at: datetime, version: Terms, subject: Subject) -> Promise:
    grounds = version.grounds(kind, subject)
    assert grounds is not None, "the policy promises it"
    return promise(kind, at, grounds)


def paused(made: Policy, at: datetime, until: datetime, *, case_id: CaseId = CASE_ID) -> Paused:
    return Paused(
        fact_id=FactId(f"{case_id}/paused/{at.isoformat()}"),
        case_id=case_id,
        recorded_at=at,
        source=source(3, inbox="progress-desk"),
        author=Author("operator-7"),
        municipality=CITY,
        pause=PauseTerms(why=WEATHER, until=until, clocks=made.pauses[0].clocks),
        policy_version=made.version,
    )


def resumed(at: datetime, *, case_id: CaseId = CASE_ID) -> Resumed:
    return Resumed(
        fact_id=FactId(f"{case_id}/resumed/{at.isoformat()}"),
        case_id=case_id,
        recorded_at=at,
        source=source(4, inbox="progress-desk"),
        author=Author("operator-8"),
        municipality=CITY,
    )


def by_version(*policies: Policy) -> dict[PolicyVersion, Terms]:
    return {one.version: terms(one) for one in policies}
