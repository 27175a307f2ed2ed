"""Which outcome of a promise is counted by which fact."""

from collections import Counter
from dataclasses import replace

from schemas.facts import Fact
from schemas.steering import Linked, TransferRequested, Unlinked
from schemas.vocabulary import Author, CaseId, Department, FactId, PolicyVersion
from streams.core.case import Case, Positioned
from streams.core.counting import Counted, counted
from streams.core.fold import step
from streams.core.terms import terms
from tests.builders import (
    CASE_ID,
    CITY,
    PARKS,
    acknowledged,
    after,
    breached,
    deadline_set,
    past,
    resolved,
    routed,
    source,
    submitted,
)
from tests.policies import policy

FANI = Department("fani")
VERSION = PolicyVersion("hashtgerd/2026-01-01T00:00:00Z")
TERMS = {VERSION: terms(policy())}


def outcomes(*facts: Fact) -> list[tuple[str, str]]:
    """What each fact counts, in their order."""
    return [(one.clock, one.outcome) for one in told(*facts)]


def told(*facts: Fact) -> list[Counted]:
    case, found = Case(case_id=CASE_ID), list[Counted]()
    for offset, fact in enumerate(facts):
        later, _ = step(case, Positioned(offset=offset, fact=fact), TERMS)
        found.extend(Counter(counted(case, later)).elements())
        case = later
    return found


BEGUN = (submitted(), routed())
MADE = [("first-response", "made"), ("resolution", "made")]


def moved(to: Department) -> TransferRequested:
    return TransferRequested(
        fact_id=FactId("desk/1/moved"),
        case_id=CASE_ID,
        recorded_at=after(5),
        source=source(1, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        why="wrong-department",
        to=to,
        policy_version=VERSION,
    )


def linked(*, at: float) -> Linked:
    return Linked(
        fact_id=FactId("desk/2/linked"),
        case_id=CASE_ID,
        recorded_at=after(at),
        source=source(2, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
        parent=CaseId("b" * 32),
    )


def unlinked(*, at: float) -> Unlinked:
    return Unlinked(
        fact_id=FactId("desk/3/unlinked"),
        case_id=CASE_ID,
        recorded_at=after(at),
        source=source(3, inbox="progress-desk"),
        author=Author("desk"),
        municipality=CITY,
    )


def test_a_promise_is_made_when_its_clock_begins_and_met_when_it_stops_in_time() -> None:
    assert outcomes(*BEGUN, acknowledged(), resolved()) == [
        *MADE,
        ("first-response", "met"),
        ("resolution", "met"),
    ]


def test_a_breach_is_counted_when_it_is_announced_and_not_again_at_the_end() -> None:
    late = acknowledged(at=after(90))

    assert outcomes(*BEGUN, breached(), breached(), late) == [*MADE, ("first-response", "breached")]


def test_what_ends_late_before_anybody_announced_it_is_breached_too() -> None:
    assert outcomes(*BEGUN, acknowledged(at=after(90))) == [*MADE, ("first-response", "breached")]


def test_what_was_done_in_time_after_all_voids_its_breach() -> None:
    found = outcomes(*BEGUN, breached(), acknowledged(at=after(50)))

    assert found[2] == ("first-response", "breached")
    assert sorted(found[3:]) == [("first-response", "met"), ("first-response", "voided")]


def test_a_later_deadline_voids_a_breach_and_may_be_missed_in_its_turn() -> None:
    found = outcomes(
        *BEGUN,
        breached(clock="resolution"),
        deadline_set(seconds=900, at=after(650)),
        resolved(at=after(1_000)),
    )

    assert [one for one in found if one[0] == "resolution"] == [
        ("resolution", "made"),
        ("resolution", "breached"),
        ("resolution", "voided"),
        ("resolution", "breached"),
    ]


def test_an_outcome_is_of_whoever_holds_the_case_by_then() -> None:
    done = resolved(department=FANI)
    found = told(*BEGUN, moved(FANI), done)

    assert {(one.outcome, one.department) for one in found} == {("made", PARKS), ("met", FANI)}
    assert {one.priority for one in found} == {"urgent"}


def test_a_linked_case_counts_nothing_and_goes_on_where_it_was() -> None:
    found = outcomes(
        *BEGUN,
        linked(at=10),
        breached(at=after(70)),
        acknowledged(at=after(80), offset=7),
        unlinked(at=100),
        acknowledged(at=after(110), offset=8),
    )

    assert found == [*MADE, ("first-response", "breached")]


def test_an_imported_case_is_not_counted() -> None:
    old = past(submitted(), after(-10))

    assert outcomes(old, replace(routed(), cause=old.fact_id), acknowledged(), resolved()) == []
