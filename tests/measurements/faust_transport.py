"""What Faust does to events, measured on a real broker; the table of ADR 0002.

    python -m tests.measurements.faust_transport [name …]

Uses the broker of `PEYGIR_KAFKA`, or one of its own. Takes about five minutes.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.embedded.parts import Embedded
from tests.measurements.broker import Broker

ROOT = Path(__file__).parents[2]
SMALL_BYTES_MAX = 100_000
TOO_LARGE_BYTES = 120_000
# Batches larger than what the topic takes, as one sets them for throughput.
LARGE_BATCH_BYTES = 200_000
DRAIN_SECONDS_MAX = 30.0
FIRST_EVENT_SECONDS_MAX = 90.0
KILLS = 4
STARTS_MAX = 4

Row = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One worker's habits."""

    habit: str
    concurrency: int = 1
    batch: int = 0
    session: float = 0.0
    static: bool = False

    def arguments(self, kafka: str, name: str, folder: Path) -> list[str]:
        module = "tests.measurements.faust_worker"
        chosen = [sys.executable, "-m", module, "--kafka", kafka, "--group", name]
        chosen += ["--source", f"{name}-in", "--target", f"{name}-out", "--habit", self.habit]
        chosen += ["--concurrency", str(self.concurrency), "--batch", str(self.batch)]
        chosen += ["--session", str(self.session), "--folder", str(folder)]
        return [*chosen, "--static"] if self.static else chosen


