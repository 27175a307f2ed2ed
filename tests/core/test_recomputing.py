"""What another version would promise for open clocks: which change, from when to when, and why."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from schemas.facts import BreachVoided, DeadlineSet, Fact
from schemas.policy import Policy
from schemas.vocabulary import Author, CaseId, FactId
from streams.core.case import Case
from streams.core.fold import fold
from streams.core.ids import caused_by
from streams.core.recomputing import Change, Recomputation, recomputed
from tests.builders import CASE_ID, CITY, acknowledged, breached, history, past, resolved, source
from tests.office import (
    by_version,
    city,
    closed_day,
    holiday,
    paused,
    resumed,
    tehran,
    under,
)

EID = date(2026, 11, 23)
OLD = city(tehran("11-01T00:00:00"))
ESTIMATED = city(tehran("11-01T00:00:00"), closed=(holiday(EID, estimated=True),))
COLD = city(tehran("11-21T07:00:00"), other=(closed_day(date(2026, 11, 22)),))
START = tehran("11-21T12:00:00")
NOW = tehran("11-21T13:00:00")


def case(*facts: Fact, made: tuple[Policy, ...] = (OLD, COLD)) -> Case:
    return fold(CASE_ID, history(*facts), by_version(*made))


def changes(
    known: Case, new: Policy, now: datetime = NOW, *, made: Policy = OLD, keep_budgets: bool = False
) -> tuple[Change, ...]:
    terms = by_version(made, new)
    asked = Recomputation(
        version=terms[new.version], known=terms, now=now, keep_budgets=keep_budgets
    )
    return recomputed(known, asked)


def test_a_closure_moves_the_deadlines_that_it_lies_before() -> None:
    found = changes(case(*under(OLD, START)), COLD)

    first, resolution = found
    assert (first.clock.kind, resolution.clock.kind) == ("first-response", "resolution")
    assert first.clock.promise.deadline == tehran("11-22T10:00:00")
    assert first.promise.deadline == tehran("11-23T10:00:00")
    assert [(one.day, one.before.kind, one.after.kind, one.after.reason) for one in first.days] == [
        (date(2026, 11, 22), "week", "closed", "cold")
    ]
    assert (first.budget_changed, first.voids) == (False, None)


def test_what_is_due_before_the_closure_stays() -> None:
    early = case(*under(OLD, tehran("11-21T08:00:00")))

    assert [one.clock.kind for one in changes(early, COLD)] == ["resolution"]


def test_an_estimated_holiday_that_moved_gives_one_day_and_takes_another() -> None:
    moved = city(tehran("11-20T00:00:00"), closed=(holiday(date(2026, 11, 22)),))
    known = case(*under(ESTIMATED, START), made=(ESTIMATED,))

    found = changes(known, moved, made=ESTIMATED)

    # The resolution has one day less and one day more.
    assert [one.clock.kind for one in found] == ["first-response"]
    assert (found[0].clock.promise.deadline, found[0].promise.deadline) == (
        tehran("11-22T10:00:00"),
        tehran("11-23T10:00:00"),
    )
    assert [(one.day.day, one.before.kind, one.after.kind) for one in found[0].days] == [
        (22, "week", "holiday"),
        (23, "holiday", "week"),
    ]


def test_a_confirmed_holiday_changes_nothing() -> None:
    confirmed = city(tehran("11-20T00:00:00"), closed=(holiday(EID),))

    known = case(*under(ESTIMATED, START), made=(ESTIMATED,))

    assert changes(known, confirmed, made=ESTIMATED) == ()


def test_a_wrong_budget_is_put_right_from_the_same_start() -> None:
    right = city(tehran("11-20T00:00:00"), hours=2)

    first, resolution = changes(case(*under(OLD, START)), right)

    assert (first.promise.started_at, first.promise.deadline) == (START, tehran("11-21T14:00:00"))
    assert (first.budget_changed, first.days) == (True, ())
    assert resolution.promise.budget_seconds == 20 * 3_600


def test_budgets_may_stay_while_the_calendar_changes() -> None:
    both = city(tehran("11-20T00:00:00"), other=(closed_day(date(2026, 11, 22)),), hours=2)

    first = changes(case(*under(OLD, START)), both, keep_budgets=True)[0]

    assert (first.promise.budget_seconds, first.promise.deadline) == (
        4 * 3_600,
        tehran("11-23T10:00:00"),
    )
    assert not first.budget_changed


@pytest.mark.parametrize("keep_budgets", [True, False])
def test_the_same_version_changes_nothing_whatever_was_paused(*, keep_budgets: bool) -> None:
    known = case(
        *under(OLD, START),
        paused(OLD, tehran("11-21T12:30:00"), tehran("11-24T10:00:00")),
        resumed(tehran("11-22T09:00:07")),
        paused(OLD, tehran("11-23T08:00:00"), tehran("11-23T09:00:00")),
    )
    now = tehran("11-24T08:00:00")

    assert changes(known, OLD, now, keep_budgets=keep_budgets) == ()


def test_what_it_was_paused_for_stays_off() -> None:
    pause = (tehran("11-21T12:30:00"), tehran("11-21T13:30:00"))
    known = case(
        *under(OLD, START), paused(OLD, pause[0], tehran("11-24T10:00:00")), resumed(pause[1])
    )

    resolution = changes(known, COLD, tehran("11-21T13:45:00"))[1]

    plain = changes(case(*under(OLD, START)), COLD)[1]
    assert resolution.promise.deadline == plain.promise.deadline + timedelta(hours=1)


def test_a_clock_that_stands_still_is_to_go_on_by_the_new_calendar() -> None:
    """Its deadline moves only when it goes on; a closure in between counts then."""
    far = city(tehran("11-20T00:00:00"), other=(closed_day(date(2026, 12, 5)),))
    known = case(
        *under(OLD, START), paused(OLD, tehran("11-21T12:30:00"), tehran("11-29T10:00:00"))
    )

    found = changes(known, far)

    assert [(one.clock.kind, one.clock.state) for one in found] == [("resolution", "paused")]
    assert found[0].promise == found[0].clock.promise


def test_a_breach_that_would_not_have_been_one_is_voided() -> None:
    opened = under(OLD, START)
    known = case(*opened, breached(opened[1]))
    now = tehran("11-22T11:00:00")

    first = changes(known, COLD, now)[0]

    assert first.voids == caused_by(opened[1].fact_id, "first-response", "breached")
    late = changes(known, COLD, tehran("11-23T11:00:00"))[0]
    assert late.voids is None


def test_recorded_it_is_the_clocks_promise_and_nothing_more_changes() -> None:
    opened = under(OLD, START)
    late = breached(opened[1])
    now = tehran("11-22T11:00:00")
    change = changes(case(*opened, late), COLD, now)[0]
    ordered = orders(change, COLD, now)

    after = case(*opened, late, *ordered)

    first = after.clocks[0]
    assert (first.promise, first.state, first.voided) == (change.promise, "running", True)
    assert first.policy_version == COLD.version
    assert [one.clock.kind for one in changes(after, COLD, now)] == ["resolution"]


def test_what_is_closed_historical_or_another_cases_is_left_alone() -> None:
    first, second = under(OLD, START)
    done = (acknowledged(at=NOW - timedelta(minutes=9)), resolved(at=NOW - timedelta(minutes=5)))

    assert changes(case(first, second, *done), COLD) == ()
    assert changes(case(past(first, START), second), COLD) == ()
    linked = replace(case(first, second), parent=CaseId("b" * 32))
    assert changes(linked, COLD) == ()


def orders(change: Change, made: Policy, now: datetime) -> tuple[BreachVoided, DeadlineSet]:
    assert change.voids is not None
    clock = change.clock
    lies = source(9, inbox="progress-desk")
    name = (CASE_ID, now, lies, Author("operator"), CITY)
    voided = BreachVoided(
        fact_id=FactId("voided"),
        case_id=name[0],
        recorded_at=name[1],
        source=name[2],
        author=name[3],
        municipality=name[4],
        cause=change.voids,
        clock=clock.kind,
        reason="cold",
    )
    anew = DeadlineSet(
        fact_id=FactId("anew"),
        case_id=name[0],
        recorded_at=name[1],
        source=name[2],
        author=name[3],
        municipality=name[4],
        cause=clock.set_by,
        promise=change.promise,
        reason="cold",
        replaces=clock.set_by,
        policy_version=made.version,
    )
    return voided, anew
