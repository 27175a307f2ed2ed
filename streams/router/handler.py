"""One message of an inbox, carried into the log: read, decide, seal, append."""

import base64
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from schemas import metrics, sealing
from schemas.codec import UndecodableError, decode, encode
from schemas.exposition import Meters
from schemas.messages import Evidence, Key, ProgressReport, Repair, Submission
from schemas.topics import IntakeInbox, ProgressInbox
from streams.core import ids
from streams.core.decide import (
    Decision,
    Identity,
    RefusedError,
    admitted,
    content_of,
    curtailed,
    decide,
    progress,
)
from streams.core.in_force import Published
from streams.kafka import TooLargeError
from streams.router.outlet import Incoming, Outlet, place
from streams.router.policies import Rulebook

TOO_LARGE = "the message was too large for the log: it is cut here, whole among the dead letters"
INCIDENT = "the message could not be classified: a person has to read it"
NO_OUTCOME = "no decision came of it after several tries: a person has to read it"
T = TypeVar("T")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What every router worker does with a message, whichever inbox it lay in.

    When `handle` returns, the broker has acknowledged all that came of the message. What the
    world failed to do is raised: the message is then handled again.
    """

    outlet: Outlet
    rulebook: Rulebook
    master_key: bytes
    hmac_key: bytes
    meters: Meters

    async def handle(self, incoming: Incoming, *, to_centre: str | None = None) -> None:
        """Appends what the message becomes, or sets it aside with the reason."""
        match self.rulebook.rules.inboxes.get(incoming.source.inbox):
            case IntakeInbox() as inbox:
                await self._submission(incoming, inbox, to_centre)
            case ProgressInbox() as inbox:
                await self._report(incoming, inbox)
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
        first = Incoming(source=order.source, at=order.recorded_at, value=value)
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
            _log.error("not even the centre could be given it", place=place(incoming.source))

    async def _append(
        self,
        submission: Submission,
        incoming: Incoming,
        published: Published,
        to_centre: str | None,
    ) -> None:
        identity, key = self._sealed(submission)
        source, at = incoming.source, incoming.at
        decision = _reasoned(
            lambda: decide(submission, identity, source, at, published, to_centre=to_centre),
            incoming,
        )
        await self.outlet.keep_key(key)
        await self.outlet.append(decision.submitted, decision.routed)
        self.meters.count(metrics.ROUTING_DECISIONS, _decided_by(decision))

    def _sealed(self, submission: Submission) -> tuple[Identity, Key]:
        """The ids of a submission, and its content sealed with a new key."""
        assert submission.author is not None, "an admitted submission has an author"
        case_id = ids.case_id(
            self.hmac_key, submission.municipality, submission.author, submission.reference
        )
        content = encode(content_of(submission))
        kid, key = sealing.new_key()
        phone = submission.reporter.phone if submission.reporter else None
        identity = Identity(
            case_id=case_id,
            tracking_code=ids.tracking_code(self.hmac_key, case_id),
            digest=ids.content_digest(
                self.hmac_key, content + (submission.category or "").encode()
            ),
            content=sealing.seal(content, key=key, kid=kid, bound_to=f"case/{case_id}/content"),
        )
        return identity, Key(
            case_id=case_id,
            kid=kid,
            wrapped=sealing.wrap(key, self.master_key),
            phone_index=phone and sealing.blind_index(ids.phone_key(phone), pepper=self.hmac_key),
        )

    async def _report(self, incoming: Incoming, inbox: ProgressInbox) -> None:
        try:
            report = decode(incoming.value, ProgressReport)
            evidence, key = self._sealed_evidence(report)
            source, at = incoming.source, incoming.at
            fact = _reasoned(lambda: progress(report, inbox, source, at, evidence), incoming)
            if key is not None:
                await self.outlet.keep_key(key)
            await self.outlet.append(fact)
        except UndecodableError as error:
            await self.outlet.set_aside(incoming, "unreadable", str(error))
        except RefusedError as error:
            await self.outlet.set_aside(incoming, "refused", str(error))
        except TooLargeError as error:
            await self.outlet.set_aside(incoming, "too-large", str(error))
        except _UndecidedError:
            await self.outlet.set_aside(incoming, "incident", INCIDENT)

    def _sealed_evidence(self, report: ProgressReport) -> tuple[sealing.Sealed | None, Key | None]:
        if report.did != "resolved" or not (report.note or report.evidence):
            return None, None
        kid, key = sealing.new_key()
        block = sealing.seal(
            encode(Evidence(note=report.note, evidence=report.evidence)),
            key=key,
            kid=kid,
            bound_to=f"case/{report.case_id}/evidence",
        )
        wrapped = sealing.wrap(key, self.master_key)
        return block, Key(case_id=report.case_id, kid=kid, wrapped=wrapped)


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
    frames = traceback.extract_tb(error.__traceback__)
    trail = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    _log.error(
        "incident",
        error=type(error).__name__,
        trail=trail,
        place=place(incoming.source),
    )
