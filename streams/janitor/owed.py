"""The erasures that are still owed a tombstone, shown by whoever is the janitor."""

import time
from datetime import timedelta

from schemas import metrics
from streams.janitor.tables import Tables
from streams.process import Worker

LOOK_SECONDS = 5.0
RESTS_A_LOOK = 20  # Of thousands, they are counted more rarely.


class Owed:
    def __init__(self, worker: Worker, tables: Tables) -> None:
        self._worker = worker
        self._tables = tables
        self._look_at = 0.0
        self.forget()

    async def look(self) -> None:
        """Looks if it is time for it."""
        began = time.monotonic()
        if began < self._look_at:
            return
        owed = await self._tables.still_owed()
        now = time.monotonic()
        self._look_at = now + max(LOOK_SECONDS, (now - began) * RESTS_A_LOOK)
        oldest = self._worker.now() - owed.first_at if owed.first_at else timedelta()
        meters = self._worker.meters
        meters.show_only(metrics.JANITOR_OWED, {(): owed.cases})
        # By a clock that was set back, an order may lie in the future.
        seconds = max(oldest.total_seconds(), 0.0)
        meters.show_only(metrics.JANITOR_OWED_SECONDS, {(): seconds})

    def forget(self) -> None:
        """Another is the janitor: two must not show the same."""
        self._look_at = 0.0
        for metric in (metrics.JANITOR_OWED, metrics.JANITOR_OWED_SECONDS):
            self._worker.meters.show_only(metric, {})
