"""The promises that are open now, counted in the projection now and then, by the accountant."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product

import asyncpg

from schemas import city_metrics, logs
from schemas.city_metrics import DUE_WITHIN, OPEN_STATES
from schemas.vocabulary import PRIORITIES
from streams import postgres
from streams.accountant.ledger import ROLE
from streams.process import Worker

# One at a time, and a twentieth of one core at most, however many clocks are open.
RESTS_A_LOOK = 20
RENEWALS_A_LEASE = 3
SESSION = {
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "work_mem": "64MB",
    # There are a few hundred groups; the planner expects more, and would sort all rows for them.
    "enable_sort": "off",
}

# From the open cases, which have an index of their own: those of ten years are not read.
OPEN = """
select cases.municipality, cases.department, cases.priority,
    case
        when clocks.state in ('paused', 'linked') then clocks.state
        when clocks.deadline < $1 then 'overdue'
        else 'running'
    end as state,
    case
        when clocks.deadline <= $1 + interval '1 hour' then '1h'
        when clocks.deadline <= $1 + interval '4 hours' then '4h'
        when clocks.deadline <= $1 + interval '24 hours' then '24h'
        else 'later'
    end as within,
    count(*) as promises
from cases join clocks on clocks.case_id = cases.case_id
where cases.state not in ('resolved', 'closed') and not cases.historical
and cases.department is not null and cases.priority is not null
and clocks.state in ('running', 'paused', 'breached', 'linked')
group by 1, 2, 3, 4, 5
"""

# Whoever claimed it last: it is shown on while a slow turn delays the next claim.
OURS = "select owner = $2 from desk.leases where role = $1 and log_partition = 0"

_log = logs.logger()
Series = Mapping[tuple[str, ...], float]


class OpenPromises:
    """Shown by whoever is the accountant, and by nobody else."""

    def __init__(self, worker: Worker, connection: asyncpg.Connection) -> None:
        self._worker = worker
        self._connection = connection
        self._whose: frozenset[tuple[str, str]] = frozenset()
        self._look_at = 0.0

    async def work(self) -> None:
        """Until the worker is asked to stop. Raises `AwayError`."""
        settings = self._worker.settings
        while not self._worker.stopping.is_set():
            if not await self._ours():
                self.forget()
                self._look_at = 0.0
            elif time.monotonic() >= self._look_at:
                took = await self.look(self._worker.now())
                rest = max(settings.open_promises_seconds, took * RESTS_A_LOOK)
                self._look_at = time.monotonic() + rest
            tick = min(settings.open_promises_seconds, settings.lease_seconds / RENEWALS_A_LEASE)
            await self._worker.rest(tick)
        self.forget()

    async def look(self, now: datetime) -> float:
        """Counts and shows; gives how many seconds that took."""
        began = time.monotonic()
        rows = await self._rows(now)
        took = time.monotonic() - began
        self._worker.meters.observe(city_metrics.SLA_LOOK_SECONDS, took)
        if rows is None:
            self.forget()
        else:
            self._show(rows)
        return took

    def forget(self) -> None:
        """Another may be the accountant: two must not show the same promises."""
        self._whose = frozenset()
        for metric in (city_metrics.SLA_OPEN, city_metrics.SLA_DUE):
            self._worker.meters.show_only(metric, {})

    async def _ours(self) -> bool:
        with postgres.away():
            owner = self._worker.settings.instance
            return bool(await self._connection.fetchval(OURS, ROLE, owner))

    async def _rows(self, now: datetime) -> list[asyncpg.Record] | None:
        with postgres.away():
            try:
                return await self._connection.fetch(OPEN, now)
            except asyncpg.QueryCanceledError:
                # The accounting goes on without these figures.
                _log.warning("open promises were not counted", reason="it took too long")
                return None

    def _show(self, rows: Iterable[asyncpg.Record]) -> None:
        by_state, by_time = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
        for row in rows:
            whose = (row["municipality"], row["department"], row["priority"])
            by_state[(*whose, row["state"])] += row["promises"]
            if row["state"] == "running":
                by_time[(*whose, row["within"])] += row["promises"]
        # Whoever had open promises once is shown with none, too.
        self._whose |= {(municipality, department) for municipality, department, *_ in by_state}
        self._worker.meters.show_only(city_metrics.SLA_OPEN, self._all(OPEN_STATES, by_state))
        self._worker.meters.show_only(city_metrics.SLA_DUE, self._all(DUE_WITHIN, by_time))

    def _all(self, last: tuple[str, ...], counted: Counter[tuple[str, ...]]) -> Series:
        return {
            series: counted[series]
            for whose in self._whose
            for series in ((*whose, *rest) for rest in product(PRIORITIES, last))
        }
