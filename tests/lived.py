"""What is said in the life of a case, as a test needs it, and a city in which all of it can be."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from schemas.fact_parts import CasePart
from schemas.facts import Living, Resolved
from schemas.living import (
    Confirmed,
    Disputed,
    HandedOver,
    HandedOverAnswered,
    Noted,
    Rated,
    Split,
)
from schemas.notices import Undisputed
from schemas.policy import BodyPolicy, Budget, PausePolicy, Policy
from schemas.sealed import Sealed
from schemas.vocabulary import (
    WAITING_FOR_CITIZEN,
    Author,
    Body,
    BodyAnswer,
    CaseId,
    Department,
    FactId,
    PauseReason,
    Role,
    Visibility,
)
from streams.core.ids import caused_by
from tests.builders import CASE_ID, CITY, PARKS, source
from tests.calendars import every_day
from tests.steering import DAY, HOUR, VERSION, WEATHER, city, pause, real

WATER = Body("water")
ABROAD = PauseReason("another-body")
LivingFact = TypeVar("LivingFact", bound=Living)


def lively() -> Policy:
    """A city with another body, a pause for it, and days in which a closing can be disputed."""
    hours = every_day("UTC", ("00:00", "24:00"))
    plain = city(hours, answer=real(HOUR), done=real(9 * HOUR), held=real(DAY))
    reasons = (
        (WEATHER, "هوا", "Weather"),
        (ABROAD, "دستگاه دیگر", "Another body"),
        (WAITING_FOR_CITIZEN, "پاسخ شهروند", "The citizen's answer"),
    )
    return replace(
        plain,
        pauses=tuple(
            PausePolicy(
                reason=reason,
                title_fa=persian,
                title_en=english,
                longest=Budget(seconds=DAY, working_time=False),
                clocks=("resolution", "holding"),
            )
            for reason, persian, english in reasons
        ),
        bodies=(
            BodyPolicy(
                body=WATER,
                title_fa="آب و فاضلاب",
                title_en="Water and sewage",
                contact="122",
                pause=ABROAD,
            ),
        ),
        dispute_within=real(7 * DAY),
        silence=real(3 * DAY),
    )


def lived(
    kind: type[LivingFact],
    at: datetime,
    *,
    case_id: CaseId = CASE_ID,
    role: Role = "operator",
    department: Department | None = None,
    author: str = "staff/somebody",
    **more: object,
) -> LivingFact:
    """Its id follows from what it is and when it was said."""
    stamp = f"{at.timestamp():.6f}".rstrip("0").rstrip(".")
    return kind(
        fact_id=FactId(f"desk/{kind.__name__.lower()}/{stamp}"),
        case_id=case_id,
        recorded_at=at,
        source=source(inbox="progress-desk"),
        author=Author(author),
        municipality=CITY,
        role=role,
        department=department,
        **more,  # pyright: ignore[reportArgumentType]
    )


def noted(
    at: datetime,
    visibility: Visibility = "internal",
    *,
    case_id: CaseId = CASE_ID,
    note: Sealed | None = None,
) -> Noted:
    return lived(Noted, at, case_id=case_id, visibility=visibility, note=note)


def handed_over(
    at: datetime, *, case_id: CaseId = CASE_ID, reference: str | None = None
) -> HandedOver:
    return lived(
        HandedOver,
        at,
        case_id=case_id,
        body=WATER,
        reference=reference,
        pause=pause(at + timedelta(days=1), why=ABROAD),
        policy_version=VERSION,
    )


def body_answered(
    at: datetime, answer: BodyAnswer, *, case_id: CaseId = CASE_ID, reference: str | None = None
) -> HandedOverAnswered:
    return lived(HandedOverAnswered, at, case_id=case_id, answer=answer, reference=reference)


def split(at: datetime, *, case_id: CaseId = CASE_ID, parts: int = 2) -> Split:
    return lived(Split, at, case_id=case_id, parts=(CasePart(),) * parts)


def confirmed(at: datetime, *, case_id: CaseId = CASE_ID) -> Confirmed:
    return lived(Confirmed, at, case_id=case_id, role="citizen", author="citizen")


def disputed(at: datetime, *, case_id: CaseId = CASE_ID) -> Disputed:
    return lived(
        Disputed, at, case_id=case_id, role="citizen", author="citizen", policy_version=VERSION
    )


def rated(at: datetime, stars: int = 4, *, case_id: CaseId = CASE_ID) -> Rated:
    return lived(Rated, at, case_id=case_id, role="citizen", author="citizen", stars=stars)


def to_be_judged(
    done: Resolved, *, until: datetime | None = None, silent: datetime | None = None
) -> Resolved:
    """The resolution, which the citizen may dispute until then."""
    return replace(done, dispute_until=until, undisputed_at=silent, policy_version=VERSION)


def undisputed(done: Resolved, at: datetime, department: Department = PARKS) -> Undisputed:
    assert done.undisputed_at is not None, "silence is waited for"
    return Undisputed(
        fact_id=caused_by(done.fact_id, "undisputed"),
        case_id=done.case_id,
        recorded_at=at,
        cause=done.fact_id,
        due_at=done.undisputed_at,
        department=department,
    )
