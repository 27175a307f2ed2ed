"""Valid facts and messages that show only what matters to a test."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schemas.fact_parts import Area, Promise, Source, WarningPoint
from schemas.facts import (
    Acknowledged,
    ClosedWithoutAction,
    DeadlineSet,
    Fact,
    ReporterErased,
    Resolved,
    Routed,
    Submitted,
)
from schemas.messages import ImportedCase, ImportedClosing, Submission
from schemas.notices import Breached, Warned
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
        promises=(
            promise("first-response", seconds=60, start=start),
            promise("resolution", seconds=600, start=start),
        )
        if promises is None
        else promises,
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


def past(message: Submitted, occurred_at: datetime) -> Submitted:
    """The submission as another system had it, at a time that is taken for true."""
    return replace(message, occurred_at=occurred_at, occurred_at_counts=True, historical=True)


def closed_then(done: Resolved, occurred_at: datetime) -> Resolved:
    """The resolution at a time that another system kept."""
    return replace(done, occurred_at=occurred_at, occurred_at_counts=True)


def closed_without_action(
    case_id: CaseId = CASE_ID, *, at: datetime | None = None, offset: int = 2
) -> ClosedWithoutAction:
    inbox = f"progress-{CITY}-{PARKS}"
    return ClosedWithoutAction(
        fact_id=FactId(f"{inbox}/{inbox}-1-0-{offset}/closed-without-action"),
        case_id=case_id,
        recorded_at=at or after(20),
        source=source(offset, inbox=inbox),
        author=Author(inbox),
        municipality=CITY,
        department=PARKS,
        why="no-action-needed",
    )


def deadline_set(
    cause: Routed | None = None,
    *,
    kind: ClockKind = "resolution",
    seconds: int = 900,
    at: datetime = NOON,
) -> DeadlineSet:
    cause = cause or routed()
    return DeadlineSet(
        fact_id=FactId(f"{cause.fact_id}/deadline-set/{kind}/{seconds}"),
        case_id=cause.case_id,
        recorded_at=at,
        source=source(inbox="imports"),
        author=Author("import/former-system"),
        municipality=CITY,
        cause=cause.fact_id,
        promise=promise(kind, seconds=seconds),
        reason="promised by former-system",
    )


def erased(
    case_id: CaseId = CASE_ID, *, at: datetime | None = None, reference: str = "letter-1"
) -> ReporterErased:
    return ReporterErased(
        fact_id=FactId(f"operator/{reference}/reporter-erased"),
        case_id=case_id,
        recorded_at=at or after(30),
        source=source(inbox="progress-desk"),
        author=Author("operator"),
    )


def history(*facts: Fact) -> tuple[Positioned, ...]:
    """The facts as they would lie in the log, one after the other."""
    return tuple(Positioned(offset=offset, fact=fact) for offset, fact in enumerate(facts))


def imported_case(opened_at: datetime = NOON - timedelta(days=4_000)) -> ImportedCase:
    """A row of another system that kept its deadline of eight hours by one."""
    return ImportedCase(
        municipality=CITY,
        system="former",
        reference="101",
        channel="phone",
        text="a tree has fallen",
        opened_at=opened_at,
        department=PARKS,
        category=Category("GRN-02"),
        deadline=opened_at + timedelta(hours=8),
        closing=ImportedClosing(at=opened_at + timedelta(hours=7)),
    )


def submission(text: str = "درخت روی ماشین افتاده", *, reference: str = "source:1") -> Submission:
    return Submission(
        municipality=CITY, channel="web", text=text, reference=reference, author=Author("client-1")
    )
