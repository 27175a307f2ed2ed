"""One process under our care: started, asked how it is, restarted when it ends or stands still."""

import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from services.embedded.child import Child, Program
from services.embedded.workers import Layer

# The first restart is quick, so that a kill is hardly felt; a process that never lives is not
# started over and over.
BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 20.0
HALTED = 65  # A worker found what only a person can decide.
START_SECONDS_MAX = 90.0

Wrong = str | None
"""What is wrong, in words, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What a process needs from us."""

    name: str
    layer: Layer
    program: Callable[[], Program]
    ask: Callable[[int], Wrong]
    """Given its pid. May take seconds; never asked twice at once."""
    address: str
    port: int | None = None
    ask_every_seconds: float = 1.0
    patience_seconds: float


class Ward:
    def __init__(self, care: Care, say: Callable[[str], None]) -> None:
        self.care = care
        self.child: Child | None = None
        self.state = "waiting"
        self.wrong: Wrong = None
        self.restarts = 0
        self.failures_in_a_row = 0
        self._say = say
        self._answer: Future[Wrong] | None = None
        self._asked_at = 0.0
        self._start_at = 0.0
        self._started_at = 0.0
        self._well_at = 0.0
        self._stop_wanted = False

    @property
    def healthy(self) -> bool:
        return self.state == "healthy"

    @property
    def up(self) -> bool:
        """Whether it runs and was well since it started."""
        return self.state in {"healthy", "failing"}

    def tick(self, now: float, asker: Executor, *, may_start: bool = True) -> bool:
        """One look. True if something changed that the run file tells."""
        before = (self.child, self.state)
        if self.child is None:
            if may_start and now >= self._start_at:
                self._start(now)
        elif self.child.exit_code is not None:
            self._ended(self.child, now)
        else:
            self._look_after(self.child, now, asker)
        return before != (self.child, self.state)

    def _start(self, now: float) -> None:
        self.child = Child(self.care.program())
        self.state, self.wrong, self._answer = "starting", None, None
        self._started_at = self._well_at = self._asked_at = now

    def _ended(self, child: Child, now: float) -> None:
        if self.healthy and now - self._started_at > STEADY_SECONDS:
            self.failures_in_a_row = 0
        step = min(self.failures_in_a_row, len(BACKOFF_SECONDS) - 1)
        self._start_at = now + BACKOFF_SECONDS[step]
        ending = _ending(child.exit_code, child.last_words)
        self._say(f"{self.care.name} ended ({ending}), starting it again")
        self.failures_in_a_row += 1
        self.restarts += 1
        self.child, self.state = None, "ended"

    def _look_after(self, child: Child, now: float, asker: Executor) -> None:
        if self._answer is None:
            pause = self.care.ask_every_seconds if self.healthy else 0.1
            if now - self._asked_at >= pause:
                self._asked_at = now
                self._answer = asker.submit(self.care.ask, child.pid)
        elif self._answer.done():
            self._hear(self._answer.result(), now)
            self._answer = None
        patience = START_SECONDS_MAX if self.state == "starting" else self.care.patience_seconds
        if now - self._well_at > patience:
            self._say(f"{self.care.name} stands still ({self.wrong or 'no answer'}), killing it")
            child.kill()
            self._well_at = now

    def _hear(self, wrong: Wrong, now: float) -> None:
        self.wrong = wrong
        if wrong is None:
            self._well_at = now
            self.state = "healthy"
        elif self.healthy:
            self.state = "failing"


def _ending(code: int | None, last_words: Callable[[], str]) -> str:
    if code is None:
        return "unknown"
    if code == HALTED:
        return f"exit code {code}: {why_halted(last_words())}"
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def why_halted(log: str) -> str:
    """The reason in the last line that has one: what a person has to do."""
    for line in reversed(log.splitlines()):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and "reason" in said:
            return str(said["reason"])
    return "its log says why"
