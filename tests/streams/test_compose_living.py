"""What a department is told of the life of its case: what was said, how many stars, why not."""

from dataclasses import replace
from typing import TypeVar, get_args

import pytest

from schemas.codec import decode, encode
from schemas.contents import Evidence
from schemas.deliveries import Delivery, DeliveryKind
from schemas.facts import Fact
from schemas.living import HandedOver, Noted
from schemas.steering import Paused, Reopened
from schemas.vocabulary import CaseId, Department
from streams.core.case import Positioned
from streams.core.delivery import outgoing
from streams.core.fold import fold, step
from streams.core.refusal import refused_for, written
from streams.core.terms import AllTerms, terms
from streams.dispatcher.compose import IN_ITS_WORDS, Owed, compose
from streams.dispatcher.outbox import WITH_HISTORY
from tests.builders import CASE_ID, CITY, PARKS, acknowledged, after, resolved
from tests.lived import (
    body_answered,
    confirmed,
    disputed,
    handed_over,
    lived,
    lively,
    noted,
    rated,
    split,
    to_be_judged,
    undisputed,
)
from tests.steering import DAY, HOUR, VERSION, opened, paused, reopened
from tests.streams.test_compose_steered import written as history_of

CITY_OF_DEPUTIES = replace(
    lively(),
    departments=(
        *(replace(one, parent=Department("moaven")) for one in lively().departments),
        replace(lively().departments[0], department=Department("moaven"), deputy=None),
    ),
)
TERMS: AllTerms = {VERSION: terms(CITY_OF_DEPUTIES)}
FIRST = opened(CITY_OF_DEPUTIES, after(0))
NOTE = Evidence(note="درخت هنوز همان‌جاست")
DONE = to_be_judged(resolved(at=after(600)), until=after(7 * DAY), silent=after(HOUR))
LIFE: dict[DeliveryKind, tuple[Fact, ...]] = {
    "noted": (noted(after(60)),),
    "handed-over": (handed_over(after(60)),),
    "handed-over-answered": (handed_over(after(60)), body_answered(after(90), "done")),
    "split": (split(after(60)),),
    "confirmed": (DONE, confirmed(after(700))),
    "disputed": (DONE, disputed(after(700))),
    "undisputed": (DONE, undisputed(DONE, after(HOUR + 1))),
    "rated": (DONE, rated(after(700), 2)),
}


Said = TypeVar("Said", Noted, HandedOver, Paused, Reopened)


def _at(placed: tuple[int, Fact]) -> Positioned:
    offset, fact = placed
    return Positioned(offset=offset, fact=fact)


def told(*facts: Fact, content: Evidence | None = None) -> list[Delivery]:
    """Every delivery of the last of these facts, as the fold judges it."""
    history = [*FIRST, *facts]
    before = fold(CASE_ID, map(_at, enumerate(history[:-1])), TERMS)
    case, judgement = step(before, _at((len(history) - 1, history[-1])), TERMS)
    said = outgoing(before, case, history[-1], judgement)
    refusal = judgement.refusal
    causes = {one.fact_id: one for one in history}
    cause = causes.get(getattr(history[-1], "cause", ""))
    rows = [
        Owed(
            log_partition=1,
            log_offset=len(history) - 1,
            ordinal=ordinal,
            case_id=CaseId(CASE_ID),
            municipality=CITY,
            department=one.department,
            kind=one.kind,
            words=one.words,
            version=case.version,
            fact=encode(history[-1]).decode(),
            cause=encode(cause).decode() if cause else None,
            content=encode(content).decode() if content and one.kind in IN_ITS_WORDS else None,
            history=history_of(history) if one.kind in WITH_HISTORY else None,
            tracking_code="123456789012345",
            channel="web",
            refused_for=None if refusal is None else written(refusal),
        )
        for ordinal, one in enumerate(said)
        if one.kind != "part"
    ]
    return [compose(row, TERMS) for row in rows]


