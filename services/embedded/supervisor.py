"""Keeps a set of processes alive, and stops them in order."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from services.embedded.child import Child, Program, last_lines
from services.embedded.errors import StartError
from services.embedded.ward import Care, Ward
from services.embedded.workers import Layer

TICK_SECONDS = 0.05
ASKERS = 12
# Before it was ever healthy, a process that ended so often will not do better.
FAILURES_MAX = 5
READY_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 15.0


class StopWanted(Exception):  # noqa: N818 - a wish, not an error
    """Somebody asked us to stop while we were starting."""


class Supervisor:
    """Used from the main thread: the lives of the children hang on it."""

    def __init__(
        self,
        *,
        say: Callable[[str], None],
        changed: Callable[[Sequence[Ward]], None],
        stop_wanted: Callable[[], int],
    ) -> None:
        self.wards: list[Ward] = []
        self._say = say
        self._changed = changed
        self._stop_wanted = stop_wanted
        self._askers = ThreadPoolExecutor(ASKERS, thread_name_prefix="health")

    def care_for(self, care: Care) -> None:
        self.wards.append(Ward(care, self._say))
        self.tick()

    def tick(self) -> None:
        """What ends as its server ends waits for that one, which needs the processors meanwhile."""
        now = time.monotonic()
        served = all(ward.up for ward in self.wards if ward.care.layer == Layer.SERVER)
        changes = [
            ward.tick(now, self._askers, may_start=served or ward.care.layer == Layer.SERVER)
            for ward in self.wards
        ]
        if any(changes):
            self._changed(self.wards)

    def wait_until_healthy(self, also: Callable[[], str | None] = lambda: None) -> None:
        """Until every ward is well and `also` finds nothing wrong."""
        deadline = time.monotonic() + READY_SECONDS_MAX
        wrong = "nothing was asked yet"
        while True:
            self.tick()
            if self._stop_wanted():
                raise StopWanted
            if all(ward.healthy for ward in self.wards):
                wrong = also()
                if wrong is None:
                    return
            self._give_up_if_hopeless()
            if time.monotonic() > deadline:
                raise StartError(f"not ready after {READY_SECONDS_MAX:.0f} s: {self._wrong(wrong)}")
            time.sleep(TICK_SECONDS)

    def run_to_end(self, program: Program, seconds_max: float) -> None:
        """A program that must have done its work before the next ones start."""
        child = Child(program)
        deadline = time.monotonic() + seconds_max
        try:
            while child.exit_code is None and time.monotonic() < deadline:
                self.tick()
                if self._stop_wanted():
                    raise StopWanted
                time.sleep(TICK_SECONDS)
        finally:
            code = child.exit_code
            child.stop(STOP_SECONDS_MAX)
        if code != 0:
            words = "has not ended" if code is None else f"ended with exit code {code}"
            raise StartError(
                f"{program.name} {words}. The end of {program.log}:\n{child.last_words()}"
            )

    def keep(self) -> None:
        """Until somebody wants us to stop."""
        while not self._stop_wanted():
            self.tick()
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """From the edge inwards; each layer has its time, and is killed when that is over."""
        hurry = self._stop_wanted()
        for layer in sorted(Layer, reverse=True):
            wards = [ward for ward in self.wards if ward.care.layer == layer and ward.child]
            self._stop_together(wards, hurry)
        self._askers.shutdown(wait=False, cancel_futures=True)

    def _stop_together(self, wards: Sequence[Ward], hurry: int) -> None:
        children = [ward.child for ward in wards if ward.child]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while any(child.exit_code is None for child in children):
            # Asked once more, we wait no longer.
            if time.monotonic() > deadline or self._stop_wanted() > hurry:
                slow = [child for child in children if child.exit_code is None]
                names = ", ".join(child.program.name for child in slow)
                self._say(f"killing what did not stop in time: {names}")
                for child in slow:
                    child.kill()
                    child.process.wait()
            time.sleep(TICK_SECONDS)

    def _give_up_if_hopeless(self) -> None:
        for ward in self.wards:
            if not ward.healthy and ward.failures_in_a_row >= FAILURES_MAX:
                log = ward.care.program().log
                raise StartError(
                    f"{ward.care.name} ended {ward.failures_in_a_row} times in a row. "
                    f"The end of {log}:\n{last_lines(log)}"
                )

    def _wrong(self, also: str | None) -> str:
        unwell = [ward for ward in self.wards if not ward.healthy]
        words = [f"{ward.care.name} {ward.wrong or ward.state}" for ward in unwell]
        return "; ".join(words) or str(also)
