"""What the supervisor says, to the person at the terminal and into a log beside the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas import logs
from services.embedded.child import make_room


class Diary:
    """Says before a log is open too; only the person hears that."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._log: logs.Logger | None = None

    @contextmanager
    def kept(self, path: Path) -> Iterator[None]:
        make_room(path)
        with path.open("a", encoding="utf-8") as file:
            self._log = logs.beside("supervisor", file)
            try:
                yield
            finally:
                self._log = None

    def say(self, words: str) -> None:
        self._say(words)
        if self._log is not None:
            self._log.info("supervised", what=words)
