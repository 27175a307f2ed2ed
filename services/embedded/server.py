"""What Kafka and Postgres have in common: made once, started, ready, and stopped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from services.embedded.child import Child, Program, last_lines
from services.embedded.errors import StartError

READY_SECONDS_MAX = 90.0  # Two seconds on an idle machine; ten were seen on a busy one.
STOP_SECONDS_MAX = 20.0
TRIES_MAX = 8
TICK_SECONDS = 0.05


class Server(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str:
        """Where clients reach it, once it is prepared."""
        ...

    def prepare(self) -> None:
        """Make what it needs before it can start; nothing if that is there."""
        ...

    def program(self) -> Program: ...

    def ready(self, pid: int) -> bool:
        """Whether it is this process that serves. Quick, and asked again and again."""
        ...


@contextmanager
def running(server: Server, say: Callable[[str], None]) -> Iterator[Child]:
    child = start(server, say)
    try:
        yield child
    finally:
        child.stop(STOP_SECONDS_MAX)


def start(server: Server, say: Callable[[str], None]) -> Child:
    """Start it and wait until it is ready."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    for attempt in range(1, TRIES_MAX + 1):
        server.prepare()
        child = Child(server.program())
        try:
            if wait_until_ready(server, child, deadline):
                return child
        except BaseException:
            child.stop(STOP_SECONDS_MAX)
            raise
        # What is left of a crashed run (its memory, its lock) may need a moment to go.
        say(f"{server.name} ended at its start, trying again ({attempt} of {TRIES_MAX})")
        time.sleep(0.5 * attempt)
    log = server.program().log
    raise StartError(f"{server.name} does not start. The end of {log}:\n{last_lines(log)}")


def wait_until_ready(server: Server, child: Child, deadline: float) -> bool:
    """False if it ended instead."""
    while child.exit_code is None:
        if server.ready(child.pid):
            return True
        if time.monotonic() > deadline:
            raise StartError(
                f"{server.name} is not ready after {READY_SECONDS_MAX:.0f} s. "
                f"The end of its log:\n{child.last_words()}"
            )
        time.sleep(TICK_SECONDS)
    return False
