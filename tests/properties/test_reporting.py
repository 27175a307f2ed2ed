"""Whatever lies in our desk's inbox becomes facts that fold, or is refused in words."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import UndecodableError, decode_desk, decode_fact, encode
from schemas.fact_parts import EscalationPoint, Promise, WarningPoint
from schemas.facts import DeadlineSet, Fact
from schemas.messages import DeadlineOrder, Erasure, ProgressReport, ReportedPart
from schemas.topics import PROGRESS_DESK, ProgressInbox, progress_of
from schemas.vocabulary import BODY_ANSWERS, ROLES, VISIBILITIES, Author, Department
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.in_force import ready, with_version
from streams.core.ordering import erased, ordered
from streams.core.promises import Counting, put_off
from streams.core.refused import RefusedError
from streams.core.reporting import reported
from streams.core.terms import terms
from tests.builders import (
    CASE_ID,
    CITY,
    NOON,
    PARKS,
    after,
    breached,
    promise,
    routed,
    source,
    submitted,
)
from tests.core.test_reporting import DEEDS, from_desk, pausing

T = TypeVar("T", ProgressReport, DeadlineOrder, Erasure, Promise)
POLICY = pausing()
CALENDAR = terms(POLICY).calendar_of(PARKS)
PUBLISHED = with_version({}, ready(POLICY))
TERMS = {POLICY.version: terms(POLICY)}
BREACH = breached()
TEXTS = st.sampled_from(("", "\x00", "واحد", "x" * 9_000))
NUMBERS = st.sampled_from((-1, 0, 1, 2, 600, 10**9, 10**30))
MOMENTS = st.sampled_from(
    (
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        *(NOON + timedelta(seconds=one) for one in (-1, 0, 300, 600, 660)),
    )
)


WRONG: Mapping[str, st.SearchStrategy[Any]] = {
    "case_id": TEXTS,
    "reference": TEXTS,
    "note": TEXTS,
    "evidence": st.lists(TEXTS, max_size=3).map(tuple),
    "if_version": NUMBERS,
    "department": TEXTS | st.none(),
    "municipality": TEXTS | st.none(),
    "author": TEXTS | st.none(),
    "reason": TEXTS,
    "why": st.sampled_from((None, "wrong-department", "not-ours")),
    "to": TEXTS | st.just("fani"),
    "parent": TEXTS | st.just(CASE_ID),
    "category": TEXTS,
    "district": TEXTS | st.just("2"),
    "role": st.none() | st.sampled_from(ROLES),
    "visibility": st.none() | st.sampled_from(VISIBILITIES),
    "body": TEXTS,
    "body_reference": TEXTS | st.just("W-7/3"),
    "answer": st.none() | st.sampled_from(BODY_ANSWERS),
    "stars": NUMBERS,
    "parts": st.lists(st.builds(ReportedPart, text=TEXTS), max_size=12).map(tuple),
    "parent_recorded_at": st.none() | MOMENTS,
    "because": TEXTS,
    "reporter_of": TEXTS,
    "replaces": TEXTS,
    "voids": TEXTS | st.none(),
    "policy_version": TEXTS,
}
WRONG_PROMISES: Mapping[str, st.SearchStrategy[Any]] = {
    "started_at": MOMENTS,
    "deadline": MOMENTS,
    "budget_seconds": NUMBERS,
    "warnings": st.lists(st.builds(WarningPoint, percent=NUMBERS, at=MOMENTS), max_size=2).map(
        tuple
    ),
    "escalations": st.lists(
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
}
ORDER = DeadlineOrder(
    case_id=CASE_ID,
    municipality=CITY,
    reference="snow",
    author=Author("operator"),
    promise=promise("resolution", seconds=660),
    policy_version=POLICY.version,
    replaces=routed().fact_id,
    reason="closed for snow",
)
ERASURE = Erasure(case_id=CASE_ID, reference="letter", author=Author("operator"))


@st.composite
def spoilt(draw: st.DrawFn, right: T, wrong: Mapping[str, st.SearchStrategy[Any]]) -> T:
    """A right value with nothing, or one thing, that may be wrong with it."""
    named = sorted(wrong.keys() & {one.name for one in fields(right)})
    if draw(st.booleans()):
        return right
    name = draw(st.sampled_from(named))
    return replace(right, **{name: draw(wrong[name])})


@st.composite
def messages(draw: st.DrawFn) -> ProgressReport | DeadlineOrder | Erasure:
    match draw(st.integers(0, 9)):
        case 0:
            return draw(spoilt(ERASURE, WRONG))
        case 1 | 2 | 3:
            promised = draw(spoilt(ORDER.promise, WRONG_PROMISES))
            return draw(spoilt(replace(ORDER, promise=promised), WRONG))
        case _:
            return draw(spoilt(from_desk(draw(st.sampled_from(DEEDS))), WRONG))


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


@given(said=st.lists(messages(), max_size=8))
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
        if isinstance(fact, DeadlineSet):
            # Any pause may put it off.
            later = put_off(fact.promise, (NOON, after(600)), Counting(calendar=CALENDAR))
            assert later.deadline >= fact.promise.deadline >= fact.promise.started_at
        case, judgement = step(case, Positioned(offset=place, fact=fact), TERMS)
        assert judgement.reason or judgement.verdict != "refused"
