"""Laws 3 and 4: lateness and repetition change nothing, and a replay says the same again."""

from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode_fact, encode
from schemas.facts import Fact
from schemas.vocabulary import ClockKind, Department
from streams.core.case import Case, Judgement, Positioned
from streams.core.fold import History, fold, learn, step
from tests.builders import (
    CASE_ID,
    acknowledged,
    after,
    breached,
    resolved,
    routed,
    submitted,
    warned,
)

SECONDS = st.integers(0, 700)
CLOCKS: st.SearchStrategy[ClockKind] = st.sampled_from(("first-response", "resolution"))


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Any fact that could stand in this case's partition, sensible or not."""
    at = after(draw(SECONDS))
    message = submitted(digest=draw(st.sampled_from(("d1", "d2"))))
    routing = routed(message, department=Department(draw(st.sampled_from(("parks", "fani")))))
    versions = st.none() | st.integers(0, 8)
    match draw(st.integers(0, 5)):
        case 0:
            return message
        case 1:
            return routing
        case 2:
            percent = draw(st.sampled_from((50, 80)))
            return warned(routing, clock=draw(CLOCKS), percent=percent, at=at)
        case 3:
            return breached(routing, clock=draw(CLOCKS), at=at)
        case 4:
            offset = draw(st.integers(0, 3))
            return acknowledged(at=at, offset=offset, if_version=draw(versions))
        case _:
            return resolved(at=at, offset=draw(st.integers(0, 3)), if_version=draw(versions))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Facts with rising offsets; half of the histories begin as a real case does."""
    begun: list[Fact] = [submitted(), routed()] if draw(st.booleans()) else []
    listed = begun + draw(st.lists(facts(), max_size=12))
    gaps = draw(st.lists(st.integers(1, 3), min_size=len(listed), max_size=len(listed)))
    offsets = (sum(gaps[: index + 1]) for index in range(len(listed)))
    return tuple(
        Positioned(offset=offset, fact=fact) for offset, fact in zip(offsets, listed, strict=True)
    )


def judged(history: History) -> list[Judgement]:
    case, found = Case(case_id=CASE_ID), list[Judgement]()
    for positioned in history:
        case, judgement = step(case, positioned)
        found.append(judgement)
    return found


@given(history=histories(), data=st.data())
def test_late_and_repeated_records_change_nothing(history: History, data: st.DataObject) -> None:
    gossip = data.draw(st.permutations(history + history))

    assert fold(CASE_ID, reduce(learn, gossip, ())) == fold(CASE_ID, history)


@given(history=histories(), data=st.data())
def test_a_fact_appended_again_leaves_the_state_as_it_was(
    history: History, data: st.DataObject
) -> None:
    last = history[-1].offset if history else 0
    again = data.draw(st.lists(st.sampled_from(history), max_size=6)) if history else []
    repeated = tuple(
        Positioned(offset=last + 1 + index, fact=positioned.fact)
        for index, positioned in enumerate(again)
    )

    assert fold(CASE_ID, history + repeated) == fold(CASE_ID, history)
    assert all(one.verdict == "duplicate" for one in judged(history + repeated)[len(history) :])


@given(history=histories())
def test_a_replay_from_bytes_gives_the_same_judgements(history: History) -> None:
    replayed = tuple(
        Positioned(offset=one.offset, fact=decode_fact(encode(one.fact))) for one in history
    )

    assert judged(replayed) == judged(history)
    assert fold(CASE_ID, replayed) == fold(CASE_ID, history)


@given(history=histories())
def test_a_prefix_is_never_contradicted(history: History) -> None:
    cases = [fold(CASE_ID, history[:length]) for length in range(len(history) + 1)]

    assert all(before.version <= later.version for before, later in pairwise(cases))
    assert all(before.effective <= later.effective for before, later in pairwise(cases))


@given(history=histories())
def test_a_verdict_is_the_inbox_times_and_nothing_elses(history: History) -> None:
    for clock in fold(CASE_ID, history).clocks:
        if clock.stopped_at is not None:
            kept = clock.stopped_at <= clock.promise.deadline
            assert clock.state == ("met" if kept else "missed")
            assert not (clock.voided and clock.state == "missed")


@given(history=histories())
def test_no_deadline_is_breached_before_it_and_none_twice(history: History) -> None:
    effective = [
        one.fact
        for one, judgement in zip(history, judged(history), strict=True)
        if judgement.verdict == "effective" and one.fact.type == "case.breached.v1"
    ]

    assert len({fact.fact_id for fact in effective}) == len(effective)
    for clock in fold(CASE_ID, history).clocks:
        breach = [
            one for one in effective if clock.set_by in one.fact_id and clock.kind in one.fact_id
        ]
        assert all(one.recorded_at >= clock.promise.deadline for one in breach)
