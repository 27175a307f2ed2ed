"""A program run as our child: its words go to a log, and it never outlives us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from services.embedded.server_user import User

LEASH = Path(__file__).with_name("leash.py")
LOG_BYTES_MAX = 20 * 1024 * 1024
TAIL_LINES = 15
TAIL_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    name: str
    command: tuple[str, ...]
    folder: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: User | None = None
    farewell: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL  # what the death of its parent sends


class Child:
    """A started program. Start it from the main thread: Linux ties its life to that thread."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process = _spawn(program)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self.process.poll()

    @property
    def created_at(self) -> float | None:
        """With the pid it names this process for ever; the pid alone is used again."""
        try:
            return psutil.Process(self.pid).create_time()
        except psutil.NoSuchProcess:
            return None

    def ask_to_stop(self) -> None:
        # A stopped process hears nothing until it goes on.
        for number in (self.program.farewell, signal.SIGCONT):
            if self.exit_code is None:
                self.process.send_signal(number)

    def kill(self) -> None:
        if self.exit_code is None:
            self.process.kill()

    def stop(self, grace_seconds: float) -> bool:
        """Ask, wait, and kill. True if asking was enough."""
        self.ask_to_stop()
        try:
            self.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
            return False
        return True

    def last_words(self) -> str:
        return last_lines(self.program.log)


def run_to_end(program: Program, seconds_max: float) -> int:
    """Run a program that ends by itself. Its exit code; what it said is in its log."""
    child = Child(program)
    try:
        return child.process.wait(seconds_max)
    except BaseException:
        child.kill()
        child.process.wait()
        raise


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_room(program.log)
    user = f"{program.user.uid}:{program.user.gid}" if program.user else "-"
    leash = (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), user)
    with program.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the commands are ours
            (*leash, str(int(program.orphaned)), *program.command),
            cwd=program.folder,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the supervisor alone, which stops the others in order.
            start_new_session=True,
        )


def make_room(log: Path) -> None:
    """A log that has grown too large is set aside; the one set aside before is gone."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_name(log.name + ".old"))


def last_lines(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES_MAX))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-TAIL_LINES:])


def finish_off(pid: int, created_at: float, grace_seconds: float) -> str | None:
    """End a process that outlived an earlier run. Words, if something had to be done."""
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - created_at) > 1.0:
            return None  # The number belongs to somebody else by now.
        return _wait_or_kill(process, grace_seconds)
    except psutil.NoSuchProcess:
        return None


def _wait_or_kill(process: psutil.Process, grace_seconds: float) -> str:
    name = f"{process.name()} (pid {process.pid}) of an earlier run"
    try:
        process.wait(grace_seconds)
    except psutil.TimeoutExpired:
        process.kill()
        # As a zombie of another parent it keeps its number, and holds nothing any more.
        deadline = time.monotonic() + grace_seconds
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return f"{name} does not die"
            time.sleep(0.05)
        return f"killed {name}"
    return f"waited for {name} to end"