@pytest.mark.parametrize("kind", LIFE)
def test_whoever_has_the_case_is_told_what_is_said_of_it_in_its_words(kind: DeliveryKind) -> None:
    (delivery,) = told(*LIFE[kind], content=NOTE)

    assert (delivery.kind, delivery.department) == (kind, PARKS)
    assert delivery.text == (NOTE.note if kind != "undisputed" else None)
    assert delivery.category == FIRST[1].category
    assert decode(encode(delivery), Delivery) == delivery


def test_every_kind_of_delivery_that_is_made_of_a_life_has_its_history() -> None:
    assert set(LIFE) <= set(WITH_HISTORY) <= set(get_args(DeliveryKind))
    assert set(IN_ITS_WORDS) <= set(WITH_HISTORY)


def test_a_rating_comes_with_its_stars_and_nothing_else_has_any() -> None:
    stars = {kind: told(*facts)[0].stars for kind, facts in LIFE.items()}

    assert {kind for kind, many in stars.items() if many is not None} == {"rated"}
    assert stars["rated"] == 2


def test_what_is_disputed_has_to_be_done_by_a_new_deadline() -> None:
    (delivery,) = told(*LIFE["disputed"], content=NOTE)

    deadlines = {one.kind: one.deadline for one in delivery.promises}
    assert deadlines["resolution"] == after(700 + 9 * HOUR)


def test_while_another_body_has_it_no_deadline_runs() -> None:
    (delivery,) = told(*LIFE["handed-over"])

    assert {one.kind for one in delivery.promises} == set()


def test_the_words_of_each_part_are_told_where_no_note_is() -> None:
    (delivery,) = told(split(after(60)), content=Evidence(parts=("تنه", "شاخه")))

    assert delivery.text == "تنه\nشاخه"


def test_after_an_erasure_nothing_of_what_was_said_is_left() -> None:
    assert {told(*facts)[0].text for facts in LIFE.values()} == {None}


def test_what_was_refused_has_its_code_and_its_reason_in_persian() -> None:
    late = acknowledged(at=after(60))
    again = replace(acknowledged(at=after(90)), fact_id=f"{late.fact_id}/again")

    (delivery,) = told(late, again)

    reason = refused_for("state", state="acknowledged")
    assert (delivery.kind, delivery.refused_for) == ("refused", "state")
    assert (delivery.words, delivery.words_fa) == (reason.english, reason.persian)
    assert "پذیرفته‌شده" in (delivery.words_fa or "")


def test_a_refusal_by_a_code_of_another_version_keeps_its_words() -> None:
    row = Owed(
        log_partition=1,
        log_offset=2,
        ordinal=0,
        case_id=CaseId(CASE_ID),
        municipality=CITY,
        department=PARKS,
        kind="refused",
        words="so it is",
        version=2,
        fact=encode(acknowledged()).decode(),
        cause=None,
        content=None,
        history=None,
        tracking_code=None,
        channel=None,
        refused_for='{"code": "of-tomorrow", "given": {}}',
    )

    delivery = compose(row, TERMS)

    assert (delivery.words, delivery.refused_for, delivery.words_fa) == ("so it is", None, None)


def test_what_a_deputy_does_reaches_the_department_that_has_the_case() -> None:
    said: dict[DeliveryKind, tuple[Fact, ...]] = {
        "noted": (_by_deputy(noted(after(60))),),
        "handed-over": (_by_deputy(handed_over(after(60))),),
        "paused": (_by_deputy(paused(after(60), after(HOUR))),),
        "reopened": (DONE, _by_deputy(reopened(after(700)))),
    }

    for kind, facts in said.items():
        (delivery,) = told(*facts)
        assert (delivery.kind, delivery.department) == (kind, PARKS)


def test_a_department_is_not_told_of_its_own_note() -> None:
    assert told(lived(Noted, after(60), role="member", department=PARKS)) == []


def _by_deputy(said: Said) -> Said:
    return replace(said, role="deputy", department=Department("moaven"), above_by=VERSION)
