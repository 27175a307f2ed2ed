"""A case that is passed on, reopened, linked, or promised something else; budgets as in pauses."""

from dataclasses import replace

import pytest

from schemas.facts import Fact
from schemas.policy import Policy
from schemas.vocabulary import CaseId, Category, PolicyVersion
from streams.core.case import Case
from streams.core.terms import UnknownTermsError, terms
from tests.builders import (
    CENTRE,
    PARKS,
    acknowledged,
    after,
    breached,
    closed_without_action,
    resolved,
    routed,
    submitted,
)
from tests.calendars import every_day
from tests.policies import policy
from tests.steering import (
    HOUR,
    ROADS,
    city,
    known,
    linked,
    opened,
    passed_on,
    paused,
    real,
    reclassified,
    reopened,
    resumed,
    started,
    unlinked,
    voided,
    working,
)
from tests.told import MOMENT, announced, clock, judged, names, owed, refused, told

BEGUN = (submitted(), routed(), acknowledged(at=after(10)))
HOURS = every_day("UTC", ("09:00", "17:00"))
CITY = city(HOURS, answer=real(HOUR), done=working(8 * HOUR), held=working(2 * HOUR))
TERMS = known(CITY)
OPENED = opened(CITY, after(0))
NEXT = PolicyVersion("hashtgerd/2026-06-01T00:00:00Z")


def in_city(*facts: Fact) -> Case:
    return told(*OPENED, *facts, terms=TERMS)


def kinds(case: Case) -> list[tuple[str, int, str, str]]:
    return [(one.kind, one.cycle, one.department, one.state) for one in case.clocks]


def test_who_gets_a_case_has_a_holding_time_of_its_own_and_the_citizen_waits_no_longer() -> None:
    """An agreement between teams that counts from the ticket's date, not from the assignment's."""
    before = in_city(started(after(1_000)))
    case = judged(before, passed_on(after(HOUR)), TERMS)

    assert (case.state, case.department, case.transfers) == ("routed", ROADS, 1)
    assert kinds(case) == [
        ("first-response", 0, PARKS, "met"),
        ("resolution", 0, PARKS, "running"),
        ("holding", 0, PARKS, "met"),
        ("holding", 1, ROADS, "running"),
    ]
    assert clock(case).promise == clock(before).promise  # both have the same deputy
    held = clock(case, "holding").promise
    assert (held.started_at, held.deadline) == (after(HOUR), after(3 * HOUR))


def test_a_department_that_held_it_too_long_is_judged_when_it_passes_it_on() -> None:
    case = in_city(passed_on(after(2 * HOUR) + MOMENT))

    assert [one.state for one in case.clocks if one.kind == "holding"] == ["missed", "running"]


def test_a_transfer_ends_a_pause_and_moves_the_deadline_by_it() -> None:
    waiting = (paused(after(600), after(99_999)), passed_on(after(1_200)))
    case = in_city(*waiting)

    assert case.waiting is None
    assert clock(case).promise.deadline == clock(in_city()).promise.deadline + (
        after(1_200) - after(600)
    )
    assert clock(case).set_by == waiting[1].fact_id
    assert clock(case, "holding").pauses == ()


def test_a_transfer_to_nobody_goes_to_the_centre_and_there_it_stays() -> None:
    case = in_city(passed_on(after(60), None))

    assert case.department == CENTRE
    assert clock(case, "holding").department == CENTRE
    again = passed_on(after(90), None, department=CENTRE)
    assert refused(*OPENED, passed_on(after(60), None), again, terms=TERMS) == (
        f"the case is with {CENTRE}"
    )


def test_notices_of_the_citizens_clocks_go_to_whoever_has_the_case() -> None:
    case = in_city(passed_on(after(60)))

    (warning, *_) = owed(case, after(HOUR))

    assert (names([warning]), warning.department) == (["first-response/warned/50"], ROADS)


def test_a_late_case_is_told_to_the_deputy_of_whoever_has_it() -> None:
    departments = tuple(
        replace(one, deputy="omran") if one.department == ROADS else one for one in CITY.departments
    )
    other = replace(CITY, departments=departments)
    case = told(*opened(other, after(0)), passed_on(after(60)), terms=known(other))

    above = {one.role: one.department for one in clock(case).promise.escalations}
    assert above == {"head": None, "deputy": "omran", "mayor": None}


