"""What a department is told of a case whose clocks are steered: what is promised by then."""

from collections.abc import Iterable
from datetime import datetime

import orjson
import pytest

from schemas.codec import encode
from schemas.contents import Content, Evidence
from schemas.deliveries import Delivery, DeliveryKind
from schemas.facts import Fact
from schemas.places import Place
from schemas.vocabulary import CaseId, Department
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.notices import notices_due
from streams.core.terms import NO_TERMS, UnknownTermsError
from streams.dispatcher.compose import Owed, compose
from tests.builders import CASE_ID, CITY, PARKS, after, deadline_set, resolved
from tests.calendars import every_day
from tests.steering import (
    HOUR,
    ROADS,
    answered,
    asked,
    city,
    known,
    linked,
    opened,
    passed_on,
    paused,
    real,
    reclassified,
    reopened,
    resumed,
    unlinked,
)

VERSION = city(
    every_day("UTC", ("00:00", "24:00")), answer=real(HOUR), done=real(9 * HOUR), held=real(HOUR)
)
TERMS = known(VERSION)
FIRST = opened(VERSION, after(0))
TEXT = Content(text="درخت روی ماشین افتاده", place=Place(lat=35.9, lon=50.6))


def written(history: Iterable[Fact]) -> str:
    """As the outbox hands it over."""
    return orjson.dumps(
        [[offset, orjson.loads(encode(one))] for offset, one in enumerate(history)]
    ).decode()


def told(
    kind: DeliveryKind,
    *facts: Fact,
    department: Department = PARKS,
    content: Content | Evidence | None = None,
) -> Delivery:
    """The delivery of the last of these facts, of a case that was routed at noon."""
    history = [*FIRST, *facts]
    by_id = {one.fact_id: one for one in history}
    cause = by_id.get(getattr(facts[-1], "cause", ""))
    owed = Owed(
        log_partition=1,
        log_offset=len(history) - 1,
        ordinal=0,
        case_id=CaseId(CASE_ID),
        municipality=CITY,
        department=department,
        kind=kind,
        words="so it is",
        version=len(history) - 1,
        fact=encode(facts[-1]).decode(),
        cause=encode(cause).decode() if cause else None,
        content=encode(content).decode() if content else None,
        history=written(history),
        tracking_code="123456789012345",
        channel="web",
    )
    return compose(owed, TERMS)


def case_after(*facts: Fact) -> Case:
    case = Case(case_id=CaseId(CASE_ID))
    for offset, fact in enumerate((*FIRST, *facts)):
        case, judgement = step(case, Positioned(offset=offset, fact=fact), TERMS)
        assert judgement.verdict == "effective", judgement.reason
    return case


def deadlines(delivery: Delivery) -> dict[str, datetime]:
    return {one.kind: one.deadline for one in delivery.promises}


def test_who_is_passed_a_case_is_told_all_and_when_it_must_be_passed_back() -> None:
    delivery = told("assigned", passed_on(after(600)), department=ROADS, content=TEXT)

    assert (delivery.text, delivery.place) == (TEXT.text, TEXT.place)
    assert deadlines(delivery) == {
        "first-response": after(HOUR),
        "resolution": after(9 * HOUR),
        "holding": after(600 + HOUR),
    }
    assert (delivery.category, delivery.priority) == (
        FIRST[1].category,
        FIRST[1].priority,
    )
    assert delivery.channel == "web"


def test_who_had_it_is_told_in_words_alone() -> None:
    delivery = told("withdrawn", passed_on(after(600)), content=TEXT)

    assert (delivery.text, delivery.place, delivery.promises) == (None, None, ())
    assert delivery.words == "so it is"


def test_a_warning_after_a_pause_tells_the_deadline_that_counts_now() -> None:
    steps = (paused(after(600), after(HOUR)), resumed(after(1_200)))
    case = case_after(*steps)
    (warning, *_) = (
        one
        for one in notices_due(case, up_to=after(7 * HOUR), now=after(7 * HOUR))
        if one.cause == steps[1].fact_id
    )

    delivery = told("warned", *steps, warning)

    assert delivery.clock is not None
    assert deadlines(delivery) == {delivery.clock: case.clock(delivery.clock).promise.deadline}  # type: ignore[union-attr]  # it has one
    assert deadlines(delivery) != {delivery.clock: FIRST[1].promises[0].deadline}


def test_a_step_of_the_ladder_says_which_and_whom_it_is_told() -> None:
    steps = notices_due(case_after(), up_to=after(8 * HOUR), now=after(8 * HOUR))
    ladder = [one for one in steps if one.type == "case.escalated.v1"]

    below, above = (told("escalated", ladder[0], department=who) for who in (PARKS, ROADS))

    assert (below.step, below.role, below.percent) == (1, "head", None)
    assert below.promises
    assert below.delivery_id == f"{ladder[0].fact_id}/escalated"
    assert above.delivery_id == f"{ladder[0].fact_id}/escalated/{ROADS}"


def test_a_deadline_that_was_set_is_told_as_it_was_set() -> None:
    order = deadline_set(FIRST[1], at=after(60))

    delivery = told("promised", order)

    assert delivery.promises == (order.promise,)
    assert delivery.clock == order.promise.kind


def test_the_citizens_answer_comes_in_its_own_words() -> None:
    note = Evidence(note="پلاک ۱۳، نبش کوچه")

    delivery = told("answered", asked(after(60), after(HOUR)), answered(after(120)), content=note)

    assert delivery.text == note.note
    # What the clocks stood still for comes on top.
    assert deadlines(delivery)["resolution"] == after(9 * HOUR + 60)


def test_after_an_erasure_an_answer_has_no_words() -> None:
    assert told("answered", asked(after(60), after(HOUR)), answered(after(120))).text is None


def test_what_stands_still_is_no_deadline_to_go_by() -> None:
    steps = (paused(after(60), after(HOUR)), reclassified(after(90)))

    assert deadlines(told("reclassified", *steps)) == {"first-response": after(HOUR)}


def test_what_is_reopened_comes_with_its_text_and_its_new_deadlines() -> None:
    steps = (resolved(at=after(600)), reopened(after(HOUR)))

    delivery = told("reopened", *steps, content=TEXT)

    assert delivery.text == TEXT.text
    assert deadlines(delivery) == {"resolution": after(10 * HOUR), "holding": after(2 * HOUR)}


def test_what_follows_another_case_has_nothing_to_keep_until_it_is_apart_again() -> None:
    follows = (linked(after(60)),)

    assert told("linked", *follows).promises == ()
    assert len(told("unlinked", *follows, unlinked(after(90))).promises) == 3


def test_what_is_about_something_else_says_what() -> None:
    assert told("reclassified", reclassified(after(60), "CIV-01")).category == "CIV-01"


def test_it_is_composed_the_same_whatever_comes_later() -> None:
    steps = (passed_on(after(600)),)

    once = told("assigned", *steps, department=ROADS, content=TEXT)
    again = told("assigned", *steps, department=ROADS, content=TEXT)

    assert once == again


def test_without_the_policy_it_is_not_made_up() -> None:
    owed = Owed(
        log_partition=1,
        log_offset=2,
        ordinal=0,
        case_id=CaseId(CASE_ID),
        municipality=CITY,
        department=ROADS,
        kind="assigned",
        words="",
        version=2,
        fact=encode(passed_on(after(600))).decode(),
        cause=None,
        content=None,
        history=written((*FIRST, passed_on(after(600)))),
        tracking_code=None,
        channel=None,
    )

    with pytest.raises(UnknownTermsError):
        compose(owed, NO_TERMS)
