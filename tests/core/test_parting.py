"""What a split sends out: each part once, whatever becomes of the case that it was a part of."""

from dataclasses import replace

import pytest

from schemas.contents import Content, Evidence
from schemas.fact_parts import CasePart
from schemas.facts import Fact
from schemas.living import Split
from schemas.messages import REFERENCE_CHARACTERS_MAX
from schemas.places import Place, Reporter
from schemas.vocabulary import Category, FactId
from streams.core import admission
from streams.core.case import Case, Positioned
from streams.core.classifier import classify
from streams.core.delivery import Outgoing, outgoing
from streams.core.fold import step
from streams.core.in_force import ready
from streams.core.parting import Words, submission_of
from tests.builders import (
    CASE_ID,
    CITY,
    NOON,
    PARKS,
    after,
    erased,
    past,
    resolved,
    routed,
    submitted,
)
from tests.lived import lively, split
from tests.policies import policy
from tests.steering import known

TERMS = known(lively())
BEGUN = (submitted(), routed())
WORDS = Words(
    parts=Evidence(note="two things", parts=("تنه روی خودرو", "چاله کنار آن")),
    first=Content(
        text="درخت افتاده و چاله هم هست",
        place=Place(lat=35.9, lon=50.6, address="بلوار مصلی"),
        reporter=Reporter(phone="09121112222"),
    ),
)


def sent(*facts: Fact) -> list[tuple[Outgoing, ...]]:
    """What each of these facts sends out, as the fold judges them."""
    case, found = Case(case_id=CASE_ID), list[tuple[Outgoing, ...]]()
    for offset, fact in enumerate(facts):
        later, judgement = step(case, Positioned(offset=offset, fact=fact), TERMS)
        found.append(outgoing(case, later, fact, judgement))
        case = later
    return found


def parts_of(*facts: Fact) -> list[int]:
    """How many parts each of these facts sends out."""
    return [sum(one.kind == "part" for one in each) for each in sent(*facts)]


def test_a_part_lies_where_its_number_says_before_what_the_department_is_told() -> None:
    *_, last = sent(*BEGUN, split(after(60), parts=3))

    assert [one.kind for one in last] == ["part", "part", "part", "split"]
    assert {one.municipality for one in last} == {CITY}


def test_a_split_by_the_department_itself_makes_parts_and_tells_it_nothing() -> None:
    said = replace(split(after(60)), department=PARKS, role="member")

    *_, last = sent(*BEGUN, said)

    assert [one.kind for one in last] == ["part", "part"]


def test_a_split_that_is_refused_or_repeated_makes_no_part() -> None:
    told = split(after(60))
    late = split(after(700))

    assert parts_of(told) == [0]
    assert parts_of(*BEGUN, told, told) == [0, 0, 2, 0]
    assert parts_of(*BEGUN, resolved(at=after(600)), late) == [0, 0, 0, 0]


def test_the_work_of_another_systems_past_is_split_like_any_other() -> None:
    long_ago = past(submitted(), after(-3_600))

    told = split(after(60))
    assert [len(one) for one in sent(long_ago, routed(long_ago), told, told)] == [0, 0, 2, 0]


def test_a_part_is_what_was_said_of_it_where_the_first_message_was_by_whom_that_was() -> None:
    told = replace(split(after(60)), parts=(CasePart(category=Category("GRN-02")), CasePart()))

    first, second = (submission_of(told, number, "phone", WORDS) for number in range(2))

    assert (first.text, second.text) == WORDS.parts.parts
    assert (first.category, second.category) == ("GRN-02", None)
    assert (first.author, first.part_of) == (f"split/{CASE_ID}", CASE_ID)
    for one in (first, second):
        assert (one.municipality, one.channel) == (CITY, "phone")
        assert (one.place, one.reporter) == (WORDS.first.place, WORDS.first.reporter)
        assert admission.refusal(one, [CITY], NOON) is None


def test_a_part_is_the_same_case_each_time_it_is_sent_and_no_other_part_is() -> None:
    told, other = split(after(60)), split(after(90))

    names = [
        (one.author, one.reference)
        for one in (
            submission_of(told, 0, "web", WORDS),
            submission_of(told, 0, "web", "fa"),
            submission_of(told, 1, "web", WORDS),
            submission_of(other, 0, "web", WORDS),
        )
    ]

    assert names[0] == names[1]
    assert len(set(names)) == 3


@pytest.mark.parametrize("length", [1, 150, 198, 199, 900])
def test_however_long_the_facts_name_is_the_parts_is_short_enough(length: int) -> None:
    told = named("x" * length)

    names = {submission_of(told, number, "web", WORDS).reference for number in range(2)}

    assert len(names) == 2
    assert max(map(len, names)) <= REFERENCE_CHARACTERS_MAX
    assert names.isdisjoint(
        submission_of(named("x" * length + "y"), number, "web", WORDS).reference
        for number in range(2)
    )


@pytest.mark.parametrize(("language", "words"), [("fa", "پاک شده"), ("en", "erased")])
def test_a_part_of_what_was_erased_says_so_and_nothing_of_the_citizen(
    language: str, words: str
) -> None:
    one = submission_of(split(after(60)), 1, "phone", language)

    assert words in one.text
    assert (one.place, one.reporter) == (None, None)
    assert admission.refusal(one, [CITY], NOON) is None
    assert classify(one.text, ready(policy()).classifier).doubted


def test_what_is_closed_opened_or_erased_after_a_split_makes_no_part_again() -> None:
    told = split(after(60))

    assert parts_of(*BEGUN, told, resolved(at=after(600)), erased(at=after(700))) == [0, 0, 2, 0, 0]


def named(name: str) -> Split:
    return replace(split(after(60)), fact_id=FactId(name))
