"""Processes asked over HTTP: those that answer, and every way of not answering."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from schemas import metrics
from services.watching.scrape import Asker
from services.watching.seen import Process, total
from services.watching.targets import Target
from tests.terminal.shown import answering, text

HELD = {(metrics.TIMER_HELD, ()): 4.0}
INTAKE = {(metrics.INTAKE_EVENTS, ("web", "accepted")): 9.0}


@pytest.fixture
def asker() -> Iterator[Asker]:
    asker = Asker(seconds_max=1.0)
    yield asker
    asker.close()


@contextmanager
def silent() -> Iterator[int]:
    """It takes the connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def at(port: int, name: str = "it", host: str = "127.0.0.1") -> Target:
    return Target(name=name, host=host, port=port)


def only(asker: Asker, target: Target) -> Process:
    (found,) = asker.look([target])
    return found


def test_a_process_that_answers_is_well_and_shows_its_series(asker: Asker) -> None:
    with answering(text({**HELD, **INTAKE})) as port:
        found = only(asker, at(port))

    assert (found.name, found.address, found.condition) == ("it", f"127.0.0.1:{port}", "well")
    assert total([found], metrics.TIMER_HELD) == 4
    assert total([found], metrics.INTAKE_EVENTS, channel="web", result="accepted") == 9
    assert total([found], metrics.INTAKE_EVENTS, channel="sms") == 0
    assert total([found], metrics.LAG_SECONDS) is None


def test_a_process_that_says_what_is_wrong_is_ill_and_its_series_count(asker: Asker) -> None:
    with answering(text(HELD), wrong="its source stands still") as port:
        found = only(asker, at(port))

    assert (found.condition, found.wrong) == ("ill", "its source stands still")
    assert total([found], metrics.TIMER_HELD) == 4


def test_where_nobody_listens_a_process_is_down(asker: Asker) -> None:
    with answering("") as port:
        pass

    found = only(asker, at(port))

    assert (found.condition, found.wrong) == ("down", "nobody listens")


def test_a_host_without_an_address_is_down(asker: Asker) -> None:
    found = only(asker, at(1, host="no such host"))

    assert (found.condition, found.wrong) == ("down", "has no address")


@pytest.mark.parametrize("said", ["<html>", "a{b=", 'a{b="c", ="e"} 1', "\ufffd", "# TYPE a"])
def test_what_are_no_metrics_is_said_to_be_none(asker: Asker, said: str) -> None:
    with answering(said) as port:
        found = only(asker, at(port))

    assert (found.condition, found.wrong) == ("down", "answers, but not with metrics")


def test_a_process_that_has_nothing_to_show_yet_is_well(asker: Asker) -> None:
    with answering("") as port:
        assert only(asker, at(port)).condition == "well"


def test_a_series_that_is_no_number_is_left_out(asker: Asker) -> None:
    with answering(f"{metrics.TIMER_HELD.name} NaN\n") as port:
        assert total([only(asker, at(port))], metrics.TIMER_HELD) is None


def test_one_that_says_nothing_keeps_nobody_waiting_for_long(asker: Asker) -> None:
    began = time.monotonic()
    with silent() as deaf, answering(text(HELD)) as port:
        found = asker.look([at(deaf, "deaf"), at(port, "timer"), at(deaf, "deaf-2")])

    assert time.monotonic() - began < 3
    assert [(one.name, one.condition) for one in found] == [
        ("deaf", "down"),
        ("timer", "well"),
        ("deaf-2", "down"),
    ]
    assert found[0].wrong == "does not answer"


def test_one_that_is_still_busy_with_the_last_question_is_not_asked_again() -> None:
    asker = Asker(seconds_max=0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        for _ in range(3):
            assert only(asker, at(deaf.getsockname()[1])).condition == "down"
        deaf.settimeout(0)

        asked, _ = deaf.accept()
        with asked, pytest.raises(BlockingIOError):
            deaf.accept()
    asker.close()


def test_a_name_that_stands_for_many_processes_is_each_of_them(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = socket.getaddrinfo

    def addresses(name: str, port: int, *how: int, **named: int) -> list[Any]:
        if name != "workers":
            return really(name, port, *how, **named)
        four, six = (really(one, port, *how, **named) for one in ("127.0.0.1", "::1"))
        return [*really("127.0.0.2", port, *how, **named), *six, *four]

    with answering(text(HELD)) as port:
        monkeypatch.setattr(socket, "getaddrinfo", addresses)
        found = asker.look([at(port, "workers", "workers")])

    assert [(one.name, one.condition) for one in found] == [
        ("workers 127.0.0.1", "well"),
        ("workers 127.0.0.2", "down"),
    ]


def test_a_server_is_as_its_supervisor_says(asker: Asker) -> None:
    kafka = Target(name="kafka", host="127.0.0.1:9")
    postgres = Target(name="postgres", host="127.0.0.1:8", wrong="failing")

    found = asker.look([kafka, postgres])

    assert [(one.address, one.condition, one.wrong) for one in found] == [
        ("127.0.0.1:9", "well", ""),
        ("127.0.0.1:8", "down", "failing"),
    ]
