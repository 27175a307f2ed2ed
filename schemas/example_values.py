"""The values that the examples are made of: each with as little in it as its type allows."""

from datetime import UTC, datetime, timedelta

from schemas.calendar import Calendar, Hours, OffsetChange
from schemas.contents import Content
from schemas.deliveries import Delivery
from schemas.fact_parts import Promise, Source, WarningPoint
from schemas.facts import (
    Acknowledged,
    ClosedWithoutAction,
    DeadlineSet,
    ReporterErased,
    Resolved,
    Routed,
    Submitted,
)
from schemas.messages import (
    CallAnswered,
    DeadLetter,
    Erasure,
    ImportedCase,
    Key,
    ProgressReport,
    Repair,
    Submission,
)
from schemas.notices import Breached, Warned
from schemas.places import Place, Reporter
from schemas.policy import Budget, CategoryPolicy, DepartmentPolicy, Policy
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    CallDigest,
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
PROGRESS_SOURCE = Source(inbox="progress-hashtgerd-parks", generation=1, partition=0, offset=17)
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
    centre=Department("137"),
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
    municipality=CITY,
    department=PARKS,
)
RESOLVED = Resolved(
    fact_id=FactId("progress-hashtgerd-parks/1-0-18/resolved"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=PROGRESS_SOURCE,
    author=Author("progress-hashtgerd-parks"),
    municipality=CITY,
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

CLOSED = ClosedWithoutAction(
    fact_id=FactId("progress-hashtgerd-parks/1-0-19/closed-without-action"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=PROGRESS_SOURCE,
    author=Author("progress-hashtgerd-parks"),
    municipality=CITY,
    department=PARKS,
    why="no-action-needed",
)
IMPORT_SOURCE = Source(inbox="imports", generation=1, partition=0, offset=9, more=True)
DEADLINE_SET = DeadlineSet(
    fact_id=FactId(f"{ROUTED_ID}/deadline-set/resolution/2026-11-24T12:30:00+00:00"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=IMPORT_SOURCE,
    author=Author("import/former-system"),
    municipality=CITY,
    cause=ROUTED_ID,
    promise=PROMISE,
    reason="promised by former-system",
)
ERASED = ReporterErased(
    fact_id=FactId("operator/letter-12/reporter-erased"),
    case_id=CASE_ID,
    recorded_at=AT,
    source=Source(inbox="progress-desk", generation=1, partition=0, offset=3),
    author=Author("operator"),
)

DEAD_LETTER = DeadLetter(
    source=SOURCE,
    recorded_at=AT,
    set_aside_at=AT,
    reason="text: Field required",
    kind="unreadable",
    payload=SEALED_ALONE,
)
DELIVERY = Delivery(
    delivery_id=ROUTED_ID,
    kind="assigned",
    case_id=CASE_ID,
    version=5_012,
    tracking_code="123456789012345",
    municipality=CITY,
    department=PARKS,
    recorded_at=AT,
    fact_id=ROUTED_ID,
    words="پرونده به این واحد سپرده شد",
)
SUBMISSION = Submission(
    municipality=CITY, channel="web", text="چراغ‌های پارک خاموش است", reference="source:form-77"
)
REPORTER = Reporter(name="شهروند", phone="09120000000", email="citizen@example.org")
REPAIR = Repair(source=SOURCE, recorded_at=AT, attempt=1, why="gap", payload="e30=")
IMPORTED = ImportedCase(
    municipality=CITY,
    system="former-system",
    reference="101001240740",
    channel="phone",
    text="چراغ‌های پارک خاموش است",
    opened_at=AT - timedelta(days=900),
    department=PARKS,
    category=LIGHTS,
)
ERASURE = Erasure(case_id=CASE_ID, reference="letter-12", author=Author("operator"))
REPORT = ProgressReport(case_id=CASE_ID, did="acknowledged")
KEY = Key(case_id=CASE_ID, kid="9f86d081884c7d65", wrapped="d3JhcHBlZA==")
CONTENT = Content(text="چراغ‌های پارک خاموش است")
ORDINARY_DAY = (Hours(opens=28_800, closes=57_600),)
BUDGET = Budget(seconds=14_400, working_time=True)
CALL_ANSWERED = CallAnswered(
    municipality=CITY,
    call=CallDigest("mzxw6ytboi2gk3tfon2gk5dfmrxw6lbn"),
    author=Author("staff/operator-7"),
    outcome="informed",
    answered_at=AT,
)
POLICY = Policy(
    version=PolicyVersion("hashtgerd/2026-11-01T00:00:00Z"),
    municipality=CITY,
    since=AT,
    title_fa="شهرداری هشتگرد",
    title_en="Municipality of Hashtgerd",
    language="fa",
    zone="Asia/Tehran",
    centre=Department("137"),
    centre_category=Category("other"),
    departments=(
        DepartmentPolicy(
            department=PARKS, title_fa="فضای سبز", title_en="Parks", contact="parks@example.org"
        ),
    ),
    categories=(
        CategoryPolicy(
            category=LIGHTS,
            title_fa="روشنایی پارک",
            title_en="Park lights",
            problem_report=True,
            department=PARKS,
            priority="normal",
            location_required=True,
            first_response=BUDGET,
            resolution=BUDGET,
            warn_percents=(75,),
        ),
    ),
    calendar_id="city",
    calendars=(
        Calendar(
            calendar_id="city",
            zone="Asia/Tehran",
            offsets=(OffsetChange(since=AT, offset_seconds=12_600),),
            saturday=ORDINARY_DAY,
        ),
    ),
)
