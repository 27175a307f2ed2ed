"""How much comes in a minute, over looks that miss a process and counters that begin anew."""

import pytest

from schemas.metrics import DEAD_LETTERS, INTAKE_EVENTS
from services.watching.pace import Pace
from services.watching.seen import Process
from tests.terminal.shown import process

WEB = (INTAKE_EVENTS, ("web", "accepted"))
SMS = (INTAKE_EVENTS, ("sms", "accepted"))


def edge(accepted: float, name: str = "edge") -> Process:
    return process(name, {WEB: accepted})


def learnt(*looks: tuple[float, list[Process]]) -> Pace:
    pace = Pace()
    for at, seen in looks:
        pace.learn(seen, at)
    return pace


def test_one_look_says_nothing_of_a_pace() -> None:
    assert learnt((0, [edge(500)])).a_minute(INTAKE_EVENTS) is None


def test_a_pace_is_what_came_between_two_looks() -> None:
    pace = learnt((100, [edge(500)]), (110, [edge(520)]))

    assert pace.a_minute(INTAKE_EVENTS, result="accepted") == pytest.approx(120)
    assert pace.a_minute(INTAKE_EVENTS, result="refused") == 0
    assert pace.a_minute(DEAD_LETTERS) == 0


def test_channels_and_processes_add_up() -> None:
    before = [process("a", {WEB: 1, SMS: 10}), edge(100, "b")]
    after = [process("a", {WEB: 3, SMS: 14}), edge(106, "b")]

    assert learnt((0, before), (60, after)).a_minute(INTAKE_EVENTS) == pytest.approx(12)


def test_a_counter_that_begins_anew_takes_nothing_away() -> None:
    pace = learnt((0, [edge(500)]), (30, [edge(4)]), (60, [edge(7)]))

    assert pace.a_minute(INTAKE_EVENTS) == pytest.approx(7)


def test_what_came_while_a_process_did_not_answer_is_counted_when_it_does() -> None:
    silent = process("edge", {}, "down")

    pace = learnt((0, [edge(500)]), (20, [silent]), (40, [edge(530)]))

    assert pace.a_minute(INTAKE_EVENTS) == pytest.approx(45)


def test_a_process_that_is_seen_for_the_first_time_brings_no_past_with_it() -> None:
    pace = learnt((0, [edge(500)]), (60, [edge(500), edge(1_000_000, "edge-2")]))

    assert pace.a_minute(INTAKE_EVENTS) == 0


def test_a_series_that_a_known_process_begins_is_counted_from_nought() -> None:
    pace = learnt((0, [edge(500)]), (60, [process("edge", {WEB: 500, SMS: 3})]))

    assert pace.a_minute(INTAKE_EVENTS, channel="sms") == pytest.approx(3)


def test_what_is_longer_ago_than_a_minute_does_not_count() -> None:
    looks = [(at, [edge(1_000 if at else 0)]) for at in range(0, 130, 10)]

    assert learnt(*looks).a_minute(INTAKE_EVENTS) == 0


def test_looks_that_are_far_apart_have_a_pace_all_the_same() -> None:
    pace = learnt((0, [edge(0)]), (600, [edge(50)]), (1_200, [edge(150)]))

    assert pace.a_minute(INTAKE_EVENTS) == pytest.approx(10)