def test_all_clocks_stop_when_the_case_is_closed() -> None:
    """A clock that runs on after the answer or the end."""
    for done in (resolved(at=after(60)), closed_without_action(at=after(60))):
        case = in_city(done)

        assert {one.state for one in case.clocks} == {"met"}
        assert case.due_at is None
        assert owed(case, after(10**8)) == ()


def test_what_is_due_is_only_what_still_has_to_be_kept() -> None:
    """A later clock that overrules the first response, or one that is answered."""
    assert in_city().due_at == after(HOUR)
    assert in_city(acknowledged(at=after(60))).due_at == clock(in_city()).promise.deadline


@pytest.mark.parametrize("done", [resolved(at=after(60)), closed_without_action(at=after(60))])
def test_whatever_closed_it_a_case_that_is_reopened_has_a_new_clock_and_keeps_the_old(
    done: Fact,
) -> None:
    case = in_city(done, reopened(after(HOUR)), resolved(at=after(2 * HOUR), offset=7))
    case = judged(case, reopened(after(3 * HOUR)), TERMS)

    assert (case.state, case.reopenings, case.closed_at) == ("routed", 2, None)
    assert [(one.cycle, one.state) for one in case.clocks if one.kind == "resolution"] == [
        (0, "met"),
        (1, "met"),
        (2, "running"),
    ]
    assert clock(case).promise.started_at == after(3 * HOUR)
    assert clock(case, "holding").cycle == 2
    assert [one.kind for one in case.clocks].count("first-response") == 1


def test_the_version_that_is_named_promises_what_is_promised_anew() -> None:
    later = city(HOURS, answer=real(60), done=real(120), version=NEXT)
    both = known(CITY, later)
    case = told(*OPENED, resolved(), reopened(after(60), version=NEXT), terms=both)

    assert clock(case).promise.deadline == after(180)
    assert clock(case).policy_version == NEXT


def test_a_version_that_knows_the_case_no_more_promises_as_much_time_again() -> None:
    """By the hours of whoever has the case, so that a pause counts by the same."""
    other = every_day("UTC", ("14:00", "15:00"))
    later = city(other, answer=real(60), done=real(60), held=real(120), version=NEXT)
    later = replace(
        later, categories=tuple(replace(one, category=Category("X")) for one in later.categories)
    )
    office = replace(every_day("UTC", ("00:00", "24:00")), calendar_id="roads")
    later = replace(
        later,
        calendars=(*later.calendars, office),
        departments=tuple(
            replace(one, calendar_id="roads") if one.department == ROADS else one
            for one in later.departments
        ),
    )
    moved = (passed_on(after(0)), resolved(at=after(60), department=ROADS))
    case = told(*OPENED, *moved, reopened(after(60), version=NEXT), terms=known(CITY, later))

    assert clock(case).promise.deadline == after(60 + 8 * HOUR)
    assert clock(case, "holding").promise.deadline == after(180)


def test_a_case_that_follows_another_is_silent_and_not_due() -> None:
    case = in_city(linked(after(60)))

    assert (case.state, case.parent, case.due_at) == ("linked", "b" * 32, None)
    assert owed(case, after(10**6)) == ()
    assert refused(*OPENED, linked(after(60)), breached(OPENED[1]), terms=TERMS) == (
        "the case follows another"
    )
    assert refused(*OPENED, linked(after(60), CaseId("a" * 32)), terms=TERMS) == (
        "a case does not follow itself"
    )


def test_a_case_of_its_own_again_has_its_promises_as_they_were_and_the_time_counted() -> None:
    apart = in_city(acknowledged(at=after(30)), linked(after(60)))
    case, said = announced(judged(apart, unlinked(after(7 * HOUR)), TERMS), after(23 * HOUR), TERMS)

    assert (case.state, case.parent) == ("acknowledged", None)
    assert clock(case).promise == clock(in_city()).promise
    assert [one for one in names(said) if one.startswith("resolution")] == [
        "resolution/warned/50",
        "resolution/warned/75",
    ]
    assert {one.cause for one in said} == {unlinked(after(7 * HOUR)).fact_id}


