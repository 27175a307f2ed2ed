"""A long job of the streams, run as a process of its own that tells how far it is, line by line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.settings import Settings
from services.command import reach
from services.embedded.environment import CHECKOUT
from services.embedded.folder import DataFolder

Said = dict[str, Any]
STOP_SECONDS_MAX = 30.0


@dataclass(slots=True)
class Job:
    """What the process says; its exit code is known when it has said all."""

    process: subprocess.Popen[str]
    exit_code: int | None = None

    def says(self) -> Iterator[Said]:
        assert self.process.stdout is not None, "it is started with a pipe"
        for line in self.process.stdout:
            if line.startswith("{"):
                yield json.loads(line)
        self.exit_code = self.process.wait()


@contextmanager
def job(settings: Settings, *arguments: str) -> Iterator[Job]:
    """`python -m streams ARGUMENTS` with this installation's addresses and keys.

    Its log lines go to the error stream. Raises `MissingError`.
    """
    process = subprocess.Popen(  # noqa: S603 - our own program
        (sys.executable, "-P", "-m", "streams", *arguments),
        env=_environment(settings),
        # Its input ends with us, however we end, and so does it.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Job(process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _environment(settings: Settings) -> dict[str, str]:
    """What a person set goes through; what they did not is that of the running instance."""
    folder = DataFolder(settings.data)
    ours = {
        "PEYGIR_KAFKA": str(reach.kafka(settings)),
        "PEYGIR_DATABASE_URL": reach.database_url(settings),
        "PEYGIR_MASTER_KEY": reach.master_key(settings).get_secret_value(),
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(Path(CHECKOUT)), os.environ.get("PYTHONPATH")))
        ),
    }
    generation = folder.read("instance.json").get("inbox_generation")
    if "PEYGIR_INBOX_GENERATION" not in os.environ and generation is not None:
        ours["PEYGIR_INBOX_GENERATION"] = str(generation)
    return {**os.environ, **ours}
