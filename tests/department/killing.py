"""A department's process, killed at random moments while its deliveries arrive, and what it did."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

from schemas.deliveries import Delivery
from tests.department.laid import delivery, laying, make_topics

DELIVERIES, CASES = 2_000, 500
BATCH = 50
AGAIN_SHARE = 0.05  # The dispatcher repeats what it is not sure of.
PAUSE_SECONDS = 0.05
# How long it may have worked when it is killed.
WORK_SECONDS = 0.25
DONE_SECONDS_MAX, KILL_SECONDS_MAX = 60.0, 15.0
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Trial:
    """One department, and what is wrong with what was handled at the end."""

    kafka: str
    folder: Path
    which: str = "honest"
    deliveries: int = DELIVERIES
    laid: int = 0
    kills: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def database(self) -> Path:
        return self.folder / "work.db"

    def run(self, kills: int, chance: Random) -> None:
        began = time.monotonic()
        name = f"killed-{self.which}-{self.folder.name}".replace("_", "-")
        topic = make_topics(self.kafka, name)
        sender = threading.Thread(target=self._send, args=(topic, chance, kills))
        child = self._start(name)
        try:
            sender.start()
            while self.kills < kills or sender.is_alive() or not self._done():
                if time.monotonic() - began > DONE_SECONDS_MAX + KILL_SECONDS_MAX * kills:
                    self.wrong.append("it does not come to an end")
                    break
                if child.poll() is not None:
                    child = self._start(name)
                elif self.kills < kills and self._moves():
                    time.sleep(chance.uniform(0.0, WORK_SECONDS))
                    child.kill()
                    child.wait()
                    self.kills += 1
                    child = self._start(name)
                time.sleep(0.02)
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)
            sender.join()
        self.wrong += self._faults()
        self.seconds = time.monotonic() - began

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        arguments = [self.kafka, name, str(self.database), self.which]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.department.working", *arguments], cwd=ROOT
        )

    def _send(self, topic: str, chance: Random, kills: int) -> None:
        """Some come again. It does not run ahead of the kills, so that each finds work to do."""
        batches = self.deliveries // BATCH
        with laying(self.kafka, topic) as lay:
            for number in range(batches):
                while self.kills < number * kills // batches and not self.wrong:
                    time.sleep(0.02)
                batch = [self._one(number * BATCH + one) for one in range(BATCH)]
                again = [one for one in batch if chance.random() < AGAIN_SHARE]
                lay([*batch, *again])
                self.laid += len(batch) + len(again)
                time.sleep(PAUSE_SECONDS)

    def _one(self, number: int) -> Delivery:
        return delivery(number, f"c-{number % CASES}")

    def _rows(self, query: str) -> list[tuple[str, str, int]]:
        if not self.database.exists():
            return []
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError:
                return []  # Its process has not made the table yet.

    def _count(self) -> int:
        return len(self._rows("select distinct delivery_id, '', 0 from handled"))

    def _moves(self) -> bool:
        """Whether it handles something just now."""
        before, end = self._count(), time.monotonic() + 10
        while time.monotonic() < end:
            if self._count() > before:
                return True
            time.sleep(0.01)
        return False

    def _done(self) -> bool:
        """Whether it has read all; one that loses something has not handled all by then."""
        found = self._rows("select '', '', topic_offset from department_position")
        return bool(found) and found[0][2] >= self.laid

    def _faults(self) -> list[str]:
        rows = self._rows("select delivery_id, case_id, version from handled order by place")
        times = Counter(delivery_id for delivery_id, _, _ in rows)
        lost = self.deliveries - len(times)
        twice = sum(1 for count in times.values() if count > 1)
        by_case: dict[str, list[int]] = {}
        for _, case_id, version in rows:
            by_case.setdefault(case_id, []).append(version)
        disordered = sum(
            any(later < earlier for earlier, later in pairwise(versions))
            for versions in by_case.values()
        )
        found = {"lost": lost, "handled twice": twice, "cases out of order": disordered}
        return [f"{count} {what}" for what, count in found.items() if count]
