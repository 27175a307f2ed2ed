"""A deadline that is set in another's place, and a breach that does not count."""

from dataclasses import replace

import pytest

from schemas.fact_parts import EscalationPoint, Promise
from schemas.notices import Escalated, PauseEnded
from schemas.vocabulary import FactId, PolicyVersion
from streams.core.case import Case
from streams.core.notices import next_due_at, overtaken
from tests.builders import (
    acknowledged,
    after,
    breached,
    deadline_set,
    promise,
    resolved,
    routed,
    submitted,
    warned,
)
from tests.calendars import every_day
from tests.steering import (
    VERSION,
    city,
    known,
    opened,
    ordered,
    passed_on,
    paused,
    real,
    reclassified,
    resumed,
    started,
    voided,
)
from tests.told import announced, clock, judged, names, owed, refused, told

ROUTED = routed(
    promises=(
        promise("first-response", seconds=60),
        replace(
            promise("resolution", seconds=600),
            escalations=(
                EscalationPoint(
                    step=1, role="head", at=after(660), after_seconds=60, working_time=False
                ),
                EscalationPoint(
                    step=2, role="mayor", at=after(720), after_seconds=120, working_time=False
                ),
            ),
        ),
    )
)
BEGUN = (submitted(), ROUTED, acknowledged(at=after(10)))
WAITING = (*BEGUN, paused(after(100), after(400)))
SET_BY = ROUTED.fact_id
HOURS = every_day("UTC", ("09:00", "17:00"))
NEXT = PolicyVersion("hashtgerd/2026-06-01T00:00:00Z")


def to(seconds: int) -> Promise:
    return promise("resolution", seconds=seconds)


def late(seconds: float = 650) -> Case:
    case, _ = announced(told(*BEGUN), after(seconds))
    return case


def test_what_was_overdue_is_not_any_more_when_the_deadline_has_moved() -> None:
    """A flag that stays although the due date is another."""
    case = judged(late(), ordered(after(660), to(900), SET_BY))

    assert (clock(case).state, clock(case).voided, clock(case).breach) == ("running", True, None)
    assert case.due_at == after(900)
    assert names(owed(case, after(10_000)))[-1] == "resolution/breached"


def test_what_is_late_by_the_new_deadline_too_stays_announced() -> None:
    before = late(690)
    case = judged(before, ordered(after(700), to(620), SET_BY))

    assert (clock(case).state, clock(case).breach) == ("breached", clock(before).breach)
    assert clock(case).escalated == frozenset({1})


def test_a_warning_that_comes_later_now_is_said_again_and_one_that_has_passed_is_not() -> None:
    said = (warned(ROUTED, clock="resolution"), warned(ROUTED, clock="resolution", percent=80))
    case = told(*BEGUN, *said, ordered(after(500), to(900), SET_BY))

    assert clock(case).announced == frozenset({50})
    assert names(owed(case, after(721))) == ["resolution/warned/80"]


def test_only_the_deadline_that_the_case_has_is_replaced() -> None:
    first = ordered(after(100), to(900), SET_BY)
    second = ordered(after(110), to(950), SET_BY)

    assert refused(*BEGUN, first, second) == (
        "the deadline that it replaces is not the case's any more"
    )
    assert refused(*BEGUN, first, ordered(after(120), to(950), first.fact_id)) == ""


def test_a_deadline_after_a_pause_that_ended_by_itself_can_be_replaced() -> None:
    case = told(*WAITING, started(after(500)))

    order = ordered(after(510), to(1_200), clock(case).set_by)

    assert clock(judged(case, order)).promise.deadline == after(1_200)


def test_a_deadline_that_is_set_while_the_clock_stands_still_is_put_off_like_the_other() -> None:
    case = told(*WAITING, ordered(after(200), to(900), SET_BY), resumed(after(300)))

    assert clock(case).promise.deadline == after(1_100)


def test_a_deadline_that_is_set_to_before_the_pause_is_not_stopped_by_it() -> None:
    case = told(*WAITING, ordered(after(200), to(90), SET_BY))

    assert clock(case).state == "running"
    assert names(owed(case, after(201)))[-1] == "resolution/breached"
    assert clock(judged(case, resumed(after(300)))).promise.deadline == after(90)


def test_a_breached_clock_that_is_promised_anew_during_a_pause_stands_still() -> None:
    waiting = judged(late(), paused(after(700), after(800)))
    assert clock(waiting).state == "breached"

    case = judged(waiting, ordered(after(710), to(750), SET_BY))

    assert (clock(case).state, clock(case).voided) == ("paused", True)
    assert clock(judged(case, resumed(after(720)))).promise.deadline == after(770)


def test_a_clock_that_begins_during_a_pause_stands_still_from_its_start() -> None:
    bare = (submitted(), routed(promises=()), paused(after(100), after(400)))
    stated = replace(deadline_set(routed(promises=())), promise=promise("resolution", seconds=900))

    case = told(*bare, replace(stated, recorded_at=after(200)))

    assert clock(case).state == "paused"
    assert clock(judged(case, resumed(after(300)))).promise.deadline == after(1_100)


def test_a_stated_deadline_that_no_budget_comes_to_is_put_off_by_the_pause() -> None:
    odd = replace(to(60), deadline=after(1_000.4))
    case = told(*BEGUN, ordered(after(50), odd, SET_BY, version=None))

    case = judged(judged(case, paused(after(100), after(400))), resumed(after(150)))

    assert clock(case).promise.deadline == after(1_050.4)


def test_working_time_that_no_policy_promised_is_refused() -> None:
    odd = replace(to(60), working_time=True)

    assert refused(*BEGUN, ordered(after(50), odd, SET_BY, version=None)) == (
        "working time is promised by no policy"
    )
    assert refused(*BEGUN, ordered(after(50), odd, SET_BY, version=VERSION)) == ""


