"""`peygir up`: start a whole Peygir here, keep it alive, and stop it in order."""

import os
import signal
from collections.abc import Mapping
from types import FrameType

import typer
from rich.console import Console

from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.command.progress import Progress
from services.embedded.instance import Cast, Instance


class Wishes:
    """How often we were asked to stop: once in order, twice at once."""

    def __init__(self) -> None:
        self.count = 0
        self.interrupted = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._heard)

    def _heard(self, number: int, _: FrameType | None) -> None:
        self.count += 1
        self.interrupted = number == signal.SIGINT


def up() -> None:
    """Start Kafka, Postgres and every process of Peygir, and keep them alive until Ctrl-C."""
    start(Settings(), os.environ, Cast())


def start(settings: Settings, environment: Mapping[str, str], cast: Cast) -> None:
    wishes = Wishes()
    progress = Progress(Console())
    instance = Instance(
        settings, environment, say=progress.say, stop_wanted=lambda: wishes.count, cast=cast
    )

    def on_ready() -> None:
        progress.end()
        for line in instance.where():
            progress.line(line)
        progress.line(f"ready: {instance.url}")

    with progress.spinning():
        instance.run(on_ready)
    if wishes.interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
