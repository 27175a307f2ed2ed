"""How far a long job is: a bar where a person looks on, a line now and then where nobody does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

LINE_SECONDS = 10.0


class LongProgress:
    def __init__(self, console: Console, bar: Progress | None) -> None:
        self._console = console
        self._bar = bar
        self._task = bar.add_task("", total=None) if bar else None
        self._said_at = time.monotonic()

    def at(self, what: str, done: int, of: int, seconds: float) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=what, completed=done, total=of)
        elif time.monotonic() - self._said_at >= LINE_SECONDS:
            self._said_at = time.monotonic()
            speed = done / seconds if seconds > 0 else 0
            left = f", {(of - done) / speed:.0f} s left" if speed else ""
            self.line(f"{what} {done:,} of {of:,} ({speed:,.0f}/s{left})")

    def phase(self, what: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=what, total=None)
        else:
            self.line(what)

    def line(self, words: str) -> None:
        self._console.print(words, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def long_progress() -> Iterator[LongProgress]:
    """On the error stream, so that what is asked for stands alone on the other."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield LongProgress(console, None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield LongProgress(console, bar)
