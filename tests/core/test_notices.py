"""What is owed for a case's clocks: in order, up to the moment that is read, with both times."""

from datetime import timedelta

import pytest

from schemas.facts import Fact
from schemas.notices import Breached, Warned
from streams.core.case import Case
from streams.core.fold import fold
from streams.core.notices import next_due_at, notices_due, overtaken
from tests.builders import (
    CASE_ID,
    NOON,
    acknowledged,
    after,
    breached,
    deadline_set,
    history,
    past,
    promise,
    routed,
    submitted,
    warned,
)

MOMENT = timedelta(milliseconds=1)
ROUTED = routed(promises=(promise("first-response", seconds=60, percents=(50, 80)),))


def case_after(*facts: Fact) -> Case:
    return fold(CASE_ID, history(submitted(), ROUTED, *facts))


@pytest.mark.parametrize("seconds", [0, 29, 30])
def test_nothing_is_owed_up_to_the_moment_it_is_due(seconds: int) -> None:
    assert notices_due(case_after(), up_to=after(seconds), now=after(seconds)) == ()


def test_a_warning_is_owed_right_after_its_moment_and_says_both_times() -> None:
    (notice,) = notices_due(case_after(), up_to=after(30) + MOMENT, now=after(31))

    assert isinstance(notice, Warned)
    assert (notice.percent, notice.due_at, notice.recorded_at) == (50, after(30), after(31))
    assert notice.fact_id == f"{ROUTED.fact_id}/first-response/warned/50"


def test_what_is_due_between_the_horizon_and_now_has_to_wait() -> None:
    owed = notices_due(case_after(), up_to=after(31), now=after(3600))

    assert [notice.due_at for notice in owed] == [after(30)]


def test_after_an_outage_all_is_owed_in_the_order_it_was_due() -> None:
    owed = notices_due(case_after(), up_to=after(3599), now=after(3600))

    assert [notice.due_at for notice in owed] == [after(30), after(48), after(60)]
    assert isinstance(owed[-1], Breached)
    assert {notice.recorded_at for notice in owed} == {after(3600)}


def test_after_an_outage_only_the_highest_step_is_worth_telling() -> None:
    first, second, _ = notices_due(case_after(), up_to=after(3599), now=after(3600))

    assert isinstance(first, Warned)
    assert isinstance(second, Warned)
    assert overtaken(case_after(), first)
    assert overtaken(case_after(), second)
    assert not overtaken(case_after(), warned(ROUTED, at=after(30.2)))


def test_asked_again_it_is_the_same_by_id() -> None:
    first = notices_due(case_after(), up_to=after(70), now=after(70))
    second = notices_due(case_after(), up_to=after(80), now=after(90))

    assert [one.fact_id for one in first] == [one.fact_id for one in second]


def test_what_is_announced_is_not_owed_again() -> None:
    said = case_after(warned(ROUTED, percent=50), warned(ROUTED, percent=80), breached(ROUTED))

    assert notices_due(said, up_to=after(3600), now=after(3600)) == ()


def test_a_notice_that_was_refused_is_not_owed_for_ever() -> None:
    early = warned(ROUTED, percent=50, at=after(29))
    refused = case_after(early)

    owed = notices_due(refused, up_to=after(40), now=after(40))

    assert early.fact_id in refused.refused
    assert owed == ()


def test_a_stopped_clock_owes_nothing() -> None:
    seen = case_after(acknowledged(at=after(10)))

    assert notices_due(seen, up_to=after(3600), now=after(3600)) == ()


def test_what_was_due_after_the_confirmed_moment_says_so() -> None:
    owed = notices_due(case_after(), up_to=after(3000), now=after(3600), confirmed_to=after(48))

    assert [notice.unconfirmed for notice in owed] == [False, True, True]


@pytest.mark.parametrize(
    ("facts", "seconds"),
    [
        ((), 30),
        ((warned(ROUTED, percent=50),), 48),
        ((warned(ROUTED, percent=50), warned(ROUTED, percent=80)), 60),
    ],
)
def test_the_next_moment_follows_what_is_announced(facts: tuple[Fact, ...], seconds: int) -> None:
    case = case_after(*facts)

    assert next_due_at(case, case.clocks[0]) == NOON + timedelta(seconds=seconds)


def test_after_the_breach_there_is_no_next_moment() -> None:
    case = case_after(breached(ROUTED))

    assert next_due_at(case, case.clocks[0]) is None


def test_nothing_is_owed_for_another_systems_past() -> None:
    message = past(submitted(), after(-1_000))
    routing = routed(message, promises=())
    case = fold(CASE_ID, history(message, routing, deadline_set(routing, seconds=60)))

    assert case.due_at == after(60)
    assert [next_due_at(case, clock) for clock in case.clocks] == [None]
    assert notices_due(case, up_to=after(999), now=after(999)) == ()