@contextmanager
def running(setup: Setup, kafka: str, name: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The worker, for as long as the block lasts, or until it is killed."""
    with (folder / f"{name}.log").open("ab") as out:
        process = subprocess.Popen(
            setup.arguments(kafka, name, folder), stdout=out, stderr=out, cwd=ROOT
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def unacknowledged(broker: Broker, name: str, folder: Path) -> Row:
    """`await topic.send()` while one event of a hundred is too large."""
    return _oversized(broker, name, folder, Setup(habit="send"), "await topic.send()")


def unacknowledged_batches(broker: Broker, name: str, folder: Path) -> Row:
    """The same, with batches in which an event that is too large has company."""
    setup = Setup(habit="send", batch=LARGE_BATCH_BYTES)
    return _oversized(broker, name, folder, setup, "await topic.send(), large batches")


def acknowledged(broker: Broker, name: str, folder: Path) -> Row:
    """The produce future awaited, what failed set aside."""
    setup = Setup(habit="acknowledged", batch=LARGE_BATCH_BYTES)
    return _oversized(broker, name, folder, setup, "future awaited, large batches")


def _oversized(broker: Broker, name: str, folder: Path, setup: Setup, title: str) -> Row:
    count = 2_000
    broker.create(name, partitions=4, target_bytes_max=SMALL_BYTES_MAX)
    sizes = (TOO_LARGE_BYTES if number % 100 == 0 else 400 for number in range(count))
    broker.fill(name, (_event(number, size) for number, size in enumerate(sizes)))
    return _outcome(broker, name, folder, setup, count, ("20 of 2,000 too large", title))


def exception(broker: Broker, name: str, folder: Path) -> Row:
    """An agent that raises for one event of a hundred."""
    count = 2_000
    broker.create(name, partitions=4)
    broker.fill(name, (_event(number, 400) for number in range(count)))
    setup = Setup(habit="raise", session=6, static=True)
    return _outcome(broker, name, folder, setup, count, ("20 of 2,000 raise", "agent raises"))


def _outcome(
    broker: Broker, name: str, folder: Path, setup: Setup, count: int, title: tuple[str, str]
) -> Row:
    """The worker works until all is committed; one that stands still is killed and started."""
    starts = 0
    drained = False
    while not drained and starts < STARTS_MAX:
        with running(setup, broker.address, name, folder):
            drained = broker.wait_for_commits(name, DRAIN_SECONDS_MAX)
        starts += 1
    arrived = broker.arrived(name)
    committed, end = broker.positions(name)
    besides = f"{len(arrived) - len(set(arrived))} twice"
    if starts > 1:
        besides += f", stood still {starts - drained} times"
    lost = f"{count - len(set(arrived))} of {count}"
    return (*title, lost, f"{committed} of {end}", besides)


def concurrent(broker: Broker, name: str, folder: Path) -> Row:
    return _killed(broker, name, folder, Setup(habit="slow", concurrency=8, session=6, static=True))


def one_by_one(broker: Broker, name: str, folder: Path) -> Row:
    return _killed(broker, name, folder, Setup(habit="slow", session=6, static=True))


def _killed(broker: Broker, name: str, folder: Path, setup: Setup) -> Row:
    # One at a time, each slow event stops its partition's worker for 4 s: so there are few.
    count = 20_000 if setup.concurrency > 1 else 2_000
    broker.create(name, partitions=4)
    broker.fill(name, (_event(number, 400) for number in range(count)))
    for _ in range(KILLS):
        with running(setup, broker.address, name, folder):
            broker.wait_for_more(name, FIRST_EVENT_SECONDS_MAX)
            time.sleep(3.0)
    title = f"concurrency {setup.concurrency}"
    return _outcome(broker, name, folder, setup, count, (f"{KILLS} × kill -9", title))


def restart_by_default(broker: Broker, name: str, folder: Path) -> Row:
    return _restart(broker, name, folder, Setup(habit="acknowledged"))


def restart_with_short_session(broker: Broker, name: str, folder: Path) -> Row:
    return _restart(broker, name, folder, Setup(habit="acknowledged", session=6))


def restart_with_static_id(broker: Broker, name: str, folder: Path) -> Row:
    return _restart(broker, name, folder, Setup(habit="acknowledged", session=6, static=True))


def _restart(broker: Broker, name: str, folder: Path, setup: Setup) -> Row:
    broker.create(name, partitions=4)
    broker.fill(name, (_event(number, 400) for number in range(100)))
    with running(setup, broker.address, name, folder):
        broker.wait_for_commits(name, DRAIN_SECONDS_MAX)
    killed = time.monotonic()
    broker.fill(name, (_event(number, 400) for number in range(100, 200)))
    with running(setup, broker.address, name, folder):
        came = broker.wait_for_more(name, FIRST_EVENT_SECONDS_MAX)
    seconds = f"{time.monotonic() - killed:.1f} s" if came else f"> {FIRST_EVENT_SECONDS_MAX:.0f} s"
    session = f"session {setup.session:.0f} s" if setup.session else "session by default"
    title = f"{session}, {'static id' if setup.static else 'no static id'}"
    return ("kill -9, started at once", title, "", "", f"first event after {seconds}")


MEASURES: dict[str, Callable[[Broker, str, Path], Row]] = {
    "unacknowledged": unacknowledged,
    "unacknowledged-batches": unacknowledged_batches,
    "acknowledged": acknowledged,
    "exception": exception,
    "concurrent": concurrent,
    "one-by-one": one_by_one,
    "restart-default": restart_by_default,
    "restart-session": restart_with_short_session,
    "restart-static": restart_with_static_id,
}


def _event(number: int, size: int) -> bytes:
    return f"{number} ".encode().ljust(size, b".")


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    given = os.environ.get("PEYGIR_KAFKA")
    if given:
        yield given
    else:
        with Embedded(folder / "data") as parts, parts.kafka() as kafka:
            yield kafka.address


def main(names: list[str]) -> None:
    table = Table("what happens", "how", "lost for good", "offsets committed", "besides")
    run = datetime.now(UTC)
    console = Console(width=130)
    with tempfile.TemporaryDirectory() as place, _address(Path(place)) as address:
        for name in names or list(MEASURES):
            broker = Broker(address)
            topic = f"measure-{name}-{run:%H%M%S}"
            row = MEASURES[name](broker, topic, Path(place))
            console.print(" | ".join(row))
            table.add_row(*row)
    console.print(table)
    console.print(
        f"{run:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
