"""What a router writes: keys, facts and dead letters, each acknowledged before it returns."""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas import logs, metrics, sealing
from schemas.codec import encode, headers
from schemas.exposition import Meters
from schemas.fact_parts import Source
from schemas.facts import Fact
from schemas.messages import DeadLetter, Key
from schemas.topics import CASE_FACTS, DEAD_LETTERS, KEYRING, LOG_PARTITIONS, partition_of
from schemas.trace_context import TraceParent
from schemas.tracing import UNTRACED, Tracer
from schemas.vocabulary import DeadLetterKind
from streams.kafka import Log, TooLargeError

PAYLOAD_CUT_BYTES = 64 * 1024
_log = logs.logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A record of an inbox; `at` is the broker's time of it."""

    source: Source
    at: datetime
    value: bytes
    key: bytes | None = None
    trace: TraceParent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """The way out of a router worker. What the world fails to do is raised as `AwayError`."""

    log: Log
    master_key: bytes
    meters: Meters
    processor: str
    now: Callable[[], datetime]
    tracer: Tracer = UNTRACED

    async def append(self, incoming: Incoming, *facts: Fact) -> None:
        """Appends what came of it, facts of one case, in this order. Raises `TooLargeError`."""
        span = self.tracer.follow(incoming.trace, f"send {CASE_FACTS}", "producer")
        try:
            await self._append(span.onward, facts)
        finally:
            span.end(attributes={"peygir.case_id": facts[0].case_id, "peygir.facts": len(facts)})
        self.meters.count(metrics.ROUTER_MESSAGES, self.processor, "appended")

    async def _append(self, trace: TraceParent | None, facts: Sequence[Fact]) -> None:
        sent = [
            await self.log.send(
                CASE_FACTS,
                key=fact.case_id.encode(),
                value=encode(fact),
                partition=partition_of(fact.case_id),
                headers=headers(
                    fact.type,
                    event_id=fact.fact_id,
                    subject=fact.case_id,
                    source=f"peygir/{self.processor}",
                    at=fact.recorded_at,
                    trace=trace,
                ),
            )
            for fact in facts
        ]
        await asyncio.gather(*sent)

    async def keep_key(self, key: Key) -> None:
        """Puts a key on the ring: before the fact that is sealed with it."""
        await self.log.append(
            KEYRING,
            key=f"{key.case_id}/{key.kid}".encode(),
            value=encode(key),
            partition=partition_of(key.case_id),
        )

    async def set_aside(self, incoming: Incoming, kind: DeadLetterKind, reason: str) -> None:
        """Keeps a message, sealed, with the reason; one too large for that is kept in part."""
        try:
            await self._set_aside(incoming, incoming.value, kind, reason)
        except TooLargeError:
            words = "all of it is in the inbox, as long as that keeps it"
            cut = f"{reason} (the first {PAYLOAD_CUT_BYTES} bytes; {words})"
            await self._set_aside(incoming, incoming.value[:PAYLOAD_CUT_BYTES], kind, cut)
        self.meters.count(metrics.DEAD_LETTERS, self.processor, kind)
        self.meters.count(metrics.ROUTER_MESSAGES, self.processor, "set_aside")
        _log.warning("set aside", source=place(incoming.source), kind=kind, reason=reason)

    async def _set_aside(
        self, incoming: Incoming, payload: bytes, kind: DeadLetterKind, reason: str
    ) -> None:
        where = place(incoming.source)
        letter = DeadLetter(
            source=incoming.source,
            recorded_at=incoming.at,
            set_aside_at=self.now(),
            reason=reason,
            kind=kind,
            payload=sealing.seal_alone(
                payload, master=self.master_key, bound_to=f"dead-letter/{where}"
            ),
        )
        await self.log.append(
            DEAD_LETTERS,
            key=where.encode(),
            value=encode(letter),
            partition=zlib.crc32(where.encode()) % LOG_PARTITIONS,
            headers=headers(
                letter.type,
                event_id=where,
                subject=where,
                source=f"peygir/{self.processor}",
                at=letter.set_aside_at,
                trace=incoming.trace if self.tracer.on else None,
            ),
        )


def place(source: Source) -> str:
    """A source in one word, as operators name it."""
    return f"{source.inbox}/{source.generation}/{source.partition}/{source.offset}"
