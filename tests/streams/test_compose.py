"""What a department is told: what it is about, by when, and never who reported it."""

from dataclasses import replace

import pytest

from schemas.codec import encode
from schemas.contents import Content
from schemas.deliveries import Delivery, DeliveryKind
from schemas.facts import Fact
from schemas.places import Place, Reporter
from schemas.vocabulary import CaseId
from streams.core.terms import NO_TERMS
from streams.dispatcher.compose import TEXT_KEPT_CHARACTERS, Owed, cut
from streams.dispatcher.compose import compose as composed
from tests.builders import (
    CASE_ID,
    CITY,
    PARKS,
    acknowledged,
    after,
    breached,
    routed,
    submitted,
    warned,
)

PHONE = "09121112222"
CONTENT = Content(
    text="درخت روی ماشین افتاده",
    place=Place(lat=35.9, lon=50.6, address="بلوار مصلی"),
    reporter=Reporter(name="شهروند", phone=PHONE),
)


def owed(
    fact: Fact, kind: DeliveryKind, *, cause: Fact | None = None, content: Content | None = None
) -> Owed:
    return Owed(
        log_partition=1,
        log_offset=7,
        ordinal=0,
        case_id=CaseId(CASE_ID),
        municipality=CITY,
        department=PARKS,
        kind=kind,
        words="so it is",
        version=7,
        fact=encode(fact).decode(),
        cause=encode(cause).decode() if cause else None,
        content=encode(content).decode() if content else None,
        history=None,
        tracking_code="123456789012345",
        channel="web",
    )


def compose(row: Owed) -> Delivery:
    """What needs no policy."""
    return composed(row, NO_TERMS)


def test_an_assignment_tells_what_where_and_by_when() -> None:
    told = compose(owed(routed(), "assigned", cause=submitted(), content=CONTENT))

    assert told.delivery_id == f"{routed().fact_id}/assigned"
    assert (told.text, told.place) == (CONTENT.text, CONTENT.place)
    assert told.promises == routed().promises
    assert (told.category, told.priority) == (routed().category, routed().priority)
    assert told.version == 7


def test_who_reported_it_is_never_told() -> None:
    told = compose(owed(routed(), "assigned", cause=submitted(), content=CONTENT))

    assert PHONE.encode() not in encode(told)
    assert "شهروند".encode() not in encode(told)


def test_after_an_erasure_the_assignment_has_no_text() -> None:
    told = compose(owed(routed(), "assigned", cause=submitted()))

    assert told.text is None
    assert told.promises == routed().promises


@pytest.mark.parametrize(
    ("notice", "kind"), [(warned(at=after(31)), "warned"), (breached(at=after(3600)), "breached")]
)
def test_a_notice_tells_when_it_was_due_and_when_it_was_said(
    notice: Fact, kind: DeliveryKind
) -> None:
    told = compose(owed(notice, kind, cause=routed()))

    (clock,) = told.promises
    assert told.clock == clock.kind == "first-response"
    assert clock.deadline == after(60)
    assert told.recorded_at == notice.recorded_at
    assert told.text is None


def test_a_refusal_tells_a_stranger_nothing_of_the_case() -> None:
    row = replace(owed(acknowledged(), "refused"), tracking_code=None, channel=None)

    told = compose(row)

    assert told.words == "so it is"
    assert told.tracking_code == ""
    assert told.category is None


def test_a_conflict_shows_the_other_message_and_promises_nothing() -> None:
    told = compose(owed(routed(), "conflict", cause=submitted(), content=CONTENT))

    assert told.text == CONTENT.text
    assert told.promises == ()


def test_it_is_composed_the_same_each_time() -> None:
    row = owed(routed(), "assigned", cause=submitted(), content=CONTENT)

    assert compose(row) == compose(row)


def test_what_is_too_long_is_cut_and_says_so() -> None:
    long = replace(CONTENT, text="ی" * 8_000)
    told = compose(owed(routed(), "assigned", cause=submitted(), content=long))

    short = cut(told)

    assert len(short.text or "") == TEXT_KEPT_CHARACTERS
    assert "cut" in short.words
    assert short.place is not None
    assert (short.place.lat, short.place.address) == (35.9, None)
    assert short.delivery_id == told.delivery_id
