"""What a pause does to clocks and to notices, whatever comes late; budgets are 60 and 600 s."""

from dataclasses import replace

import pytest

from schemas.facts import Fact
from schemas.notices import PauseEnded
from tests.builders import (
    acknowledged,
    after,
    breached,
    closed_without_action,
    erased,
    resolved,
    routed,
    submitted,
    warned,
)
from tests.calendars import every_day
from tests.steering import (
    HOUR,
    answered,
    asked,
    city,
    known,
    opened,
    passed_on,
    pause,
    paused,
    real,
    resumed,
    started,
    working,
)
from tests.told import MOMENT, announced, clock, judged, names, owed, refused, told

BEGUN = (submitted(), routed(), acknowledged(at=after(10)))
WAITING = (*BEGUN, paused(after(100), after(400)))


def test_a_pause_stops_the_clocks_that_it_names_and_says_for_how_long() -> None:
    case = told(submitted(), routed(), paused(after(30), after(400)))

    assert [one.state for one in case.clocks] == ["running", "paused"]
    assert case.waiting is not None
    assert (case.waiting.since, case.waiting.until) == (after(30), after(400))
    assert case.due_at == after(60)
    assert told(*WAITING).due_at is None


def test_whoever_resumes_it_moves_the_deadline_by_what_it_stood_still_for() -> None:
    case = told(*WAITING, resumed(after(250)))

    assert (clock(case).state, clock(case).promise.deadline) == ("running", after(750))
    assert [one.at for one in clock(case).promise.warnings] == [after(450), after(630)]
    assert clock(case).set_by == resumed(after(250)).fact_id
    assert case.waiting is None


def test_a_pause_is_over_at_its_end_though_nobody_says_so() -> None:
    case = told(*WAITING, started(after(500)))

    assert (clock(case).state, clock(case).promise.deadline) == ("running", after(900))


@pytest.mark.parametrize("late", [0.001, 100, 100_000])
def test_a_timer_that_is_late_moves_the_deadline_as_far(late: float) -> None:
    case, said = announced(told(*WAITING), after(400 + late))

    assert isinstance(said[0], PauseEnded)
    assert (said[0].due_at, said[0].recorded_at) == (after(400), after(400 + late))
    assert clock(case).promise.deadline == after(900)


def test_a_fact_between_the_end_of_a_pause_and_the_notice_of_it_finds_the_clock_running() -> None:
    """The notice comes late, and changes nothing any more."""
    (late,) = owed(told(*WAITING), after(500))

    assert refused(*WAITING, resumed(after(450))) == "the case does not wait"
    assert refused(*WAITING, started(after(450)), late) == "the case does not wait, or not for that"
    assert owed(told(*WAITING, started(after(450))), after(450)) == ()


@pytest.mark.parametrize("closing", [resolved(at=after(399)), closed_without_action(at=after(399))])
def test_what_is_closed_while_its_clock_stands_still_is_closed_in_time(closing: Fact) -> None:
    case = told(*WAITING, closing)

    assert (clock(case).state, clock(case).pauses) == ("met", ((after(100), after(399)),))
    assert case.waiting is None
    assert owed(case, after(99_999)) == ()


@pytest.mark.parametrize(("seconds", "state"), [(900, "met"), (900.001, "missed")])
def test_what_is_resolved_after_the_end_is_judged_by_the_moved_deadline(
    seconds: float, state: str
) -> None:
    assert clock(told(*WAITING, resolved(at=after(seconds)))).state == state
    case, _ = announced(told(*WAITING), after(800))
    assert clock(judged(case, resolved(at=after(seconds)))).state == state


def test_a_pause_at_the_very_deadline_comes_too_late() -> None:
    case = told(*BEGUN, paused(after(600), after(900)))

    assert clock(case).state == "running"
    assert names(owed(case, after(601))) == [
        "resolution/warned/50",
        "resolution/warned/80",
        "resolution/breached",
    ]
    assert clock(told(*BEGUN, paused(after(599.999), after(900)))).state == "paused"