def test_a_pause_is_over_when_a_case_is_linked() -> None:
    case = in_city(paused(after(600), after(9_000)), linked(after(660)), unlinked(after(700)))

    assert case.waiting is None
    assert clock(case).pauses == ((after(600), after(660)),)


def test_what_was_told_before_a_link_is_not_told_after_it() -> None:
    late, _ = announced(in_city(), after(10**6), TERMS)
    case = judged(judged(late, linked(after(10**6)), TERMS), unlinked(after(10**6 + 1)), TERMS)

    assert owed(case, after(10**7)) == ()
    breach = clock(case).breach
    assert breach is not None
    assert clock(judged(case, voided(after(10**6 + 2), breach), TERMS)).voided


def test_another_category_changes_no_promise_by_itself() -> None:
    before = told(*BEGUN)
    case = told(*BEGUN, reclassified(after(60)))

    assert (case.category, case.clocks) == ("CIV-01", before.clocks)


def test_a_new_promise_counts_from_the_same_start_and_keeps_the_pauses() -> None:
    """A pause that is forgotten where the priority, the subject or the policy changes."""
    longer = known(policy(), replace(policy(seconds=90), version=NEXT))
    new = reclassified(after(300), new_promises=True, version=NEXT)
    waited = (*BEGUN, paused(after(100), after(400)))

    while_paused = told(*waited, new, resumed(after(350)), terms=longer)
    after_it = told(*waited, resumed(after(250)), new, terms=longer)

    assert clock(while_paused).promise.deadline == after(900 + 250)
    assert clock(after_it).promise.deadline == after(900 + 150)
    assert clock(after_it).promise.started_at == after(0)
    assert (clock(after_it).set_by, clock(after_it).policy_version) == (new.fact_id, NEXT)


def test_a_category_that_the_policy_does_not_have_is_refused() -> None:
    assert refused(*BEGUN, reclassified(after(60), "GONE-01")) == "the policy has no such category"


def test_a_later_policy_moves_nothing_that_was_promised() -> None:
    slow: Policy = replace(CITY, version=NEXT, calendars=(every_day("UTC", ("09:00", "10:00")),))
    facts = (*OPENED, paused(after(60), after(120)), passed_on(after(HOUR)))
    case = told(*facts, terms=TERMS)

    assert told(*facts, terms=known(CITY, slow)) == case


@pytest.mark.parametrize(
    "fact", [passed_on(after(60)), reopened(after(60)), reclassified(after(60), new_promises=True)]
)
def test_a_fold_without_the_policy_that_a_fact_names_stops_there(fact: Fact) -> None:
    facts = (*OPENED, resolved(), fact) if fact == reopened(after(60)) else (*OPENED, fact)

    with pytest.raises(UnknownTermsError):
        told(*facts, terms={})


def test_a_pause_cannot_be_taken_off_without_the_policy_that_promised() -> None:
    with pytest.raises(UnknownTermsError):
        told(*OPENED, paused(after(60), after(90)), resumed(after(80)), terms={})


def test_a_department_with_hours_of_its_own_waits_by_them() -> None:
    own = replace(every_day("UTC", ("09:00", "13:00")), calendar_id="own")
    made = replace(
        CITY,
        calendars=(*CITY.calendars, own),
        departments=tuple(replace(one, calendar_id="own") for one in CITY.departments),
    )
    waited = (paused(after(HOUR // 2), after(10 * HOUR)), resumed(after(5 * HOUR)))

    case = told(*opened(made, after(0)), *waited, terms=known(made))

    # Half an hour is used on the first day, four hours on the second, the rest on the third.
    assert clock(case).promise.deadline == after(2 * 24 * HOUR + HOUR // 2)
    assert clock(case, "holding").promise.deadline == after(24 * HOUR - 3 * HOUR + 3 * HOUR // 2)


def test_what_is_passed_to_a_department_that_the_policy_does_not_have_stays() -> None:
    unknown = {CITY.version: terms(replace(CITY, departments=CITY.departments[:1]))}

    assert refused(*OPENED, passed_on(after(60)), terms=unknown) == (
        "the policy has no such department"
    )


def test_a_full_case_owes_nothing_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.core.refusals.FACTS_OF_A_CASE_MAX", 3)

    assert owed(told(*BEGUN), after(9_999)) == ()
