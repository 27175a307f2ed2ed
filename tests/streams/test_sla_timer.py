"""The timer's look at what is due: floods, held cities, and what it remembers, without servers."""

from collections import Counter
from datetime import datetime, timedelta

from schemas import metrics
from schemas.facts import BreachVoided
from schemas.notices import Breached, PauseEnded
from schemas.topics import PROGRESS_DESK
from schemas.vocabulary import Author, CaseId, FactId, Municipality
from streams.sla_timer.answered import FRUITLESS_AGAIN_AFTER
from streams.sla_timer.projection import Due
from streams.sla_timer.timer import CASES_A_LOOK_MAX, DUE_A_LOOK_MAX
from streams.sla_timer.turns import in_turn
from tests.builders import CITY, NOON, source
from tests.ticking import PARTITION, Bench, paused

OTHER = Municipality("mashhad")


def test_a_flood_of_held_clocks_does_not_hide_what_may_be_said() -> None:
    bench = Bench()
    bench.sources.behind_cities.add(OTHER)
    for number in range(2 * DUE_A_LOOK_MAX + 1):
        bench.projection.open(f"held-{number}", city=OTHER, start=NOON - timedelta(hours=2))
    bench.projection.open("free", start=NOON - timedelta(hours=1))

    looks = 1
    while bench.look():
        looks += 1

    assert looks == 3
    assert bench.said == ["free"]
    shown = bench.meters.registry.get_sample_value(metrics.TIMER_HELD.name)
    assert shown == 2 * DUE_A_LOOK_MAX + 1


def test_a_flood_is_said_in_bounded_looks_the_oldest_first_and_each_once() -> None:
    bench = Bench()
    count = 2 * DUE_A_LOOK_MAX + 10
    for number in range(count):
        start = NOON - timedelta(hours=1) - timedelta(seconds=number)
        bench.projection.open(f"case-{number}", start=start)

    assert bench.look()
    assert len(bench.said) == DUE_A_LOOK_MAX
    assert bench.said[0] == f"case-{count - 1}"
    for _ in range(5):
        bench.look()

    assert len(bench.said) == len(set(bench.said)) == count


def test_what_was_said_is_not_said_again_before_the_projection_knows_of_it() -> None:
    bench = Bench()
    bench.projection.open("slow", start=NOON - timedelta(hours=1))

    for _ in range(3):
        bench.look()
    assert bench.said == ["slow"]
    bench.projection.follow(bench.log)
    for _ in range(3):
        bench.look()

    assert bench.said == ["slow"]


def test_of_a_partition_that_was_anothers_nothing_is_remembered() -> None:
    bench = Bench()
    bench.projection.open("case", start=NOON - timedelta(hours=1))
    bench.look(PARTITION, 1)

    bench.look(1)
    bench.look(PARTITION)

    assert bench.sources.forgotten == [PARTITION, 1]


def test_nothing_is_said_at_the_very_deadline() -> None:
    bench = Bench()
    bench.projection.open("case", start=NOON - timedelta(seconds=60))

    bench.look()
    assert bench.said == []
    bench.now += timedelta(milliseconds=150)
    bench.look()

    assert bench.said == ["case"]


def test_a_flood_in_one_partition_takes_turns_with_what_is_due_in_another() -> None:
    bench = Bench()
    for partition in range(4):
        for number in range(DUE_A_LOOK_MAX if partition else 3):
            bench.projection.open(
                f"case-{partition}-{number:03}",
                start=NOON - timedelta(days=1 + partition, seconds=number),
                partition=partition,
            )

    assert bench.look(0, 1, 2, 3)
    first = Counter(bench.projection.places[CaseId(one)] for one in bench.said)
    while bench.look(0, 1, 2, 3):
        pass

    share = CASES_A_LOOK_MAX // 4
    assert first == {0: 3, 1: share, 2: share, 3: share}
    assert len(bench.said) == len(set(bench.said)) == 3 * DUE_A_LOOK_MAX + 3


def test_a_case_that_cannot_be_read_is_not_asked_at_every_look() -> None:
    bench = Bench()
    bench.projection.open("broken", start=NOON - timedelta(hours=1))
    bench.projection.broken.add(CaseId("broken"))

    for _ in range(20):
        bench.look()
        bench.now += timedelta(milliseconds=200)
    meanwhile = (bench.projection.asked, bench.sources.looks)
    bench.projection.broken.clear()
    bench.now += FRUITLESS_AGAIN_AFTER
    bench.look()

    assert meanwhile == (1, 1)
    assert bench.said == ["broken"]


def test_a_breach_that_was_voided_and_not_promised_anew_leaves_nothing_due() -> None:
    bench = Bench()
    bench.projection.open("voided", start=NOON - timedelta(hours=1))
    bench.look()
    bench.projection.follow(bench.log)
    (breach,) = bench.facts
    voided = BreachVoided(
        fact_id=FactId("order-1/breach-voided"),
        case_id=breach.case_id,
        recorded_at=NOON,
        source=source(inbox=PROGRESS_DESK),
        author=Author("operator"),
        municipality=CITY,
        cause=breach.fact_id,
        clock="first-response",
        reason="the city was closed",
    )
    bench.projection.facts[breach.case_id].append(voided)
    asked = bench.projection.asked

    bench.look()

    assert bench.projection.due_at(breach.case_id) is None
    assert bench.projection.asked == asked
    assert bench.said == ["voided"]


def test_a_pause_ends_by_itself_and_moves_what_is_said_after_it() -> None:
    bench = Bench()
    start = NOON - timedelta(seconds=30)
    bench.projection.open("paused", start=start)
    until = NOON + timedelta(seconds=100)
    bench.projection.facts[CaseId("paused")].append(paused(CaseId("paused"), at=NOON, until=until))
    moment = timedelta(milliseconds=150)

    said: list[tuple[str, datetime]] = []
    for at in (timedelta(0), until - NOON, until - NOON + moment, timedelta(seconds=130) + moment):
        bench.now = NOON + at
        bench.look()
        bench.projection.follow(bench.log)
        said.append((",".join(fact.type for fact in bench.facts), bench.now))

    assert [types for types, _ in said] == [
        "",
        "",
        "case.pause-ended.v1",
        "case.pause-ended.v1,case.breached.v1",
    ]
    ended, breach = bench.facts
    assert isinstance(ended, PauseEnded)
    assert ended.due_at == until
    assert isinstance(breach, Breached)
    assert breach.due_at == start + timedelta(seconds=160)


def test_a_pause_at_the_very_deadline_comes_too_late() -> None:
    bench = Bench()
    bench.projection.open("paused", start=NOON - timedelta(seconds=60))
    pause = paused(CaseId("paused"), at=NOON, until=NOON + timedelta(seconds=100))
    bench.projection.facts[CaseId("paused")].append(pause)

    bench.look()
    at_the_deadline = bench.facts
    bench.now += timedelta(milliseconds=150)
    bench.look()

    assert at_the_deadline == []
    (breach,) = bench.facts
    assert isinstance(breach, Breached)
    assert breach.due_at == NOON


def test_the_share_of_a_partition_counts_cases_and_names_the_first_that_waits() -> None:
    def due(case: str, seconds: int) -> Due:
        at = NOON + timedelta(seconds=seconds)
        return Due(log_partition=0, case_id=CaseId(case), municipality=CITY, due_at=at)

    taken, left = in_turn([due("a", 1), due("a", 2), due("b", 3), due("c", 4)], 2)

    assert taken == [due("a", 1), due("b", 3)]
    assert left == {0: due("c", 4)}
    assert in_turn([], 2) == ([], {})
