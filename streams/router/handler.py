"""One message of an inbox, carried into the log: read, decide, seal, append."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from schemas import logs, metrics, scrubbing
from schemas.codec import UndecodableError, decode, decode_desk
from schemas.exposition import Meters
from schemas.messages import (
    DeadlineOrder,
    Erasure,
    ImportedCase,
    ProgressReport,
    Repair,
    Submission,
)
from schemas.topics import ImportInbox, IntakeInbox, ProgressInbox
from schemas.vocabulary import Municipality, PolicyVersion
from streams.core.decide import Decision, admitted, curtailed, decide
from streams.core.importing import imported
from streams.core.in_force import Published
from streams.core.ordering import erased, ordered
from streams.core.refused import RefusedError
from streams.core.reporting import reported
from streams.kafka import TooLargeError
from streams.router import sealed
from streams.router.outlet import Incoming, Outlet, place
from streams.router.policies import Rulebook
from streams.router.sealed import Keys

TOO_LARGE = "the message was too large for the log: it is cut here, whole among the dead letters"
INCIDENT = "the message could not be classified: a person has to read it"
NO_OUTCOME = "no decision came of it after several tries: a person has to read it"
T = TypeVar("T")
_log = logs.logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What every router worker does with a message, whichever inbox it lay in.

    When `handle` returns, the broker has acknowledged all that came of the message. What the
    world failed to do is raised: the message is then handled again.
    """

    outlet: Outlet
    rulebook: Rulebook
    keys: Keys
    meters: Meters

    async def handle(self, incoming: Incoming, *, to_centre: str | None = None) -> None:
        """Appends what the message becomes, or sets it aside with the reason."""
        match self.rulebook.rules.inboxes.get(incoming.source.inbox):
            case IntakeInbox() as inbox:
                await self._submission(incoming, inbox, to_centre)
            case ProgressInbox() as inbox:
                await self._or_set_aside(incoming, lambda: self._progress(incoming, inbox))
            case ImportInbox():
                await self._or_set_aside(incoming, lambda: self._import(incoming))
            case None:
                await self.outlet.set_aside(incoming, "refused", "no policy names this inbox")

    async def repair(self, incoming: Incoming) -> None:
        """Handles again what lay in another inbox, with its first source and time."""
        try:
            order = decode(incoming.value, Repair)
            value = base64.b64decode(order.payload, validate=True)
        except ValueError as error:  # An undecodable order is one too.
            await self.outlet.set_aside(incoming, "unreadable", str(error))
            return
        first = Incoming(
            source=order.source, at=order.recorded_at, value=value, trace=incoming.trace
        )
        await self.handle(first, to_centre=NO_OUTCOME if order.to_centre else None)

    async def _submission(
        self, incoming: Incoming, inbox: IntakeInbox, to_centre: str | None
    ) -> None:
        try:
            said = decode(incoming.value, Submission)
            rules = await self.rulebook.knowing(said.municipality)
            submission = admitted(said, inbox, rules.published, incoming.at)
        except UndecodableError as error:
            await self.outlet.set_aside(incoming, "unreadable", str(error))
        except RefusedError as error:
            await self.outlet.set_aside(incoming, "refused", str(error))
        else:
            await self._open(submission, incoming, rules.published, to_centre)

    async def _open(
        self,
        submission: Submission,
        incoming: Incoming,
        published: Published,
        to_centre: str | None,
    ) -> None:
        """Opens the case; what cannot be decided or kept whole goes to the 137 centre."""
        try:
            await self._append(submission, incoming, published, to_centre)
        except _UndecidedError:
            await self.outlet.set_aside(incoming, "incident", INCIDENT)
            await self._append_at_worst(submission, incoming, published, INCIDENT)
        except TooLargeError:
            await self.outlet.set_aside(incoming, "too-large", TOO_LARGE)
            self.meters.count(metrics.ROUTER_MESSAGES, self.outlet.processor, "curtailed")
            await self._append_at_worst(curtailed(submission), incoming, published, TOO_LARGE)

    async def _append_at_worst(
        self, submission: Submission, incoming: Incoming, published: Published, reason: str
    ) -> None:
        try:
            await self._append(submission, incoming, published, reason)
        except (_UndecidedError, TooLargeError):
            # It is among the dead letters already, where a person finds it.
            _log.error("not even the centre could be given it", source=place(incoming.source))

    async def _append(
        self,
        submission: Submission,
        incoming: Incoming,
        published: Published,
        to_centre: str | None,
    ) -> None:
        identity, key = sealed.of_submission(submission, self.keys)
        source, at = incoming.source, incoming.at
        decision = _reasoned(
            lambda: decide(submission, identity, source, at, published, to_centre=to_centre),
            incoming,
        )
        await self.outlet.keep_key(key)
        await self.outlet.append(incoming, decision.submitted, decision.routed)
        self.meters.count(metrics.ROUTING_DECISIONS, _decided_by(decision))

    async def _progress(self, incoming: Incoming, inbox: ProgressInbox) -> None:
        """Only our own desk may order anything; a department reports what it did."""
        if inbox.municipality is not None:
            report = decode(incoming.value, ProgressReport)
            await self._report(report, incoming, inbox, self.rulebook.rules.published)
            return
        match decode_desk(incoming.value):
            case ProgressReport() as report:
                published = await self._published(report.municipality)
                await self._report(report, incoming, inbox, published)
            case Erasure() as erasure:
                source, at = incoming.source, incoming.at
                fact = _reasoned(lambda: erased(erasure, source, at), incoming)
                await self.outlet.append(incoming, fact)
            case DeadlineOrder() as order:
                await self._order(order, incoming)

    async def _report(
        self,
        report: ProgressReport,
        incoming: Incoming,
        inbox: ProgressInbox,
        published: Published,
    ) -> None:
        note, key = sealed.of_report(report, self.keys)
        source, at = incoming.source, incoming.at
        fact = _reasoned(lambda: reported(report, inbox, source, at, note, published), incoming)
        if key is not None:
            await self.outlet.keep_key(key)
        await self.outlet.append(incoming, fact)

    async def _order(self, order: DeadlineOrder, incoming: Incoming) -> None:
        published = await self._published(order.municipality, order.policy_version)
        source, at = incoming.source, incoming.at
        facts = _reasoned(lambda: ordered(order, source, at, published), incoming)
        await self.outlet.append(incoming, *facts)

    async def _published(
        self, municipality: Municipality | None, version: PolicyVersion | None = None
    ) -> Published:
        if municipality is None:
            return self.rulebook.rules.published
        return (await self.rulebook.knowing(municipality, version)).published

    async def _import(self, incoming: Incoming) -> None:
        case = decode(incoming.value, ImportedCase)
        rules = await self.rulebook.knowing(case.municipality)
        identity, key = sealed.of_import(case, self.keys)
        facts = _reasoned(
            lambda: imported(case, identity, incoming.source, incoming.at, rules.published),
            incoming,
        )
        await self.outlet.keep_key(key)
        await self.outlet.append(incoming, *facts)

    async def _or_set_aside(
        self, incoming: Incoming, carried: Callable[[], Awaitable[None]]
    ) -> None:
        """What did not come through our edge may be refused; then it is kept with the reason."""
        try:
            await carried()
        except UndecodableError as error:
            await self.outlet.set_aside(incoming, "unreadable", str(error))
        except RefusedError as error:
            await self.outlet.set_aside(incoming, "refused", str(error))
        except TooLargeError as error:
            await self.outlet.set_aside(incoming, "too-large", str(error))
        except _UndecidedError:
            await self.outlet.set_aside(incoming, "incident", INCIDENT)


class _UndecidedError(Exception):
    """Our own reasoning failed on a message."""


def _decided_by(decision: Decision) -> str:
    if decision.classification.doubted:
        return "centre"
    return "words" if decision.classification.words else "chosen"


def _reasoned(reason: Callable[[], T], incoming: Incoming) -> T:
    """What the pure call gives. Its failure costs one message, and never stops a partition."""
    try:
        return reason()
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001  # It may be anything that our reasoning got wrong.
        _incident(error, incoming)
        raise _UndecidedError from None


def _incident(error: Exception, incoming: Incoming) -> None:
    """Says where our reasoning failed; the error's own words may be the citizen's."""
    _log.error("incident", source=place(incoming.source), **scrubbing.of_error(error))
