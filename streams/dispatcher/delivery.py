"""Deliveries to one department's topic, in order; what it does not take waits for its next try."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from aiokafka.structs import RecordMetadata

from schemas import logs
from schemas.codec import UndecodableError, encode, headers
from schemas.deliveries import Delivery
from schemas.messages import Submission
from schemas.tracing import NO_SPAN, UNTRACED, Span, Tracer
from schemas.vocabulary import CaseId, PolicyVersion
from streams.core.decide import curtailed
from streams.core.terms import NO_TERMS, AllTerms, UnknownTermsError
from streams.dispatcher.compose import Owed, compose, cut, may_be_known
from streams.dispatcher.outbox import Item, Parked, Untold
from streams.dispatcher.parts import UnopenedError, part
from streams.kafka import Log, NoTopicError, TooLargeError
from streams.policies import Book

RETRY_SECONDS_MIN = 0.5
RETRY_SECONDS_MAX = 30.0
DOUBLINGS_MAX = 10
WAITS = "an earlier delivery of this case is not there yet"
INCIDENT = "the delivery could not be composed"

_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """An item that was handed over, and what tells whether it has arrived."""

    item: Item
    recorded_at: datetime
    span: Span
    acknowledgement: "asyncio.Future[RecordMetadata]"


@dataclass(slots=True)
class Outcome:
    """What became of a topic's items."""

    brought: list[Sent] = field(default_factory=list[Sent])
    parked: list[Parked] = field(default_factory=list[Parked])
    untold: list[Untold] = field(default_factory=list[Untold])


