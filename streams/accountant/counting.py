"""What is open now, counted in the projection now and then, by the accountant at work."""

import time
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from schemas import city_metrics, logs
from streams import postgres
from streams.accountant.cases import CASES, cases_shown
from streams.accountant.cities import Cities
from streams.accountant.promises import PROMISES, promises_shown
from streams.accountant.showing import keep_shown
from streams.process import Worker

SESSION = {
    # One question at a time, by one process of Postgres.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "work_mem": "64MB",
    # There are a few hundred groups; the planner expects more, and would sort all rows for them.
    "enable_sort": "off",
}
SHOWN = (
    city_metrics.CASES_OPEN,
    city_metrics.CASES_OLDEST,
    city_metrics.CASES_WAITING,
    city_metrics.CASES_AT_CENTRE,
    city_metrics.SLA_OPEN,
    city_metrics.SLA_DUE,
)

_log = logs.logger()


class Counting:
    """Shown by whoever is the accountant, and by nobody else."""

    def __init__(self, worker: Worker, connection: asyncpg.Connection, cities: Cities) -> None:
        self._worker = worker
        self._connection = connection
        self._cities = cities
        self._whose: frozenset[tuple[str, str]] = frozenset()

    async def work(self) -> None:
        """Until the worker is asked to stop. Raises `AwayError`."""
        every = self._worker.settings.open_promises_seconds
        await keep_shown(self, self._worker, self._connection, every_seconds=every)

    async def look(self) -> float:
        """Counts and shows; gives how many seconds that took."""
        await self._cities.read()
        now, began = self._worker.now(), time.monotonic()
        cases, promises = await self._rows(CASES), await self._rows(PROMISES, now)
        took = time.monotonic() - began
        self._worker.meters.observe(city_metrics.SLA_LOOK_SECONDS, took)
        if cases is None or promises is None:
            self.forget()
        else:
            self._show(cases, promises, now)
        return took

    def forget(self) -> None:
        self._whose = frozenset()
        for metric in SHOWN:
            self._worker.meters.show_only(metric, {})

    async def _rows(self, question: str, *given: object) -> list[asyncpg.Record] | None:
        with postgres.away():
            try:
                return await self._connection.fetch(question, *given)
            except asyncpg.QueryCanceledError:
                # The accounting goes on without these figures.
                _log.warning("what is open was not counted", reason="it took too long")
                return None

    def _show(
        self, cases: Sequence[asyncpg.Record], promises: Sequence[asyncpg.Record], now: datetime
    ) -> None:
        at_work = self._cities.at_work(now)
        # Whoever had something open once is shown with none, too.
        self._whose |= {(row["municipality"], row["department"]) for row in (*cases, *promises)}
        whose = self._whose | {
            (city.municipality, one) for city in at_work for one in city.departments
        }
        shown = {**cases_shown(cases, whose, at_work), **promises_shown(promises, whose)}
        for metric in SHOWN:
            self._worker.meters.show_only(metric, shown[metric.name])
