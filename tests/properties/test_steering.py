"""For all histories of a steered case: its clocks are fair, its notices come once and never early.

Pauses, transfers, reopenings, links and orders come in any order, and some of them late.
"""

from dataclasses import replace

from hypothesis import given

from schemas.facts import DeadlineSet
from schemas.notices import Notice
from schemas.steering import InformationRequested, Paused
from streams.core.case import Case, Clock, Judgement, Positioned
from streams.core.clocks import settled
from streams.core.fold import History, fold, step
from streams.core.notices import next_due_at, notices_due
from tests.builders import CASE_ID
from tests.histories import FAR, TERMS, lives

ROUNDS_MAX = 10


def judged(history: History) -> list[tuple[Case, Positioned, Judgement, Case]]:
    """Each fact with the case before and after it."""
    case, found = Case(case_id=CASE_ID), list[tuple[Case, Positioned, Judgement, Case]]()
    for positioned in history:
        before = case
        case, judgement = step(before, positioned, TERMS)
        found.append((before, positioned, judgement, case))
    return found


def in_the_end(history: History) -> Case:
    """The case when every pause is over."""
    return settled(fold(CASE_ID, history, TERMS), FAR, TERMS)


def verdicts(case: Case) -> list[tuple[object, ...]]:
    return [
        (
            one.kind,
            one.cycle,
            one.department,
            one.promise,
            one.set_by,
            one.pauses,
            one.stopped_at,
            None if one.open else one.state,
        )
        for one in case.clocks
    ]


@given(history=lives())
def test_what_was_announced_and_when_changes_no_verdict_and_no_deadline(history: History) -> None:
    silent = tuple(one for one in history if not isinstance(one.fact, Notice))

    assert verdicts(in_the_end(history)) == verdicts(in_the_end(silent))
    assert in_the_end(history).state == in_the_end(silent).state


@given(history=lives())
def test_nothing_is_announced_early_or_twice_or_of_another_deadline(history: History) -> None:
    told = [
        (before, one.fact)
        for before, one, judgement, _ in judged(history)
        if judgement.verdict == "effective" and isinstance(one.fact, Notice)
    ]

    assert len({fact.fact_id for _, fact in told}) == len(told)
    for before, fact in told:
        assert fact.recorded_at >= fact.due_at
        if fact.type == "case.breached.v1":
            (clock,) = [
                one for one in before.clocks if (one.set_by, one.kind) == (fact.cause, fact.clock)
            ]
            assert (clock.state, clock.promise.deadline) == ("running", fact.due_at)


@given(history=lives())
def test_the_next_moment_of_a_case_is_that_of_the_first_notice_that_it_owes(
    history: History,
) -> None:
    for _, _, _, case in judged(history):
        moments = [next_due_at(case, clock) for clock in case.clocks]
        owed = notices_due(case, up_to=FAR, now=FAR)

        least = min((one for one in moments if one is not None), default=None)
        assert least == min((notice.due_at for notice in owed), default=None)


@given(history=lives())
def test_all_that_is_owed_has_an_effect_and_then_nothing_is_owed(history: History) -> None:
    case = fold(CASE_ID, history, TERMS)
    said = set[str]()
    for _ in range(ROUNDS_MAX):
        owed = notices_due(case, up_to=FAR, now=FAR)
        if not owed:
            break
        for notice in owed:
            one = Positioned(offset=case.version + 1, fact=notice)
            case, judgement = step(case, one, TERMS)
            assert judgement.verdict == "effective", judgement.reason
            assert notice.fact_id not in said
            said.add(notice.fact_id)

    assert notices_due(case, up_to=FAR, now=FAR) == ()
    assert [next_due_at(case, clock) for clock in case.clocks] == [None] * len(case.clocks)
    assert not any(_is_late_and_unsaid(case, clock) for clock in case.clocks)


def _is_late_and_unsaid(case: Case, clock: Clock) -> bool:
    return case.parent is None and clock.state == "running" and not clock.voided


@given(history=lives())
def test_no_pause_makes_a_deadline_earlier(history: History) -> None:
    # An order names the deadline that it replaces, so it is none without the pause.
    plain = tuple(one for one in history if not isinstance(one.fact, DeadlineSet | Notice))
    awake = tuple(
        replace(one, fact=replace(one.fact, pause=None))
        if isinstance(one.fact, InformationRequested)
        else one
        for one in plain
        if not isinstance(one.fact, Paused)
    )

    paused, never = in_the_end(plain), in_the_end(awake)

    assert [(one.kind, one.cycle) for one in paused.clocks] == [
        (one.kind, one.cycle) for one in never.clocks
    ]
    for late, early in zip(paused.clocks, never.clocks, strict=True):
        assert late.promise.deadline >= early.promise.deadline
        assert not (late.state == "missed" and early.state == "met")


@given(history=lives())
def test_the_clocks_of_a_case_are_never_fewer_and_a_verdict_stays(history: History) -> None:
    for before, _, _, case in judged(history):
        for old, new in zip(before.clocks, case.clocks, strict=False):
            assert (old.kind, old.cycle) == (new.kind, new.cycle)
            assert old.open or old == new
        assert len(before.clocks) <= len(case.clocks)
        kinds = [clock.kind for clock in case.clocks if clock.open]
        assert len(set(kinds)) == len(kinds)
        # A notice finds its clock by these two.
        named = [(clock.kind, clock.set_by) for clock in case.clocks]
        assert len(set(named)) == len(named)


@given(history=lives())
def test_a_clock_stands_still_only_while_its_case_waits(history: History) -> None:
    for _, _, _, case in judged(history):
        for clock in case.clocks:
            still = clock.state == "paused"
            waits = case.waiting is not None and clock.kind in case.waiting.clocks
            assert not still or waits
            if waits and clock.open and not still:
                assert case.waiting is not None
                assert clock.promise.deadline <= case.waiting.since
