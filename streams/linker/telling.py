"""Reports of the linker's, put into the desk's inbox like those of anybody who links two cases."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from aiokafka.structs import RecordMetadata

from schemas.codec import encode, headers
from schemas.messages import ProgressReport
from schemas.topics import PROGRESS_DESK
from schemas.tracing import NO_SPAN, UNTRACED, Span, Tracer
from schemas.vocabulary import Author, CaseId
from streams.core.duplicates import Again, Compared
from streams.kafka import Log

LINKER = Author("linker")


def report(case: Compared, again: Again) -> ProgressReport:
    """What is said once of a case, whatever it follows.

    So a repetition changes nothing, and what a person has taken apart stays apart.
    """
    return ProgressReport(
        case_id=case.case_id,
        did="linked",
        reference=case.case_id,
        municipality=case.municipality,
        author=LINKER,
        role="operator",
        parent=again.parent,
        parent_recorded_at=again.parent_recorded_at,
        because=again.because,
    )


class Telling:
    def __init__(self, log: Log, tracer: Tracer = UNTRACED) -> None:
        self._log = log
        self._tracer = tracer

    async def tell(self, links: Mapping[Compared, Again], now: datetime) -> None:
        """Returns when the broker has them all."""
        spans = [self._span(case) for case in links]
        sent = [
            await self._sent(report(case, again), span, now)
            for (case, again), span in zip(links.items(), spans, strict=True)
        ]
        await asyncio.gather(*sent)
        for span in spans:
            span.end()

    def _span(self, case: Compared) -> Span:
        """The first of a trace: that two are the same follows from neither of them."""
        if not self._tracer.on:
            return NO_SPAN
        attributes = {"peygir.case_id": case.case_id}
        return self._tracer.begin(f"send {PROGRESS_DESK}", "producer", attributes=attributes)

    async def _sent(
        self, said: ProgressReport, span: Span, now: datetime
    ) -> "asyncio.Future[RecordMetadata]":
        return await self._log.send(
            PROGRESS_DESK,
            key=said.case_id.encode(),
            value=encode(said),
            headers=headers(
                said.type,
                event_id=f"{said.author}/{said.reference}/{said.did}",
                subject=said.case_id,
                source="peygir/linker",
                at=now,
                trace=span.onward,
            ),
        )


class Told:
    """What follows what, as it was told and may not stand in the projection yet."""

    def __init__(self) -> None:
        self.known: dict[CaseId, CaseId] = {}
        self._at: dict[CaseId, datetime] = {}

    def add(self, case_id: CaseId, parent: CaseId, now: datetime) -> None:
        self.known[case_id] = parent
        self._at[case_id] = now

    def forget(self, *, before: datetime) -> None:
        """By then it stands in the projection, or somebody has taken it apart."""
        for case_id in [one for one, at in self._at.items() if at < before]:
            self.known.pop(case_id)
            self._at.pop(case_id)
