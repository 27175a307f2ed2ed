"""A long job of the streams, run as a process of its own that tells how far it is, line by line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from schemas.settings import Settings
from services.command import reach
from services.embedded.environment import CHECKOUT
from services.embedded.folder import DataFolder
from services.embedded.parts import Embedded
from services.embedded.run_file import running_pid

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

    Where an instance of our own does not run, its servers are started for as long as it takes.
    Its log lines go to the error stream. Raises `EmbeddedError`.
    """
    with _servers(settings) as addresses, _process(settings, addresses, arguments) as running:
        yield running


@contextmanager
def _process(
    settings: Settings, addresses: Mapping[str, str], arguments: Sequence[str]
) -> Iterator[Job]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        (sys.executable, "-P", "-m", "streams", *arguments),
        env={**os.environ, **_ours(settings), **addresses},
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


@contextmanager
def _servers(settings: Settings) -> Iterator[Mapping[str, str]]:
    folder = DataFolder(settings.data)
    given = settings.kafka is not None and settings.database_url is not None
    if given or running_pid(folder) is not None or not folder.read("instance.json"):
        yield {
            "PEYGIR_KAFKA": str(reach.kafka(settings)),
            "PEYGIR_DATABASE_URL": reach.database_url(settings),
        }
        return
    typer.echo(f"nothing runs in {folder.path}: starting its servers alone", err=True)
    with ExitStack() as stack:
        parts = stack.enter_context(Embedded(settings.data, heap_mb=settings.kafka_heap_mb))
        if settings.kafka is None:
            kafka = stack.enter_context(parts.kafka()).address
        else:
            kafka = settings.kafka
        if settings.database_url is None:
            database = stack.enter_context(parts.postgres()).url()
        else:
            database = settings.database_url.get_secret_value()
        yield {"PEYGIR_KAFKA": kafka, "PEYGIR_DATABASE_URL": database}


def _ours(settings: Settings) -> dict[str, str]:
    """What a person set goes through; what they did not is that of the instance."""
    folder = DataFolder(settings.data)
    ours = {
        "PEYGIR_MASTER_KEY": reach.master_key(settings).get_secret_value(),
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(Path(CHECKOUT)), os.environ.get("PYTHONPATH")))
        ),
    }
    generation = folder.read("instance.json").get("inbox_generation")
    if "PEYGIR_INBOX_GENERATION" not in os.environ and generation is not None:
        ours["PEYGIR_INBOX_GENERATION"] = str(generation)
    return ours
