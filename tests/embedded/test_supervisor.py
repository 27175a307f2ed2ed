"""The order in which what has ended is started again."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.embedded.child import Program
from services.embedded.supervisor import Supervisor
from services.embedded.ward import Care, Ward
from services.embedded.workers import Layer

WAITS = "import time; time.sleep(60)"
SECONDS_MAX = 20.0


def care(name: str, layer: Layer, folder: Path, ask: Callable[[int], str | None]) -> Care:
    command = (sys.executable, "-c", WAITS)
    program = Program(name=name, command=command, folder=folder, log=folder / f"{name}.log")
    return Care(
        name=name,
        layer=layer,
        program=lambda: program,
        ask=ask,
        address="",
        ask_every_seconds=0.05,
        patience_seconds=60,
    )


class Pair:
    """A server, and a worker that is always well, below a supervisor; both are well by now."""

    def __init__(self, folder: Path) -> None:
        self.wrong: str | None = None
        """What is wrong with the server when it is asked."""
        self._supervisor = Supervisor(
            say=lambda _: None, changed=lambda _: None, stop_wanted=lambda: 0
        )
        self._supervisor.care_for(care("server", Layer.SERVER, folder, lambda _: self.wrong))
        self._supervisor.care_for(care("worker", Layer.PROCESSOR, folder, lambda _: None))
        self.server, self.worker = self._supervisor.wards

    def until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while not happened():
            assert time.monotonic() < deadline
            self._supervisor.tick()
            time.sleep(0.01)

    def stop(self) -> None:
        self._supervisor.stop()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(tmp_path)
    try:
        pair.until(lambda: pair.server.healthy and pair.worker.healthy)
        yield pair
    finally:
        pair.stop()


def end(ward: Ward) -> None:
    assert ward.child is not None
    ward.child.kill()
    ward.child.process.wait()


def test_a_worker_that_ends_with_its_server_waits_until_that_is_well_again(pair: Pair) -> None:
    server, worker = pair.server, pair.worker
    pair.wrong = "is not ready yet"
    end(server)
    end(worker)
    pair.until(lambda: server.child and server.wrong)
    pair.until(lambda: time.monotonic() > worker._start_at + 0.3)  # noqa: SLF001
    assert worker.child is None

    pair.wrong = None
    pair.until(lambda: worker.healthy)


def test_one_that_ends_alone_is_started_again_at_once_also_while_a_server_is_slow(
    pair: Pair,
) -> None:
    pair.wrong = "does not answer"
    pair.until(lambda: pair.server.state == "failing")
    end(pair.worker)

    pair.until(lambda: pair.worker.healthy and pair.worker.restarts == 1)
