"""Facts that steer a case's clocks, as a test needs them, and a city whose policy has them all."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from schemas.calendar import Calendar
from schemas.fact_parts import PauseTerms, Promise
from schemas.facts import BreachVoided, DeadlineSet, Routed, Submitted
from schemas.policy import Budget, DepartmentPolicy, EscalationStep, Policy
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    Started,
    TransferRequested,
    Unlinked,
)
from schemas.vocabulary import (
    WAITING_FOR_CITIZEN,
    Author,
    CaseId,
    Category,
    ClockKind,
    Department,
    FactId,
    PauseReason,
    PolicyVersion,
)
from streams.core.terms import AllTerms, Subject, terms
from tests.builders import CASE_ID, CITY, PARKS, routed, source, submitted
from tests.policies import category, policy

ROADS = Department("fani")
VERSION = PolicyVersion(f"{CITY}/2026-01-01T00:00:00Z")
HOUR, DAY = 3_600, 86_400
STANDING: tuple[ClockKind, ...] = ("resolution", "holding")
PARENT = CaseId("b" * 32)
WEATHER = PauseReason("weather")
Said = (
    Started
    | Paused
    | Resumed
    | InformationRequested
    | InformationReceived
    | TransferRequested
    | Reopened
    | Linked
    | Unlinked
    | Reclassified
)
SaidFact = TypeVar("SaidFact", bound=Said)


def real(seconds: int) -> Budget:
    return Budget(seconds=seconds, working_time=False)


def working(seconds: int) -> Budget:
    return Budget(seconds=seconds, working_time=True)


LADDER = (
    EscalationStep(role="head", after=working(HOUR)),
    EscalationStep(role="deputy", after=working(4 * HOUR)),
    EscalationStep(role="mayor", after=real(2 * DAY)),
)


def city(
    calendar: Calendar,
    *,
    answer: Budget,
    done: Budget,
    held: Budget | None = None,
    version: PolicyVersion = VERSION,
) -> Policy:
    """Both departments keep these hours, and are told of at 50, 75 and 90 percent."""
    small = policy()
    return replace(
        small,
        version=version,
        departments=tuple(_department(one, held) for one in small.departments),
        categories=tuple(
            replace(
                category(one.category, one.department),
                first_response=answer,
                resolution=done,
                warn_percents=(50, 75, 90),
            )
            for one in small.categories
        ),
        calendar_id=calendar.calendar_id,
        calendars=(calendar,),
    )


def _department(one: DepartmentPolicy, held: Budget | None) -> DepartmentPolicy:
    return replace(one, holding=held, escalation=LADDER, deputy="moaven")


def known(*policies: Policy) -> AllTerms:
    return {one.version: terms(one) for one in policies}


def opened(made: Policy, at: datetime, case_id: CaseId = CASE_ID) -> tuple[Submitted, Routed]:
    """A case that begins then, promised what that policy promises."""
    message = submitted(case_id, at=at)
    subject = Subject(category=Category("GRN-02"), department=PARKS, channel=message.channel)
    promises = terms(made).promises(at, subject)
    return message, replace(routed(message, promises=promises), policy_version=made.version)


def said(
    kind: type[SaidFact],
    at: datetime,
    *,
    case_id: CaseId = CASE_ID,
    department: Department | None = PARKS,
    if_version: int | None = None,
    **more: object,
) -> SaidFact:
    """Its id follows from what it is and when it was said."""
    stamp = f"{at.timestamp():.6f}".rstrip("0").rstrip(".")
    return kind(
        fact_id=FactId(f"desk/{kind.__name__.lower()}/{stamp}"),
        case_id=case_id,
        recorded_at=at,
        source=source(inbox="progress-desk"),
        author=Author("somebody"),
        municipality=CITY,
        department=department,
        if_version=if_version,
        **more,  # pyright: ignore[reportArgumentType]
    )


def started(at: datetime, **more: object) -> Started:
    return said(Started, at, **more)  # pyright: ignore[reportArgumentType]


def pause(
    until: datetime,
    *,
    why: PauseReason = WEATHER,
    clocks: tuple[ClockKind, ...] = STANDING,
) -> PauseTerms:
    return PauseTerms(why=why, until=until, clocks=clocks)


def paused(
    at: datetime,
    until: datetime,
    *,
    department: Department | None = PARKS,
    clocks: tuple[ClockKind, ...] = STANDING,
    case_id: CaseId = CASE_ID,
) -> Paused:
    terms_of_it = pause(until, clocks=clocks)
    return said(
        Paused,
        at,
        case_id=case_id,
        department=department,
        pause=terms_of_it,
        policy_version=VERSION,
    )


def resumed(at: datetime, *, department: Department | None = PARKS) -> Resumed:
    return said(Resumed, at, department=department)


def asked(
    at: datetime, until: datetime | None = None, *, department: Department | None = PARKS
) -> InformationRequested:
    """The citizen is asked; until then at most, the clocks stand still."""
    terms_of_it = None if until is None else pause(until, why=WAITING_FOR_CITIZEN)
    return said(
        InformationRequested, at, department=department, pause=terms_of_it, policy_version=VERSION
    )


def answered(at: datetime) -> InformationReceived:
    return said(InformationReceived, at, department=None)


def passed_on(
    at: datetime,
    to: Department | None = ROADS,
    *,
    department: Department | None = PARKS,
    case_id: CaseId = CASE_ID,
) -> TransferRequested:
    return said(
        TransferRequested,
        at,
        case_id=case_id,
        department=department,
        why="wrong-department",
        to=to,
        policy_version=VERSION,
    )


def reopened(
    at: datetime, *, version: PolicyVersion = VERSION, case_id: CaseId = CASE_ID
) -> Reopened:
    return said(Reopened, at, case_id=case_id, department=None, policy_version=version)


def linked(at: datetime, parent: CaseId = PARENT, *, case_id: CaseId = CASE_ID) -> Linked:
    return said(Linked, at, case_id=case_id, department=None, parent=parent)


def unlinked(at: datetime) -> Unlinked:
    return said(Unlinked, at, department=None)


def reclassified(
    at: datetime,
    to: str = "CIV-01",
    *,
    new_promises: bool = False,
    version: PolicyVersion = VERSION,
) -> Reclassified:
    return said(
        Reclassified,
        at,
        department=None,
        category=Category(to),
        policy_version=version,
        new_promises=new_promises,
    )


def ordered(
    at: datetime,
    promised: Promise,
    replaces: FactId,
    *,
    version: PolicyVersion | None = VERSION,
) -> DeadlineSet:
    """Another deadline in the place of the one that this fact set."""
    return DeadlineSet(
        fact_id=FactId(f"{replaces}/{promised.kind}/deadline-set/{at.timestamp():.3f}"),
        case_id=CASE_ID,
        recorded_at=at,
        source=source(inbox="progress-desk"),
        author=Author("somebody"),
        municipality=CITY,
        cause=replaces,
        promise=promised,
        reason="the office was closed",
        replaces=replaces,
        policy_version=version,
    )


def voided(at: datetime, breach: FactId, kind: ClockKind = "resolution") -> BreachVoided:
    return BreachVoided(
        fact_id=FactId(f"{breach}/voided"),
        case_id=CASE_ID,
        recorded_at=at,
        source=source(inbox="progress-desk"),
        author=Author("somebody"),
        municipality=CITY,
        cause=breach,
        clock=kind,
        reason="the office was closed",
    )
