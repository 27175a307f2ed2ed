"""Notices of cases, decided by the core and appended to the log."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from aiokafka.structs import RecordMetadata

from schemas import logs, metrics
from schemas.codec import decode_fact, encode, headers
from schemas.exposition import Meters
from schemas.facts import Breached, Escalated, Notice, PauseEnded, Warned
from schemas.topics import CASE_FACTS, partition_of
from schemas.vocabulary import CaseId
from streams.core.case import Positioned
from streams.core.firing import Reach
from streams.core.fold import fold
from streams.core.notices import notices_due
from streams.kafka import Log
from streams.sla_timer.projection import RawHistory

INCIDENTS_REMEMBERED_MAX = 10_000
_SAID: Mapping[type[Notice], str] = {
    Warned: "warned",
    Breached: "breached",
    Escalated: "escalated",
    PauseEnded: "pause-ended",
}
_log = logs.logger()


class Announcer:
    """Appends what is owed; what it gives back the broker has acknowledged."""

    def __init__(self, log: Log, meters: Meters, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._meters = meters
        self._clock = clock
        self._incidents: set[CaseId] = set()

    async def announce(
        self, histories: Mapping[CaseId, RawHistory], reaches: Mapping[CaseId, Reach], now: datetime
    ) -> Mapping[CaseId, int]:
        """The log offset of the last notice of each case that one was owed for."""
        owed = sorted(
            (
                notice
                for case_id, history in histories.items()
                for notice in self._owed(case_id, history, reaches[case_id], now)
            ),
            key=lambda notice: notice.due_at,
        )
        # Handed over in order: of one case a breach never comes before its warning.
        sent = [await self._sent(notice) for notice in owed]
        acknowledged = await asyncio.gather(*sent)
        for notice in owed:
            self._count(notice)
        return {one.case_id: ack.offset for one, ack in zip(owed, acknowledged, strict=True)}

    def _owed(
        self, case_id: CaseId, history: RawHistory, reach: Reach, now: datetime
    ) -> tuple[Notice, ...]:
        """One case that cannot be reasoned about never stops the others."""
        try:
            return _owed(case_id, history, reach, now)
        except Exception as error:  # noqa: BLE001  # the one boundary around the pure call
            if case_id not in self._incidents and len(self._incidents) < INCIDENTS_REMEMBERED_MAX:
                self._incidents.add(case_id)
                _log.error("incident", case_id=case_id, error=type(error).__name__)
            return ()

    async def _sent(self, notice: Notice) -> "asyncio.Future[RecordMetadata]":
        return await self._log.send(
            CASE_FACTS,
            key=notice.case_id.encode(),
            value=encode(notice),
            partition=partition_of(notice.case_id),
            headers=headers(
                notice.type,
                event_id=notice.fact_id,
                subject=notice.case_id,
                source="peygir/sla-timer",
                at=notice.recorded_at,
            ),
        )

    def _count(self, notice: Notice) -> None:
        clock = "all" if isinstance(notice, PauseEnded) else notice.clock
        self._meters.count(metrics.TIMER_NOTICES, clock, _SAID[type(notice)])
        late = self._clock() - notice.due_at
        self._meters.observe(metrics.TIMER_LATENESS_SECONDS, late.total_seconds())


def _owed(case_id: CaseId, history: RawHistory, reach: Reach, now: datetime) -> tuple[Notice, ...]:
    facts = (Positioned(offset=offset, fact=decode_fact(fact)) for offset, fact in history)
    return notices_due(
        fold(case_id, facts), up_to=reach.up_to, now=now, confirmed_to=reach.confirmed_to
    )