def test_a_pause_after_a_breach_moves_nothing() -> None:
    late, _ = announced(told(*BEGUN), after(650))
    case = judged(judged(late, paused(after(700), after(900))), resumed(after(800)))

    assert clock(case) == clock(late)


def test_the_end_of_a_pause_that_stops_no_clock_is_told_all_the_same() -> None:
    late, _ = announced(told(*BEGUN), after(650))
    case, said = announced(judged(late, paused(after(700), after(900))), after(901))

    assert names(said) == ["pause-ended"]
    assert case.waiting is None


def test_a_breach_that_was_announced_though_the_pause_came_first_is_voided() -> None:
    early = breached(clock="resolution", at=after(601))
    case = told(*BEGUN, early, paused(after(599), after(900)))

    assert (clock(case).state, clock(case).voided, clock(case).breach) == ("paused", True, None)
    _, said = announced(case, after(902))
    assert names(said)[-1] == "resolution/breached"
    assert said[-1].due_at == after(901)
    assert said[-1].fact_id != early.fact_id


def test_a_warning_that_was_said_before_a_pause_is_not_repeated() -> None:
    case = told(*BEGUN, warned(clock="resolution"), paused(after(350), after(1_000)))
    case = judged(case, resumed(after(400)))

    assert names(owed(case, after(529))) == []
    assert names(owed(case, after(531))) == ["resolution/warned/80"]
    again = replace(warned(clock="resolution", at=after(500)), cause=clock(case).set_by)
    again = replace(again, fact_id=again.fact_id + "/again")
    assert refused(*BEGUN, warned(clock="resolution"), *_waited(), again) == (
        "it was announced already"
    )


def _waited() -> tuple[Fact, ...]:
    return paused(after(350), after(1_000)), resumed(after(400))


def test_a_warning_that_was_due_before_a_pause_and_not_said_is_owed_in_it_and_after() -> None:
    waiting = told(*BEGUN, paused(after(350), after(1_000)))
    assert names(owed(waiting, after(360))) == ["resolution/warned/50"]

    after_it = judged(waiting, resumed(after(400)))
    assert names(owed(after_it, after(410))) == ["resolution/warned/50"]

    said = judged(waiting, owed(waiting, after(360))[0])
    assert names(owed(judged(said, resumed(after(400))), after(410))) == []


def test_a_warning_that_was_said_too_early_for_the_pause_is_said_at_its_own_time() -> None:
    early = warned(clock="resolution", at=after(301))
    case = told(*BEGUN, early, paused(after(299), after(400)))

    case, said = announced(judged(case, resumed(after(350))), after(352))

    assert names(said) == ["resolution/warned/50"]
    assert said[0].due_at == after(351)


def test_nothing_is_said_of_a_clock_that_stands_still() -> None:
    late = breached(clock="resolution", at=after(601))

    assert names(owed(told(*WAITING), after(399))) == []
    assert refused(*WAITING, late) == "the clock is paused"
    assert refused(*WAITING, warned(clock="resolution", at=after(500))) == "the clock stands still"


def test_who_asks_the_citizen_has_answered_in_the_same_moment_in_which_the_clock_stops() -> None:
    """A first response is lost where it is given and put aside in one step."""
    case = told(submitted(), routed(), asked(after(60), after(500)))

    first, last = case.clocks
    assert (case.state, first.state, first.stopped_at) == ("acknowledged", "met", after(60))
    assert last.state == "paused"
    too_late = told(submitted(), routed(), asked(after(61), after(500)))
    assert [one.state for one in too_late.clocks] == ["missed", "paused"]


def test_a_pause_for_all_clocks_does_not_take_back_an_answer() -> None:
    question = replace(
        asked(after(60)), pause=pause(after(500), clocks=("first-response", "resolution"))
    )

    assert [one.state for one in told(submitted(), routed(), question).clocks] == ["met", "paused"]