def test_a_voided_breach_is_none_and_is_not_announced_again() -> None:
    before = late(700)
    breach = clock(before).breach
    assert breach is not None
    case = judged(before, voided(after(705), breach))

    assert (clock(case).state, clock(case).voided) == ("running", True)
    assert clock(case).escalated == frozenset()
    assert owed(case, after(9_999)) == ()
    assert [next_due_at(case, one) for one in case.clocks] == [None, None]
    assert clock(judged(case, resolved(at=after(710)))).state == "missed"


def test_only_the_breach_that_stands_is_voided() -> None:
    said = breached(ROUTED, clock="resolution")

    assert refused(*BEGUN, voided(after(700), said.fact_id)) == "the clock is running"
    assert refused(*BEGUN, said, voided(after(700), FactId("x"))) == (
        "that breach is not of the deadline that the case has"
    )


def test_a_breach_is_voided_after_its_deadline_was_set_anew_and_is_late_all_the_same() -> None:
    said = breached(ROUTED, clock="resolution")
    facts = (*BEGUN, said, ordered(after(700), to(620), SET_BY))

    assert refused(*facts, voided(after(710), said.fact_id)) == ""


def test_the_ladder_is_climbed_once_and_only_the_highest_step_is_told() -> None:
    case, said = announced(told(*BEGUN), after(9_999))

    steps = [one for one in said if isinstance(one, Escalated)]
    assert [one.step for one in steps] == [1, 2]
    assert [overtaken(case, one) for one in steps] == [True, False]
    assert owed(case, after(99_999)) == ()


def test_a_pause_takes_the_clock_off_the_ladder_only_where_it_came_before_the_deadline() -> None:
    up = late(690)
    assert owed(judged(up, paused(after(695), after(900))), after(721)) != ()

    early = judged(up, paused(after(599), after(900)))
    assert (clock(early).state, owed(early, after(899))) == ("paused", ())
    case, said = announced(judged(early, resumed(after(800))), after(9_999))
    assert names(said) == [
        "resolution/breached",
        "resolution/escalated/1",
        "resolution/escalated/2",
    ]
    assert [one.at for one in clock(case).promise.escalations] == [after(861), after(921)]


@pytest.mark.parametrize("step", [1, 2])
def test_a_step_is_not_told_before_its_breach(step: int) -> None:
    _, said = announced(told(*BEGUN), after(9_999))
    told_of = next(one for one in said if isinstance(one, Escalated) and one.step == step)

    assert refused(*BEGUN, told_of) == "the clock is running"


def test_a_warning_before_a_pause_is_told_though_the_old_deadline_has_passed() -> None:
    case = told(*BEGUN, paused(after(590), after(9_000)))
    case = judged(case, warned(ROUTED, clock="resolution", percent=80, at=after(700)))

    assert not overtaken(case, warned(ROUTED, clock="resolution", percent=80, at=after(700)))
    assert overtaken(case, warned(ROUTED, clock="resolution", percent=50, at=after(700)))


def test_the_end_of_a_pause_is_not_told_early_nor_of_another_pause() -> None:
    (end,) = owed(told(*WAITING), after(401))
    assert isinstance(end, PauseEnded)

    assert refused(*WAITING, replace(end, recorded_at=after(399))).startswith("it is early")
    assert refused(*WAITING, replace(end, due_at=after(399))) == (
        f"the pause ends at {after(400).isoformat()}"
    )
    assert refused(*WAITING, replace(end, cause=FactId("x"))) == (
        "the case does not wait, or not for that"
    )


def test_another_subject_leaves_how_long_a_department_may_hold_a_case() -> None:
    made = city(HOURS, answer=real(60), done=real(600), held=real(120))
    longer = city(HOURS, answer=real(60), done=real(900), held=real(240), version=NEXT)
    new = reclassified(after(30), new_promises=True, version=NEXT)

    case = told(*opened(made, after(0)), new, terms=known(made, longer))

    assert clock(case).promise.deadline == after(900)
    assert clock(case, "holding").promise.deadline == after(120)


def test_a_warning_that_is_due_where_a_pause_begins_is_said_in_it() -> None:
    case = told(*BEGUN, paused(after(300), after(900)))

    assert names(owed(case, after(301))) == ["resolution/warned/50"]
    assert next_due_at(case, clock(case)) == after(300)


def test_the_end_of_a_pause_is_due_at_the_last_clock_where_it_stops_none() -> None:
    case = judged(late(9_999), paused(after(9_999), after(10_500)))

    assert [next_due_at(case, one) for one in case.clocks] == [None, after(10_500)]


def test_who_gets_a_case_during_a_pause_is_told_of_its_own_holding_time() -> None:
    made = city(HOURS, answer=real(60), done=real(600), held=real(120))
    waited = (paused(after(30), after(900)), passed_on(after(60)))

    case, said = announced(told(*opened(made, after(0)), *waited, terms=known(made)), after(181))

    assert "holding/breached" in names(said)
    assert [one.state for one in case.clocks if one.kind == "holding"] == ["met", "breached"]
    assert [one.stopped_at for one in case.clocks if one.kind == "holding"] == [after(60), None]


def test_a_pause_that_was_over_before_it_counts_as_begun_ends_where_it_begins() -> None:
    case = told(*BEGUN, started(after(500)), paused(after(250), after(260)))

    assert case.waiting is not None
    assert (case.waiting.since, case.waiting.until) == (after(500), after(500))
    assert names(owed(case, after(501))) == [
        "resolution/warned/50",
        "resolution/warned/80",
        "pause-ended",
    ]
