"""Over any history, each promise is counted once as made, and once as what became of it."""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.fact_parts import PauseTerms
from schemas.facts import BreachVoided, Fact
from schemas.policy import Budget
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    Started,
    TransferRequested,
    Unlinked,
)
from schemas.vocabulary import (
    CLOCK_KINDS,
    WAITING_FOR_CITIZEN,
    Author,
    CaseId,
    Category,
    Department,
    FactId,
)
from streams.core.case import Case, Clock, Positioned
from streams.core.counting import Counted, counted
from streams.core.elapsed import elapsed
from streams.core.fold import step
from streams.core.ids import caused_by
from streams.core.notices import notices_due
from streams.core.terms import terms
from tests.builders import (
    CASE_ID,
    CITY,
    NOON,
    acknowledged,
    after,
    deadline_set,
    resolved,
    routed,
    source,
    submitted,
)
from tests.policies import policy

POLICY = policy()
VERSION = POLICY.version
HOLDING = Budget(seconds=100, working_time=False)
TERMS = {
    VERSION: terms(
        replace(
            POLICY,
            departments=tuple(replace(one, holding=HOLDING) for one in POLICY.departments),
        )
    )
}
WAITS = st.integers(0, 60) | st.integers(500, 700)
SAID = (
    "started",
    "paused",
    "resumed",
    "asked",
    "answered",
    "moved",
    "reopened",
    "linked",
    "unlinked",
    "reclassified",
    "acknowledged",
    "resolved",
    "deadline",
    # More often than the rest: what is voided must have been announced, and a while before.
    *("noticed", "voided") * 4,
)


def facts_of(case: Case, what: str, *, at: int, number: int) -> tuple[Fact, ...]:
    """What may be said of the case then, sensible or not."""
    if what == "noticed":
        now = after(at)
        return notices_due(case, up_to=now, now=now)
    if what == "acknowledged":
        return (acknowledged(at=after(at), offset=number),)
    if what == "resolved":
        return (resolved(at=after(at), offset=number, department=case.department or POLICY.centre),)
    if what == "deadline":
        kind = CLOCK_KINDS[number % len(CLOCK_KINDS)]
        return (deadline_set(kind=kind, seconds=number * 40, at=after(at)),)
    if what == "voided":
        return tuple(_voided(case, clock, at, number) for clock in case.clocks)
    return (_said(what, at, number),)


def _said(what: str, at: int, number: int) -> Fact:
    said: dict[str, Any] = dict(  # noqa: C408 - reads like the facts that it is part of
        fact_id=FactId(f"desk/{number}/{what}"),
        case_id=CASE_ID,
        recorded_at=after(at),
        source=source(number, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
    )
    pause = PauseTerms(
        why=WAITING_FOR_CITIZEN, until=after(at + 50), clocks=("resolution", "holding")
    )
    made: dict[str, tuple[type, dict[str, object]]] = {
        "started": (Started, {}),
        "paused": (Paused, {"pause": pause, "policy_version": VERSION}),
        "resumed": (Resumed, {}),
        "asked": (InformationRequested, {"pause": pause, "policy_version": VERSION}),
        "answered": (InformationReceived, {}),
        "moved": (
            TransferRequested,
            {
                "why": "wrong-department",
                "to": Department("fani") if number % 2 else None,
                "policy_version": VERSION,
            },
        ),
        "reopened": (Reopened, {"policy_version": VERSION}),
        "linked": (Linked, {"parent": CaseId("b" * 32)}),
        "unlinked": (Unlinked, {}),
        "reclassified": (
            Reclassified,
            {
                "category": Category("CIV-01"),
                "policy_version": VERSION,
                "new_promises": bool(number % 2),
            },
        ),
    }
    kind, more = made[what]
    return kind(**said, **more)


def _voided(case: Case, clock: Clock, at: int, number: int) -> BreachVoided:
    return BreachVoided(
        fact_id=FactId(f"desk/{number}/{clock.kind}/{clock.cycle}/voided"),
        case_id=case.case_id,
        recorded_at=after(at),
        source=source(number, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        cause=caused_by(clock.set_by, clock.kind, "breached"),
        clock=clock.kind,
        reason="it was done in time",
    )


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[Case, Case]]:
    """A case before and after each fact of a life in which much happens."""
    told = draw(st.lists(st.tuples(st.sampled_from(SAID), WAITS), max_size=25))
    case, changes, at, offset = Case(case_id=CASE_ID), list[tuple[Case, Case]](), 0, 0
    for number, (what, wait) in enumerate((("begun", 0), *told), start=3):
        at += wait
        begun = (submitted(), routed())
        facts = begun if what == "begun" else facts_of(case, what, at=at, number=number)
        for fact in facts:
            offset += 1
            after_it, _ = step(case, Positioned(offset=offset, fact=fact), TERMS)
            changes.append((case, after_it))
            case = after_it
    return changes


def totals(changes: list[tuple[Case, Case]]) -> Counter[Counted]:
    return sum((counted(before, later) for before, later in changes), Counter[Counted]())


@given(changes=stories())
def test_what_became_of_promises_adds_up(changes: list[tuple[Case, Case]]) -> None:
    so_far = Counter[tuple[str, str]]()
    for before, case in changes:
        for one, times in counted(before, case).items():
            so_far[one.clock, one.outcome] += times
        for kind in CLOCK_KINDS:
            its = [clock for clock in case.clocks if clock.kind == kind]
            late = so_far[kind, "breached"] - so_far[kind, "voided"]
            assert so_far[kind, "made"] == len(its)
            assert so_far[kind, "met"] == sum(clock.state == "met" for clock in its)
            assert late == sum(clock.state in {"breached", "missed"} for clock in its)
            waiting = sum(clock.state in {"running", "paused"} for clock in its)
            assert so_far[kind, "made"] == waiting + so_far[kind, "met"] + late


@given(changes=stories())
def test_what_changes_no_clock_is_not_counted_again(changes: list[tuple[Case, Case]]) -> None:
    for _, case in changes:
        assert not counted(case, case)
        assert not counted(case, replace(case, clocks=(*case.clocks,)))


@given(changes=stories())
def test_every_clock_that_stopped_is_measured_once_and_says_as_its_verdict_does(
    changes: list[tuple[Case, Case]],
) -> None:
    measured = [one for before, later in changes for one in elapsed(before, later, TERMS)]
    last = changes[-1][1]

    timed = [one for one in last.clocks if one.promise.deadline > one.promise.started_at]
    for kind in CLOCK_KINDS:
        states = [one.state for one in timed if one.kind == kind]
        ratios = [one.ratio for one in measured if one.clock == kind]
        assert sum(0 <= ratio <= 1 for ratio in ratios) == states.count("met")
        assert sum(ratio > 1 for ratio in ratios) == states.count("missed")


@given(changes=stories())
def test_another_systems_past_is_not_counted(changes: list[tuple[Case, Case]]) -> None:
    old = [(_imported(before), _imported(case)) for before, case in changes]

    assert not totals(old)
    assert not [one for before, later in old for one in elapsed(before, later, TERMS)]


def _imported(case: Case) -> Case:
    if case.submitted is None:
        return case
    # Once it is reopened here, it is a case like any other.
    past = replace(case.submitted, occurred_at=NOON, historical=True)
    return replace(case, submitted=past, reopenings=0)