def test_without_a_pause_in_the_policy_a_question_stops_no_clock() -> None:
    case = told(submitted(), routed(), asked(after(30)))

    assert [one.state for one in case.clocks] == ["met", "running"]
    assert case.waiting is None


def test_the_answer_of_the_citizen_ends_the_wait_for_it_and_no_other() -> None:
    case = told(submitted(), routed(), asked(after(30), after(500)), answered(after(90)))
    assert clock(case).promise.deadline == after(660)

    other = told(*WAITING, answered(after(150)))
    assert (clock(other).state, other.version) == ("paused", 4)


def test_a_case_waits_for_one_thing_at_a_time() -> None:
    again = paused(after(200), after(900))

    assert refused(*WAITING, again) == f"the case waits already, until {after(400).isoformat()}"
    assert told(*WAITING, asked(after(200), after(900))).waiting == told(*WAITING).waiting
    assert refused(*BEGUN, resumed(after(200))) == "the case does not wait"
    assert clock(told(*WAITING, paused(after(400), after(450)))).promise.deadline == after(900)


def test_pauses_add_up() -> None:
    case = told(*WAITING, resumed(after(200)), paused(after(300), after(350)))
    case = judged(case, started(after(500)))

    assert clock(case).promise.deadline == after(750)
    assert clock(case).pauses == ((after(100), after(200)), (after(300), after(350)))


def test_a_pause_that_is_said_late_begins_after_what_was_said_before() -> None:
    late = (started(after(200)), paused(after(150), after(180)))
    case = told(*BEGUN, *late, resolved(at=after(170)))

    assert clock(case).promise.deadline == after(600)
    assert clock(case).pauses == ()


def test_an_erasure_is_no_moment_of_the_case() -> None:
    forgotten = told(*BEGUN, erased(at=after(300)), paused(after(100), after(400)))

    assert forgotten.clocks == told(*WAITING).clocks
    assert told(*WAITING, erased(at=after(500))).clocks == told(*WAITING).clocks


@pytest.mark.parametrize(
    "fact",
    [resumed(after(250)), resolved(at=after(250)), passed_on(after(250)), started(after(250))],
)
def test_a_notice_that_came_before_an_earlier_fact_is_no_verdict(fact: Fact) -> None:
    """It was unconfirmed: the department had said so in time, and was read too late."""
    unsaid = told(*WAITING, fact)
    hasty, _ = announced(told(*WAITING), after(401))

    case = judged(hasty, fact)

    assert (clock(case).state == "met") == (clock(unsaid).state == "met")
    end = after(99_999)
    assert clock(announced(case, end)[0]).promise == clock(announced(unsaid, end)[0]).promise
    assert refused(*WAITING, paused(after(350), after(380))).startswith("the case waits already")


def test_what_was_told_after_a_pause_holds_where_an_earlier_fact_leaves_the_pause() -> None:
    hasty, _ = announced(told(*WAITING), after(1_000))
    assert clock(hasty).state == "breached"

    case = judged(hasty, started(after(250)))

    assert clock(judged(hasty, started(after(400)))) == clock(hasty)
    assert clock(case) == clock(hasty)
    assert owed(case, after(99_999)) == ()
    assert clock(judged(case, resumed(after(300)))).promise.deadline == after(800)


def test_a_late_fact_shows_a_breach_wrong_that_followed_from_the_notice() -> None:
    hasty, _ = announced(told(*WAITING), after(1_000))

    case = judged(hasty, resolved(at=after(300)))

    assert (clock(case).state, clock(case).voided) == ("met", True)


def test_the_working_time_of_the_promise_counts_though_the_policy_is_another_by_now() -> None:
    made = city(every_day("UTC", ("09:00", "17:00")), answer=real(60), done=working(HOUR))
    case = told(
        *opened(made, after(4 * HOUR)),
        paused(after(4 * HOUR + 600), after(20 * HOUR)),
        terms=known(made),
    )

    case, _ = announced(case, after(20 * HOUR) + MOMENT, known(made))

    assert clock(case).promise.deadline == after(21 * HOUR + 3_000)
