"""How far an import has come, on a terminal as a bar, elsewhere as a line now and then."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.importing.run import Watcher

LINE_SECONDS = 10.0


@contextmanager
def watched(total: int) -> Iterator[Watcher]:
    """Who is told; `total` are the lines of the file."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bar(progress, total)


class _Bar:
    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._reading = progress.add_task("lines read", total=total)
        self._waiting = progress.add_task("messages in the projection", total=None, visible=False)

    def reading(self, line: int) -> None:
        self._progress.update(self._reading, completed=line)

    def waiting(self, left: int, total: int) -> None:
        self._progress.update(self._waiting, completed=total - left, total=total, visible=total > 0)


class _Lines:
    def __init__(self, total: int) -> None:
        self._total = total
        self._said_at = time.monotonic()

    def reading(self, line: int) -> None:
        self._say(f"{line} of {self._total} lines read")

    def waiting(self, left: int, total: int) -> None:
        self._say(f"{total - left} of {total} messages in the projection")

    def _say(self, words: str) -> None:
        if time.monotonic() - self._said_at >= LINE_SECONDS:
            self._said_at = time.monotonic()
            typer.echo(words, err=True)
