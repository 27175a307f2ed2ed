"""How late the timer says it is, and how long it holds what is due, without servers."""

from datetime import datetime, timedelta

from schemas import metrics
from schemas.steering import Linked, Unlinked
from schemas.topics import PROGRESS_DESK
from schemas.vocabulary import Author, CaseId, FactId
from tests.builders import CITY, NOON, source
from tests.ticking import Bench

CASE = CaseId("linked")
HOUR = timedelta(hours=1)


def test_what_nobody_owed_while_a_case_was_linked_is_not_late() -> None:
    bench = Bench()
    bench.projection.open(CASE, start=NOON - HOUR)
    said = bench.projection.facts[CASE]
    said.append(linked(at=NOON - HOUR))
    said.append(unlinked(at=NOON - timedelta(seconds=2)))

    bench.look()

    assert bench.said == [CASE]
    assert lateness(bench) == 2


def test_what_was_due_long_ago_is_late_by_that_much() -> None:
    bench = Bench()
    bench.projection.open("plain", start=NOON - HOUR)

    bench.look()

    a_minute_was_promised = timedelta(seconds=60)
    assert lateness(bench) == (HOUR - a_minute_was_promised).total_seconds()


def test_how_long_notices_are_held_is_shown_until_they_are_said() -> None:
    bench = Bench()
    bench.sources.behind_cities.add(CITY)
    bench.projection.open("held", start=NOON - HOUR)
    bench.look()
    bench.now += timedelta(seconds=30)
    bench.look()
    shown = bench.meters.registry.get_sample_value
    assert shown(metrics.TIMER_HELD_SECONDS.name) == 30

    bench.sources.behind_cities.clear()
    bench.look()

    assert bench.said == ["held"]
    assert shown(metrics.TIMER_HELD_SECONDS.name) == 0
    assert shown(metrics.TIMER_HELD.name) == 0


def test_a_clock_that_is_set_back_makes_no_hold_shorter_than_nothing() -> None:
    bench = Bench()
    bench.sources.behind_cities.add(CITY)
    bench.projection.open("held", start=NOON - 3 * HOUR)
    bench.look()
    bench.now -= HOUR
    bench.look()
    shown = bench.meters.registry.get_sample_value
    assert shown(metrics.TIMER_HELD_SECONDS.name) == 0
    bench.now += timedelta(seconds=30)
    bench.look()
    assert shown(metrics.TIMER_HELD_SECONDS.name) == 30

    bench.sources.behind_cities.clear()
    bench.look()

    assert bench.said == ["held"]
    assert lateness(bench) == timedelta(hours=2, minutes=-1, seconds=30).total_seconds()


def lateness(bench: Bench) -> float | None:
    return bench.meters.registry.get_sample_value(f"{metrics.TIMER_LATENESS_SECONDS.name}_sum")


def linked(*, at: datetime) -> Linked:
    return Linked(
        fact_id=FactId("desk/1/linked"),
        case_id=CASE,
        recorded_at=at,
        source=source(1, inbox=PROGRESS_DESK),
        author=Author("operator"),
        municipality=CITY,
        parent=CaseId("parent"),
    )


def unlinked(*, at: datetime) -> Unlinked:
    return Unlinked(
        fact_id=FactId("desk/2/unlinked"),
        case_id=CASE,
        recorded_at=at,
        source=source(2, inbox=PROGRESS_DESK),
        author=Author("operator"),
        municipality=CITY,
    )
