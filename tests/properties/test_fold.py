"""Laws 3 and 4: lateness and repetition change nothing, and a replay says the same again."""

from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode_fact, encode
from schemas.facts import Fact, Routed, Submitted
from schemas.notices import Breached
from schemas.vocabulary import ClockKind, Department
from streams.core.case import Case, Judgement, Positioned
from streams.core.fold import History, fold, learn, step
from tests.builders import (
    CASE_ID,
    acknowledged,
    after,
    breached,
    closed_without_action,
    deadline_set,
    erased,
    resolved,
    routed,
    submitted,
    warned,
)
from tests.histories import TERMS, lives, said

SECONDS = st.integers(0, 700)
CLOCKS: st.SearchStrategy[ClockKind] = st.sampled_from(("first-response", "resolution"))


REPORTS = st.integers(0, 3)
VERSIONS = st.none() | st.integers(0, 8)


def messages() -> st.SearchStrategy[Submitted]:
    return st.builds(submitted, digest=st.sampled_from(("d1", "d2")))


@st.composite
def steering(draw: st.DrawFn) -> Fact:
    return said(draw, after(draw(SECONDS)))


@st.composite
def routings(draw: st.DrawFn) -> Routed:
    return routed(draw(messages()), department=Department(draw(st.sampled_from(("parks", "fani")))))


def facts() -> st.SearchStrategy[Fact]:
    """Any fact that could stand in this case's partition, sensible or not."""
    at = SECONDS.map(after)
    return st.one_of(
        messages(),
        routings(),
        st.builds(warned, routings(), clock=CLOCKS, percent=st.sampled_from((50, 80)), at=at),
        st.builds(breached, routings(), clock=CLOCKS, at=at),
        st.builds(deadline_set, routings(), kind=CLOCKS, seconds=st.sampled_from((60, 900)), at=at),
        st.builds(acknowledged, at=at, offset=REPORTS, if_version=VERSIONS),
        st.builds(resolved, at=at, offset=REPORTS, if_version=VERSIONS),
        st.builds(closed_without_action, at=at, offset=REPORTS),
        st.builds(erased, at=at, reference=st.sampled_from(("letter-1", "letter-2"))),
        # As often as all the rest.
        *([steering()] * 9),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Facts with rising offsets; half of the histories begin as a real case does."""
    begun: list[Fact] = [submitted(), routed()] if draw(st.booleans()) else []
    if draw(st.booleans()):
        return draw(lives(steps_max=10))
    listed = begun + draw(st.lists(facts(), max_size=12))
    gaps = draw(st.lists(st.integers(1, 3), min_size=len(listed), max_size=len(listed)))
    offsets = (sum(gaps[: index + 1]) for index in range(len(listed)))
    return tuple(
        Positioned(offset=offset, fact=fact) for offset, fact in zip(offsets, listed, strict=True)
    )


def judged(history: History) -> list[Judgement]:
    case, found = Case(case_id=CASE_ID), list[Judgement]()
    for positioned in history:
        case, judgement = step(case, positioned, TERMS)
        found.append(judgement)
    return found


@given(history=histories(), data=st.data())
def test_late_and_repeated_records_change_nothing(history: History, data: st.DataObject) -> None:
    gossip = data.draw(st.permutations(history + history))

    assert fold(CASE_ID, reduce(learn, gossip, ()), TERMS) == fold(CASE_ID, history, TERMS)


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

    assert fold(CASE_ID, history + repeated, TERMS) == fold(CASE_ID, history, TERMS)
    assert all(one.verdict == "duplicate" for one in judged(history + repeated)[len(history) :])


@given(history=histories())
def test_a_replay_from_bytes_gives_the_same_judgements(history: History) -> None:
    replayed = tuple(
        Positioned(offset=one.offset, fact=decode_fact(encode(one.fact))) for one in history
    )

    assert judged(replayed) == judged(history)
    assert fold(CASE_ID, replayed, TERMS) == fold(CASE_ID, history, TERMS)


@given(history=histories())
def test_a_prefix_is_never_contradicted(history: History) -> None:
    cases = [fold(CASE_ID, history[:length], TERMS) for length in range(len(history) + 1)]

    assert all(before.version <= later.version for before, later in pairwise(cases))
    assert all(before.effective <= later.effective for before, later in pairwise(cases))


@given(history=histories())
def test_a_verdict_is_the_inbox_times_and_nothing_elses(history: History) -> None:
    for clock in fold(CASE_ID, history, TERMS).clocks:
        if clock.stopped_at is not None:
            kept = clock.stopped_at <= clock.promise.deadline
            assert clock.state == ("met" if kept else "missed")
            assert clock.breach is None or clock.state == "missed"


@given(history=histories())
def test_no_deadline_is_breached_before_it_and_none_twice(history: History) -> None:
    effective = [
        one.fact
        for one, judgement in zip(history, judged(history), strict=True)
        if judgement.verdict == "effective" and isinstance(one.fact, Breached)
    ]

    assert len({fact.fact_id for fact in effective}) == len(effective)
    for clock in fold(CASE_ID, history, TERMS).clocks:
        breach = [
            one for one in effective if (one.fact_id, one.cause) == (clock.breach, clock.set_by)
        ]
        assert all(one.recorded_at >= clock.promise.deadline for one in breach)


@given(history=histories())
def test_nothing_brings_back_who_was_erased_and_nothing_else_changes_by_it(
    history: History,
) -> None:
    case = fold(CASE_ID, history, TERMS)
    without = fold(
        CASE_ID,
        tuple(one for one in history if one.fact.type != "case.reporter-erased.v1"),
        TERMS,
    )

    if case.erased_at is not None:
        assert case.submitted is not None
    if all(getattr(one.fact, "if_version", None) is None for one in history):
        assert (case.state, case.clocks) == (without.state, without.clocks)
