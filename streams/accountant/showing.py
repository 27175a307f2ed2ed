"""What is only shown: looked at now and then, by the accountant at work and by nobody else."""

import time
from typing import Protocol

import asyncpg

from streams.accountant.ledger import at_work
from streams.process import Worker

# A twentieth of one core of Postgres at most, however much there is to look at.
RESTS_A_LOOK = 20
RENEWALS_A_LEASE = 3


class Shown(Protocol):
    async def look(self) -> float:
        """Shows how it is; gives how many seconds Postgres needed for it. Raises `AwayError`."""
        ...

    def forget(self) -> None:
        """Another may be the accountant: two must not show the same."""
        ...


async def keep_shown(
    shown: Shown, worker: Worker, connection: asyncpg.Connection, *, every_seconds: float
) -> None:
    """Until the worker is asked to stop. Raises `AwayError`."""
    settings = worker.settings
    tick = min(every_seconds, settings.lease_seconds / RENEWALS_A_LEASE)
    look_at = 0.0
    try:
        while not worker.stopping.is_set():
            if not await at_work(connection, settings.instance):
                shown.forget()
                look_at = 0.0
            elif time.monotonic() >= look_at:
                rest = await shown.look() * RESTS_A_LOOK
                look_at = time.monotonic() + max(every_seconds, rest)
            await worker.rest(tick)
    finally:
        shown.forget()