class Post:
    """The way into the departments' topics. Raises `AwayError` when the broker is away."""

    def __init__(
        self,
        log: Log,
        book: Book,
        *,
        restored_at: datetime | None = None,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._log = log
        self._tracer = tracer
        self._book = book
        self._terms = NO_TERMS
        self._restored_at = restored_at
        self._failing: set[str] = set()

    async def deliver(self, topic: str, items: Sequence[Item]) -> Outcome:
        """Hands all over in the order of the log, then awaits each acknowledgement."""
        outcome = Outcome()
        sent: list[Sent] = []
        behind: set[CaseId] = set()
        absent: str | None = None
        for item in self._to_be_told(items, outcome):
            if item.waits or item.owed.case_id in behind:
                outcome.parked.append(_waiting(item))
                continue
            try:
                sent.append(await self._handed_over(topic, item, absent))
            except NoTopicError as error:
                absent = str(error)
                outcome.parked.append(_failed(item, absent))
                behind.add(item.owed.case_id)
            except (TooLargeError, _UncomposedError) as error:
                outcome.parked.append(_failed(item, str(error)))
                behind.add(item.owed.case_id)
        await _acknowledged(sent, outcome)
        self._say(topic, outcome)
        return outcome

    def _to_be_told(self, items: Sequence[Item], outcome: Outcome) -> Iterator[Item]:
        """Without those that may have been told before a restore."""
        for item in items:
            known = _known(item, self._restored_at)
            if known is None:
                yield item
            else:
                outcome.untold.append(Untold(item=item, delivery_id=known))
                _log.warning("not sent, unknown since the restore", delivery=known)

    async def _handed_over(self, topic: str, item: Item, absent: str | None) -> Sent:
        """Asks no more for a topic that this round has found absent."""
        if absent is not None:
            raise NoTopicError(absent)
        outbound = await self._composed(item)
        span = self._span(topic, item)
        try:
            acknowledgement = await self._send(topic, outbound, span)
        except TooLargeError:
            acknowledgement = await self._send(topic, outbound.cut(), span)
        return Sent(item, outbound.recorded_at, span, acknowledgement)

    def _span(self, topic: str, item: Item) -> Span:
        if not self._tracer.on:
            return NO_SPAN
        return self._tracer.follow(
            item.owed.trace,
            f"send {topic}",
            "producer",
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": topic,
                "peygir.case_id": item.owed.case_id,
                "peygir.delivery": item.owed.kind,
            },
        )

    async def _composed(self, item: Item) -> "_Outbound":
        """What to send, after a look for a policy that it rests on and that is not at hand."""
        try:
            return _composed(item, self._terms)
        except UnknownTermsError as error:
            missing = PolicyVersion(str(error))
        self._terms = await self._book.knowing([missing])
        try:
            return _composed(item, self._terms)
        except UnknownTermsError as error:
            raise _UncomposedError(f"the policy {error} is not published") from error

    async def _send(
        self, topic: str, outbound: "_Outbound", span: Span
    ) -> "asyncio.Future[RecordMetadata]":
        return await self._log.send(
            topic,
            # The parts of a case lie in the order in which it was split.
            key=outbound.case_id.encode(),
            value=encode(outbound.message),
            headers=headers(
                outbound.message.type,
                event_id=outbound.name,
                subject=outbound.case_id,
                source="peygir/dispatcher",
                at=outbound.recorded_at,
                trace=span.onward,
            ),
        )

    def _say(self, topic: str, outcome: Outcome) -> None:
        """Once when a topic begins to fail, once when it takes deliveries again."""
        failed = next((one for one in outcome.parked if one.tried), None)
        if failed is not None and topic not in self._failing:
            self._failing.add(topic)
            case_id = failed.item.owed.case_id
            _log.error("not delivered", topic=topic, case_id=case_id, reason=failed.reason)
        elif failed is None and outcome.brought and topic in self._failing:
            self._failing.discard(topic)
            _log.info("deliveries are taken again", topic=topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outbound:
    """What goes into a topic: by what name, and of which fact's moment."""

    name: str
    case_id: CaseId
    recorded_at: datetime
    message: Delivery | Submission

    def cut(self) -> "_Outbound":
        if isinstance(self.message, Delivery):
            return replace(self, message=cut(self.message))
        return replace(self, message=curtailed(self.message))


class _UncomposedError(ValueError):
    """Our own reasoning failed on a delivery, or what it is made of cannot be opened."""


def _composed(item: Item, terms: AllTerms) -> _Outbound:
    """One delivery that cannot be composed never stops the others. Raises `UnknownTermsError`."""
    try:
        return _outbound(item.owed, terms)
    except UnknownTermsError:
        raise
    except UnopenedError as error:
        raise _UncomposedError(str(error)) from error
    except Exception as error:  # noqa: BLE001  # the one boundary around the pure call
        # The error's own words may be the citizen's.
        raise _UncomposedError(f"{INCIDENT}: {type(error).__name__}") from None


def _outbound(owed: Owed, terms: AllTerms) -> _Outbound:
    if owed.kind == "part":
        split, said = part(owed, terms)
        return _Outbound(
            name=said.reference, case_id=owed.case_id, recorded_at=split.recorded_at, message=said
        )
    told = compose(owed, terms)
    return _Outbound(
        name=told.delivery_id, case_id=owed.case_id, recorded_at=told.recorded_at, message=told
    )


def _known(item: Item, restored_at: datetime | None) -> str | None:
    try:
        return may_be_known(item.owed, restored_at)
    except UndecodableError:
        return None  # It is parked, with the reason, when it is composed.


async def _acknowledged(sent: Iterable[Sent], outcome: Outcome) -> None:
    for one in sent:
        try:
            await one.acknowledgement
        except (NoTopicError, TooLargeError) as error:
            one.span.end(failed=True)
            outcome.parked.append(_failed(one.item, str(error)))
        else:
            one.span.end()
            outcome.brought.append(one)


def _waiting(item: Item) -> Parked:
    return Parked(item=item, attempts=item.attempts or 0, wait_seconds=0, reason=WAITS)


def _failed(item: Item, reason: str) -> Parked:
    attempts = (item.attempts or 0) + 1
    wait = RETRY_SECONDS_MIN * 2 ** min(attempts - 1, DOUBLINGS_MAX)
    return Parked(
        item=item, attempts=attempts, wait_seconds=min(wait, RETRY_SECONDS_MAX), reason=reason
    )
