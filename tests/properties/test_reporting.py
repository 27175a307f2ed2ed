"""Whatever lies in our desk's inbox becomes facts that fold, or is refused in words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import UndecodableError, decode_desk, decode_fact, encode
from schemas.fact_parts import EscalationPoint, Promise, WarningPoint
from schemas.facts import Fact
from schemas.messages import DeadlineOrder, Erasure, ProgressReport
from schemas.topics import PROGRESS_DESK, ProgressInbox, progress_of
from schemas.vocabulary import Author, CaseId, Department, FactId, Municipality, PolicyVersion
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.in_force import ready, with_version
from streams.core.ordering import erased, ordered
from streams.core.refused import RefusedError
from streams.core.reporting import reported
from streams.core.terms import terms
from tests.builders import CASE_ID, CITY, NOON, PARKS, after, breached, routed, source, submitted
from tests.core.test_reporting import DEEDS, pausing

POLICY = pausing()
PUBLISHED = with_version({}, ready(POLICY))
TERMS = {POLICY.version: terms(POLICY)}
BREACH = breached()
TEXTS = st.sampled_from(("", " ", "\x00", "x", "parks", "weather", "واحد", "x" * 9_000))
NUMBERS = st.sampled_from((-1, 0, 1, 2, 600, 10**9, 10**30))
MOMENTS = st.sampled_from(
    (
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        *(NOON + timedelta(seconds=one) for one in (-1, 0, 300, 600, 660)),
    )
)


def either(*likely: str) -> st.SearchStrategy[str]:
    """What is right more often than not, so that the rest is looked at too."""
    return st.one_of(*[st.just(one) for one in likely] * 3, TEXTS)


REPORTS = st.builds(
    ProgressReport,
    case_id=either(CASE_ID).map(CaseId),
    did=st.sampled_from(DEEDS),
    reference=st.none() | TEXTS,
    note=st.none() | TEXTS,
    evidence=st.lists(TEXTS, max_size=3).map(tuple),
    if_version=st.none() | NUMBERS,
    department=st.none() | either(PARKS).map(Department),
    municipality=either(CITY).map(Municipality),
    author=either("operator").map(Author),
    reason=st.none() | either("weather", "waiting-for-citizen"),
    why=st.sampled_from((None, "wrong-department", "not-ours")),
    to=st.none() | either("fani").map(Department),
    parent=st.none() | either("b" * 32, CASE_ID).map(CaseId),
    category=st.none() | either("CIV-01"),
    new_promises=st.booleans(),
)
PROMISES = st.builds(
    Promise,
    kind=st.sampled_from(("first-response", "resolution", "holding")),
    started_at=MOMENTS,
    deadline=MOMENTS,
    budget_seconds=NUMBERS,
    working_time=st.booleans(),
    warnings=st.lists(st.builds(WarningPoint, percent=NUMBERS, at=MOMENTS), max_size=2).map(tuple),
    escalations=st.lists(
        st.builds(
            EscalationPoint,
            step=NUMBERS,
            role=st.just("head"),
            at=MOMENTS,
            after_seconds=NUMBERS,
            working_time=st.booleans(),
            department=st.none() | TEXTS.map(Department),
        ),
        max_size=2,
    ).map(tuple),
)
ORDERS = st.builds(
    DeadlineOrder,
    case_id=either(CASE_ID).map(CaseId),
    municipality=either(CITY).map(Municipality),
    reference=either("snow"),
    author=either("operator").map(Author),
    promise=PROMISES,
    policy_version=either(POLICY.version).map(PolicyVersion),
    replaces=either(routed().fact_id).map(FactId),
    reason=either("closed for snow"),
    voids=st.none() | either(BREACH.fact_id).map(FactId),
)
ERASURES = st.builds(
    Erasure,
    case_id=either(CASE_ID).map(CaseId),
    reference=either("letter"),
    author=either("operator").map(Author),
)


def facts_of(message: ProgressReport | DeadlineOrder | Erasure, offset: int) -> Sequence[Fact]:
    """As the router makes them, from the desk or from a department's own inbox."""
    at, lies = after(60 * (offset + 2)), source(offset, inbox=PROGRESS_DESK)
    match decode_desk(encode(message)):
        case ProgressReport() as report:
            own = ProgressInbox(topic=progress_of(CITY, PARKS), municipality=CITY, department=PARKS)
            inbox = own if offset % 2 else ProgressInbox(topic=PROGRESS_DESK)
            return (reported(report, inbox, lies, at, None, PUBLISHED),)
        case DeadlineOrder() as order:
            return ordered(order, lies, at, PUBLISHED)
        case Erasure() as erasure:
            return (erased(erasure, lies, at),)


@given(said=st.lists(REPORTS | ORDERS | ERASURES, max_size=8))
def test_what_is_said_is_refused_in_words_or_becomes_facts_that_fold(
    said: list[ProgressReport | DeadlineOrder | Erasure],
) -> None:
    case, refusals = Case(case_id=CASE_ID), list[str]()
    history: list[Fact] = [submitted(), routed(), BREACH]
    for number, message in enumerate(said):
        try:
            history += facts_of(message, number)
        except (RefusedError, UndecodableError) as error:
            refusals.append(str(error))

    assert all(one and "\x00" not in one for one in refusals)
    for place, fact in enumerate(one for one in history if one.case_id == CASE_ID):
        assert decode_fact(encode(fact)) == fact
        assert b"\\u0000" not in encode(fact)
        case, judgement = step(case, Positioned(offset=place, fact=fact), TERMS)
        assert judgement.reason or judgement.verdict != "refused"
