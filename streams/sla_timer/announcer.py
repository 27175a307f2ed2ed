"""Notices of cases, decided by the core and appended to the log."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from aiokafka.structs import RecordMetadata

from schemas import logs, metrics
from schemas.codec import decode_fact, encode, headers
from schemas.exposition import Meters
from schemas.notices import Breached, Escalated, Notice, PauseEnded, Undisputed, Warned
from schemas.topics import CASE_FACTS, partition_of
from schemas.tracing import NO_SPAN, UNTRACED, Span, Tracer
from schemas.vocabulary import CaseId, FactId
from streams.core.case import Positioned
from streams.core.firing import Reach
from streams.core.fold import fold
from streams.core.notices import notices_due
from streams.core.terms import AllTerms, versions_named
from streams.kafka import Log
from streams.policies import Book
from streams.sla_timer.projection import RawHistory

INCIDENTS_REMEMBERED_MAX = 10_000
# The broker has to acknowledge all of them within its time, however many are owed.
SENT_AT_ONCE_MAX = 500
_SAID: Mapping[type[Notice], str] = {
    Warned: "warned",
    Breached: "breached",
    Escalated: "escalated",
    PauseEnded: "pause-ended",
    Undisputed: "undisputed",
}
_log = logs.logger()


T = TypeVar("T")
History = Sequence[Positioned]


class Announcer:
    """Appends what is owed; what it gives back the broker has acknowledged."""

    def __init__(
        self,
        log: Log,
        book: Book,
        meters: Meters,
        clock: Callable[[], datetime],
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._log = log
        self._tracer = tracer
        self._book = book
        self._meters = meters
        self._clock = clock
        self._incidents: set[CaseId] = set()

    async def announce(
        self, histories: Mapping[CaseId, RawHistory], reaches: Mapping[CaseId, Reach], now: datetime
    ) -> Mapping[CaseId, int]:
        """The log offset of the last notice of each case that one was owed for."""
        read = {case_id: self._tried(case_id, _read, raw) for case_id, raw in histories.items()}
        terms = await self._terms(read.values())
        owed: list[Notice] = []
        for case_id, history in read.items():
            if history is not None:
                owed += self._tried(case_id, _owed, history, terms, reaches[case_id], now) or ()
        owed.sort(key=lambda notice: notice.due_at)
        since = {one.fact_id: _owed_since(one, read[one.case_id] or ()) for one in owed}
        return await self._append(owed, since)

    async def _terms(self, histories: Iterable[History | None]) -> AllTerms:
        facts = (one.fact for history in histories for one in history or ())
        return await self._book.knowing(versions_named(facts))

    def _tried(self, case_id: CaseId, reason: Callable[..., T], *given: object) -> T | None:
        """One case that cannot be reasoned about never stops the others."""
        try:
            return reason(case_id, *given)
        except Exception as error:  # noqa: BLE001  # the one boundary around the pure calls
            if case_id not in self._incidents and len(self._incidents) < INCIDENTS_REMEMBERED_MAX:
                self._incidents.add(case_id)
                _log.error("incident", case_id=case_id, error=type(error).__name__)
            return None

    async def _append(
        self, owed: Sequence[Notice], since: Mapping[FactId, datetime]
    ) -> Mapping[CaseId, int]:
        """Handed over in order: of one case a breach never comes before its warning."""
        offsets: dict[CaseId, int] = {}
        for first in range(0, len(owed), SENT_AT_ONCE_MAX):
            some = owed[first : first + SENT_AT_ONCE_MAX]
            spans = [self._span(notice) for notice in some]
            sent = [await self._sent(*one) for one in zip(some, spans, strict=True)]
            placed = await asyncio.gather(*sent)
            for notice, span, acknowledged in zip(some, spans, placed, strict=True):
                offsets[notice.case_id] = acknowledged.offset
                span.end()
                self._count(notice, since[notice.fact_id], span.trace_id)
        return offsets

    def _span(self, notice: Notice) -> Span:
        """The first of a trace: what is due now follows from what was promised long ago."""
        if not self._tracer.on:
            return NO_SPAN
        attributes = {"peygir.case_id": notice.case_id, "peygir.fact": notice.type}
        return self._tracer.begin(f"send {CASE_FACTS}", "producer", attributes=attributes)

    async def _sent(self, notice: Notice, span: Span) -> "asyncio.Future[RecordMetadata]":
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
                trace=span.onward,
            ),
        )

    def _count(self, notice: Notice, since: datetime, trace: str | None) -> None:
        clock = "all" if isinstance(notice, PauseEnded | Undisputed) else notice.clock
        self._meters.count(metrics.TIMER_NOTICES, clock, _SAID[type(notice)])
        late = self._clock() - since
        self._meters.observe(metrics.TIMER_LATENESS_SECONDS, late.total_seconds(), trace=trace)


def _owed_since(notice: Notice, history: History) -> datetime:
    """When it was due, or when a deadline was set that had passed: before, nobody owed it."""
    set_at = (one.fact.recorded_at for one in history if one.fact.fact_id == notice.cause)
    return max((notice.due_at, *set_at))


def _read(_: CaseId, history: RawHistory) -> History:
    return [Positioned(offset=offset, fact=decode_fact(fact)) for offset, fact in history]


def _owed(
    case_id: CaseId, history: History, terms: AllTerms, reach: Reach, now: datetime
) -> tuple[Notice, ...]:
    case = fold(case_id, history, terms)
    return notices_due(case, up_to=reach.up_to, now=now, confirmed_to=reach.confirmed_to)
