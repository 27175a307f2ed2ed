"""The order in which what has ended is started again."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def supervised(*cares: Care) -> Iterator[Supervisor]:
    supervisor = Supervisor(say=lambda _: None, changed=lambda _: None, stop_wanted=lambda: 0)
    for one in cares:
        supervisor.care_for(one)
    try:
        yield supervisor
    finally:
        supervisor.stop()


def until(supervisor: Supervisor, happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not happened():
        assert time.monotonic() < deadline
        supervisor.tick()
        time.sleep(0.01)


def end(ward: Ward) -> None:
    assert ward.child is not None
    ward.child.kill()
    ward.child.process.wait()


def test_a_worker_that_ends_with_its_server_waits_until_that_is_well_again(tmp_path: Path) -> None:
    wrong: dict[str, str | None] = {"server": None}
    server = care("server", Layer.SERVER, tmp_path, lambda _: wrong["server"])
    worker = care("worker", Layer.PROCESSOR, tmp_path, lambda _: None)

    with supervised(server, worker) as supervisor:
        first, second = supervisor.wards
        until(supervisor, lambda: first.healthy and second.healthy)
        wrong["server"] = "is not ready yet"
        end(first)
        end(second)
        until(supervisor, lambda: first.child and first.wrong)
        until(supervisor, lambda: time.monotonic() > second._start_at + 0.3)  # noqa: SLF001
        assert second.child is None

        wrong["server"] = None
        until(supervisor, lambda: second.healthy)


def test_one_that_ends_alone_is_started_again_at_once_also_while_a_server_is_slow(
    tmp_path: Path,
) -> None:
    wrong: dict[str, str | None] = {"server": None}
    server = care("server", Layer.SERVER, tmp_path, lambda _: wrong["server"])
    worker = care("worker", Layer.PROCESSOR, tmp_path, lambda _: None)

    with supervised(server, worker) as supervisor:
        first, second = supervisor.wards
        until(supervisor, lambda: first.healthy and second.healthy)
        wrong["server"] = "does not answer"
        until(supervisor, lambda: first.state == "failing")
        end(second)

        until(supervisor, lambda: second.healthy and second.restarts == 1)
