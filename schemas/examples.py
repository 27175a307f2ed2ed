"""One full and one least example of every type: documentation, and what a release must decode."""

from datetime import UTC, datetime, timedelta

from schemas.facts import (
    Acknowledged,
    Area,
    Breached,
    Promise,
    Resolved,
    Routed,
    Source,
    Submitted,
    Warned,
    WarningPoint,
)
from schemas.messages import (
    Content,
    DeadLetter,
    Delivery,
    Evidence,
    Key,
    Place,
    ProgressReport,
    Repair,
    Reporter,
    Submission,
)
from schemas.sealing import Sealed
from schemas.vocabulary import (
    Author,
    CaseId,
    Category,
    Department,
    District,
    FactId,
    Municipality,
    PolicyVersion,
)

CASE_ID = CaseId("mzxw6ytboi4dq2lomzxw6ytboi4dq2lo")
CITY = Municipality("hashtgerd")
PARKS = Department("parks")
LIGHTS = Category("park-lights")
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SUBMITTED_ID = FactId(f"{CASE_ID}/3f9c2d1e0b7a6c55/submitted")
ROUTED_ID = FactId(f"{SUBMITTED_ID}/routed")

SOURCE = Source(inbox="intake-web", generation=1, partition=2, offset=1_041)
PROGRESS_SOURCE = Source(
    inbox="progress-hashtgerd-parks", generation=1, partition=0, offset=17
)
SEALED = Sealed(kid="9f86d081884c7d65", nonce="AAAAAAAAAAAAAAAA", data="c2VhbGVkIGJ5dGVz")
SEALED_ALONE = Sealed(kid="9f86d081", nonce="AAAAAAAAAAAAAAAA", data="c2VhbGVk", wrapped="a2V5")
PLACE = Place(lat=35.96, lon=50.68, address="بلوار مصلی، روبه‌روی پارک", district=District("2"))
PROMISE = Promise(
    kind="first-response",
    started_at=AT,
    deadline=AT + timedelta(hours=4),
    budget_seconds=14_400,
    working_time=True,
    warnings=(WarningPoint(percent=75, at=AT + timedelta(hours=3)),),
)

SUBMITTED = Submitted(
    fact_id=SUBMITTED_ID,
    case_id=CASE_ID,
    recorded_at=AT,
    source=SOURCE,
    municipality=CITY,
    channel="web",
    author=Author("web-form"),
    content=SEALED,
    content_digest="3f9c2d1e0b7a6c55",
    tracking_code="123456789012345",
)
ROUTED = Routed(
    fact_id=ROUTED_ID,
    case_id=CASE_ID,
    recorded_at=AT,
    source=SOURCE,
    cause=SUBMITTED_ID,
    municipality=CITY,
    department=PARKS,
    category=LIGHTS,
    priority="normal",
    problem_report=True,
    promises=(PROMISE,),
    policy_version=PolicyVersion("hashtgerd/2026-11-01T00:00:00Z"),
    reason="the words «چراغ پارک» speak for this category",
)
ACKNOWLEDGED = Acknowledged(
    fact_id=FactId("progress-hashtgerd-parks/1-0-17/acknowledged"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=PROGRESS_SOURCE,
    author=Author("progress-hashtgerd-parks"),
    department=PARKS,
)
RESOLVED = Resolved(
    fact_id=FactId("progress-hashtgerd-parks/1-0-18/resolved"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=PROGRESS_SOURCE,
    author=Author("progress-hashtgerd-parks"),
    department=PARKS,
)
WARNED = Warned(
    fact_id=FactId(f"{ROUTED_ID}/first-response/warned/75"),
    case_id=CASE_ID,
    recorded_at=AT + timedelta(hours=3),
    cause=ROUTED_ID,
    clock="first-response",
    percent=75,
    due_at=AT + timedelta(hours=3),
    deadline=AT + timedelta(hours=4),
    department=PARKS,
)
BREACHED = Breached(
    fact_id=FactId(f"{ROUTED_ID}/first-response/breached"),
    case_id=CASE_ID,
    recorded_at=AT + timedelta(hours=4),
    cause=ROUTED_ID,
    clock="first-response",
    due_at=AT + timedelta(hours=4),
    department=PARKS,
)
