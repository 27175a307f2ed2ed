"""Valid facts and messages that show only what matters to a test."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from schemas.facts import (
    Acknowledged,
    Area,
    Breached,
    Fact,
    Promise,
    Resolved,
    Routed,
    Source,
    Submitted,
    Warned,
    WarningPoint,
)
from schemas.messages import Submission
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    CaseId,
    Category,
    Channel,
    ClockKind,
    Department,
    FactId,
    Municipality,
    PolicyVersion,
)
from streams.core.case import Positioned

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE_ID = CaseId("a" * 32)
CITY = Municipality("hashtgerd")
PARKS = Department("parks")
CENTRE = Department("ravabet")
SEALED = Sealed(kid="k1", nonce="bm9uY2U=", data="c2VhbGVk")


def after(seconds: float) -> datetime:
    """So many seconds after the noon that every example starts at."""
    return NOON + timedelta(seconds=seconds)


def source(offset: int = 0, *, inbox: str = "intake-web", partition: int = 0) -> Source:
    return Source(inbox=inbox, generation=1, partition=partition, offset=offset)


def submitted(
    case_id: CaseId = CASE_ID,
    *,
    digest: str = "d1",
    at: datetime = NOON,
    lies: Source | None = None,
    content: Sealed = SEALED,
    channel: Channel = "web",
) -> Submitted:
    return Submitted(
        fact_id=FactId(f"{case_id}/{digest}/submitted"),
        case_id=case_id,
        recorded_at=at,
        source=lies or source(),
        municipality=CITY,
        channel=channel,
        author=Author("client-1"),
        content=content,
        content_digest=digest,
        tracking_code="123456789012345",
        area=Area(lat=35.962, lon=50.68),
    )


def promise(
    kind: ClockKind = "first-response",
    *,
    seconds: int = 60,
    start: datetime = NOON,
    percents: Sequence[int] = (50, 80),
) -> Promise:
    return Promise(
        kind=kind,
        started_at=start,
        deadline=start + timedelta(seconds=seconds),
        budget_seconds=seconds,
        working_time=False,
        warnings=tuple(
            WarningPoint(percent=one, at=start + timedelta(seconds=seconds * one / 100))
            for one in percents
        ),
    )


def routed(
    cause: Submitted | None = None,
    *,
    department: Department = PARKS,
    promises: tuple[Promise, ...] | None = None,
) -> Routed:
    cause = cause or submitted()
    start = cause.recorded_at
    return Routed(
        fact_id=FactId(f"{cause.fact_id}/routed"),
        case_id=cause.case_id,
        recorded_at=start,
        source=cause.source,
        cause=cause.fact_id,
        municipality=cause.municipality,
        department=department,
        category=Category("GRN-02"),
        priority="urgent",
        problem_report=True,
        promises=promises
        or (
            promise("first-response", seconds=60, start=start),
            promise("resolution", seconds=600, start=start),
        ),
        policy_version=PolicyVersion("hashtgerd/2026-01-01T00:00:00Z"),
        reason="the words «درخت» decided",
        centre=CENTRE,
    )


def warned(
    cause: Routed | None = None,
    *,
    clock: ClockKind = "first-response",
    percent: int = 50,
    at: datetime | None = None,
) -> Warned:
    cause = cause or routed()
    promised = next(one for one in cause.promises if one.kind == clock)
    due_at = next((one.at for one in promised.warnings if one.percent == percent), NOON)
    return Warned(
        fact_id=FactId(f"{cause.fact_id}/{clock}/warned/{percent}"),
        case_id=cause.case_id,
        recorded_at=at or due_at,
        cause=cause.fact_id,
        clock=clock,
        percent=percent,
        due_at=due_at,
        deadline=promised.deadline,
        department=cause.department,
    )


def breached(
    cause: Routed | None = None,
    *,
    clock: ClockKind = "first-response",
    at: datetime | None = None,
) -> Breached:
    cause = cause or routed()
    due_at = next(one.deadline for one in cause.promises if one.kind == clock)
    return Breached(
        fact_id=FactId(f"{cause.fact_id}/{clock}/breached"),
        case_id=cause.case_id,
        recorded_at=at or due_at + timedelta(milliseconds=1),
        cause=cause.fact_id,
        clock=clock,
        due_at=due_at,
        department=cause.department,
    )


def acknowledged(
    case_id: CaseId = CASE_ID,
    *,
    at: datetime | None = None,
    offset: int = 0,
    department: Department = PARKS,
    if_version: int | None = None,
) -> Acknowledged:
    inbox = f"progress-{CITY}-{department}"
    return Acknowledged(
        fact_id=FactId(f"{inbox}/{inbox}-1-0-{offset}/acknowledged"),
        case_id=case_id,
        recorded_at=at or after(10),
        source=source(offset, inbox=inbox),
        author=Author(inbox),
        municipality=CITY,
        department=department,
        if_version=if_version,
    )


def resolved(
    case_id: CaseId = CASE_ID,
    *,
    at: datetime | None = None,
    offset: int = 1,
    department: Department = PARKS,
    evidence: Sealed | None = None,
    if_version: int | None = None,
) -> Resolved:
    inbox = f"progress-{CITY}-{department}"
    return Resolved(
        fact_id=FactId(f"{inbox}/{inbox}-1-0-{offset}/resolved"),
        case_id=case_id,
        recorded_at=at or after(20),
        source=source(offset, inbox=inbox),
        author=Author(inbox),
        municipality=CITY,
        department=department,
        evidence=evidence,
        if_version=if_version,
    )


def history(*facts: Fact) -> tuple[Positioned, ...]:
    """The facts as they would lie in the log, one after the other."""
    return tuple(Positioned(offset=offset, fact=fact) for offset, fact in enumerate(facts))


def submission(text: str = "درخت روی ماشین افتاده", *, reference: str = "source:1") -> Submission:
    return Submission(
        municipality=CITY, channel="web", text=text, reference=reference, author=Author("client-1")
    )
