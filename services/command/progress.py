"""What a person sees while something takes its time: a spinner, or plain lines in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Progress:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner: Status | None = None
        self._begun = time.monotonic()

    @contextmanager
    def spinning(self) -> Iterator[None]:
        if not self._console.is_terminal:
            yield
            return
        with self._console.status("starting") as spinner:
            self._spinner = spinner
            try:
                yield
            finally:
                self._spinner = None

    def end(self) -> None:
        if self._spinner:
            self._spinner.stop()

    def say(self, words: str) -> None:
        """A line that stays."""
        elapsed = time.monotonic() - self._begun
        self.line(f"{elapsed:6.1f} s  {words}")
        if self._spinner:
            self._spinner.update(words)

    def line(self, text: str) -> None:
        # Neither wrapped nor coloured: people and programs read these lines.
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
