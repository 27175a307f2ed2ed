"""Example values of what steers a case's clocks: each with as little in it as its type allows."""

from dataclasses import replace
from datetime import timedelta

from schemas.example_values import (
    AT,
    BREACHED,
    CASE_ID,
    CITY,
    PARKS,
    PROGRESS_SOURCE,
    PROMISE,
    ROUTED_ID,
)
from schemas.fact_parts import EscalationPoint, PauseTerms, Source
from schemas.facts import BreachVoided, DeadlineSet, Steering
from schemas.messages import DeadlineOrder
from schemas.notices import Escalated, PauseEnded
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
    Department,
    FactId,
    PauseReason,
    PolicyVersion,
)

SEWERS = Department("sewers")
VERSION = PolicyVersion("hashtgerd/2026-11-01T00:00:00Z")
LATER_VERSION = PolicyVersion("hashtgerd/2026-11-24T00:00:00Z")
PARENT = CaseId("nfxgk3tfmrqxiylumnqxezlpovzgkzdb")
PAUSE = PauseTerms(
    why=PauseReason("weather"), until=AT + timedelta(days=2), clocks=("resolution", "holding")
)
ASKED = replace(PAUSE, why=WAITING_FOR_CITIZEN)
ESCALATIONS = (
    EscalationPoint(
        step=1,
        role="deputy",
        at=AT + timedelta(hours=6),
        after_seconds=7_200,
        working_time=True,
        department=Department("deputy-services"),
    ),
)
DESK = Author("operator")
DESK_SOURCE = Source(inbox="progress-desk", generation=1, partition=0, offset=4)


def _id(did: str) -> FactId:
    return FactId(f"{DESK}/order-7/{did}")


STARTED = Started(
    fact_id=FactId("progress-hashtgerd-parks/1-0-20/started"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=PROGRESS_SOURCE,
    author=Author("progress-hashtgerd-parks"),
    municipality=CITY,
    department=PARKS,
)
PAUSED = Paused(
    fact_id=_id("paused"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    pause=PAUSE,
    policy_version=VERSION,
)
RESUMED = Resumed(
    fact_id=_id("resumed"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
)
INFORMATION_REQUESTED = InformationRequested(
    fact_id=_id("information-requested"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    policy_version=VERSION,
)
INFORMATION_RECEIVED = InformationReceived(
    fact_id=_id("information-received"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
)
TRANSFER_REQUESTED = TransferRequested(
    fact_id=_id("transfer-requested"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    why="wrong-department",
    policy_version=VERSION,
)
REOPENED = Reopened(
    fact_id=_id("reopened"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    policy_version=VERSION,
)
LINKED = Linked(
    fact_id=_id("linked"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    parent=PARENT,
)
UNLINKED = Unlinked(
    fact_id=_id("unlinked"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
)
RECLASSIFIED = Reclassified(
    fact_id=_id("reclassified"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    category=Category("sewers"),
    policy_version=VERSION,
)
STEERING: tuple[Steering, ...] = (
    STARTED,
    PAUSED,
    RESUMED,
    INFORMATION_REQUESTED,
    INFORMATION_RECEIVED,
    TRANSFER_REQUESTED,
    REOPENED,
    LINKED,
    UNLINKED,
    RECLASSIFIED,
)

ESCALATED = Escalated(
    fact_id=FactId(f"{ROUTED_ID}/first-response/escalated/1"),
    case_id=CASE_ID,
    recorded_at=AT + timedelta(hours=6),
    cause=ROUTED_ID,
    clock="first-response",
    step=1,
    role="deputy",
    due_at=AT + timedelta(hours=6),
    deadline=AT + timedelta(hours=4),
    department=PARKS,
)
PAUSE_ENDED = PauseEnded(
    fact_id=FactId(f"{PAUSED.fact_id}/pause-ended"),
    case_id=CASE_ID,
    recorded_at=PAUSE.until,
    cause=PAUSED.fact_id,
    due_at=PAUSE.until,
    department=PARKS,
)
BREACH_VOIDED = BreachVoided(
    fact_id=FactId(f"{ROUTED_ID}/first-response/breach-voided/{LATER_VERSION}"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=replace(DESK_SOURCE, more=True),
    author=DESK,
    municipality=CITY,
    cause=BREACHED.fact_id,
    clock="first-response",
    reason="closed for snow on 24 November",
)
PROMISED_ANEW = DeadlineSet(
    fact_id=FactId(f"{ROUTED_ID}/first-response/deadline-set/{LATER_VERSION}"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=DESK_SOURCE,
    author=DESK,
    municipality=CITY,
    cause=ROUTED_ID,
    promise=replace(PROMISE, escalations=ESCALATIONS),
    reason="closed for snow on 24 November",
    replaces=ROUTED_ID,
    policy_version=LATER_VERSION,
)
DEADLINE_ORDER = DeadlineOrder(
    case_id=CASE_ID,
    municipality=CITY,
    reference="snow-1",
    author=DESK,
    promise=PROMISE,
    policy_version=LATER_VERSION,
    replaces=ROUTED_ID,
    reason="closed for snow on 24 November",
)
