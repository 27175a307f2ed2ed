"""Ports between processes that are started side by side."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.embedded import ports
from services.embedded.health import Alive
from tests.terminal.shown import answering


@contextmanager
def another_process() -> Iterator[int]:
    with subprocess.Popen((sys.executable, "-c", "import time; time.sleep(60)")) as sleeper:
        try:
            yield sleeper.pid
        finally:
            sleeper.kill()


def test_a_stranger_that_answers_on_the_port_of_a_process_is_not_taken_for_it() -> None:
    with answering("") as port, another_process() as pid:
        alive = Alive(port)

        assert alive(pid) == f"another process answers on port {port}"
        assert alive(os.getpid()) is None
        assert alive(pid) == f"another process answers on port {port}"


def test_who_has_ended_listens_nowhere() -> None:
    with answering("") as port:
        with another_process() as pid:
            pass
        assert not ports.listens(pid, port)


def test_a_port_is_kept_for_a_process_until_it_is_started() -> None:
    kept = ports.Kept()
    port = ports.free_port("kept for a process")
    kept.keep(port)
    try:
        assert not ports.is_free(port)
        assert ports.free_port("kept for a process") != port
        kept.let_go(port)
        assert ports.is_free(port)
    finally:
        kept.let_all_go()


def test_a_port_that_cannot_be_kept_is_no_failure() -> None:
    with socket.create_server((ports.HOST, 0)) as listening:
        kept = ports.Kept()
        kept.keep(listening.getsockname()[1])
        kept.let_all_go()
