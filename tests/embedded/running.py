"""A Peygir started as a program of its own, so that it can be killed like one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).with_name("small_peygir.py")
READY_SECONDS_MAX = 90.0


class Running:
    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.output = data.parent / "output.txt"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                (sys.executable, str(SMALL)),
                env=environment(data, **settings),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> "Running":
        wait_for(lambda: "\nready: http" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        return self

    def said(self) -> str:
        return self.output.read_text()

    def run(self) -> dict[str, Any]:
        return json.loads((self.data / "run.json").read_text())

    def pids(self) -> dict[str, int]:
        return {name: one["pid"] for name, one in self.run()["processes"].items()}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def environment(data: Path, **settings: str) -> dict[str, str]:
    given = {key: value for key, value in os.environ.items() if not key.startswith("PEYGIR_")}
    ours = {"PEYGIR_DATA": str(data), "PEYGIR_PORT": "0", "PYTHONPATH": str(ROOT)}
    return {**given, **ours, **settings}


def command(*arguments: str, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """`peygir ARGUMENTS`, to its end."""
    return subprocess.run(
        (sys.executable, "-m", "services.command", *arguments),
        env=environment(data, **settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def wait_for(happened: Callable[[], object], seconds_max: float = READY_SECONDS_MAX) -> None:
    deadline = time.monotonic() + seconds_max
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
