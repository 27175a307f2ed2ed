"""Taking a report: tried as the router will read it, appended, and waited for if that is asked."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from schemas.codec import encode, headers
from schemas.exposition import Meters
from schemas.fact_parts import Source
from schemas.messages import ProgressReport
from schemas.metrics import INTAKE_REPORTS
from schemas.topics import PROGRESS_DESK, ProgressInbox
from schemas.tracing import UNTRACED, Span, Tracer
from schemas.vocabulary import Author, Deed, FactId, Role
from services.http.access import Callers
from services.http.problems import Fault, ProblemError, refused, unavailable
from services.intake.deeds.known import Cases, FindTerms, Judged, KnownCase, Limit
from services.intake.deeds.speaker import Speaker
from services.intake.deeds.taps import Taps
from services.intake.deeds.words import RETRY_AFTER_SECONDS, SOON, problem_of
from services.intake.inboxes import Inboxes
from services.kafka import KafkaAwayError, TopicError
from streams.core.ids import progress_id
from streams.core.refusal import refused_for
from streams.core.refused import RefusedError
from streams.core.reporting import reported
from streams.core.terms import Terms

PATH = "/intake/v1/cases/{case_id}/facts"
WAITING_MAX = 100
"""Each who waits asks the database again and again; one more is answered at once."""
FIRST_LOOK_SECONDS = 0.02
LOOK_SECONDS_MAX = 0.25
_NOT_YET = Source(inbox=PROGRESS_DESK, generation=0, partition=0, offset=0)
_INBOX = ProgressInbox(topic=PROGRESS_DESK)


@dataclass(slots=True, kw_only=True)
class FactDoor:
    """All that the two doors for what is said of a case stand on."""

    inboxes: Inboxes
    cases: Cases
    find_terms: FindTerms
    callers: Callers
    limit: Limit
    hmac_key: bytes
    now: Callable[[], datetime]
    meters: Meters
    tracer: Tracer = UNTRACED
    taps: Taps = field(default_factory=Taps)
    waiting: int = 0

    def terms(self, case: KnownCase) -> Terms:
        """Raises a 503 problem until the policies are read."""
        found = self.find_terms(case.municipality)
        if found is None:
            raise unavailable(
                "The policies are not read yet.", retry_after_seconds=RETRY_AFTER_SECONDS
            )
        return found

    @contextmanager
    def counting(self, role: Role) -> Iterator[None]:
        """What becomes of a report until it is taken; the fold's judgements are counted there."""
        try:
            yield
        except ProblemError as problem:
            away = problem.status == HTTPStatus.SERVICE_UNAVAILABLE
            self.meters.count(INTAKE_REPORTS, role, "unavailable" if away else "refused")
            raise
        self.meters.count(INTAKE_REPORTS, role, "taken")


def fact_id_of(author: Author, reference: str, did: Deed) -> FactId:
    """What the router will call it, whenever it comes."""
    return progress_id(author, reference, _NOT_YET, did)


def require(door: FactDoor, said: Speaker, report: ProgressReport) -> None:
    """What the router could not make a fact of is refused here, before it is taken.

    Raises a 422 problem, or a 409 for a case that was accepted just now.
    """
    if said.case.department is None:
        raise problem_of(refused_for("no-department-yet"), **SOON)
    published = {said.municipality: (door.terms(said.case),)}
    try:
        reported(report, _INBOX, _NOT_YET, door.now(), None, published)
    except RefusedError as error:
        pointer, _, words = str(error).partition(": ")
        raise refused(Fault(pointer=pointer, detail=words)) from error


async def append(door: FactDoor, report: ProgressReport, fact_id: FactId, request: Span) -> None:
    """Returns when Kafka has it. Raises a 503 problem, and it may be sent again."""
    span = door.tracer.follow(request.onward, f"send {PROGRESS_DESK}", "producer")
    attributes = headers(
        report.type,
        event_id=fact_id,
        subject=report.case_id,
        source=PATH,
        at=door.now(),
        trace=span.onward,
    )
    try:
        await door.inboxes.append(
            PROGRESS_DESK, key=report.case_id, value=encode(report), headers=attributes
        )
    except (KafkaAwayError, TopicError) as error:
        words = "It was not taken, since Kafka did not acknowledge it. Send it again."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error
    finally:
        named = {"peygir.case_id": report.case_id, "messaging.destination.name": PROGRESS_DESK}
        span.end(attributes=named)


async def judged_within(
    door: FactDoor, report: ProgressReport, fact_id: FactId, seconds: float
) -> Judged | None:
    """How the fold judged it, as soon as that is known; none where it is not by then."""
    if door.waiting >= WAITING_MAX:
        return None
    door.waiting += 1
    try:
        return await _looked_for(door, report, fact_id, seconds)
    except ProblemError:
        # It is taken: that the projection is away now is no reason to say that it was not.
        return None
    finally:
        door.waiting -= 1


async def _looked_for(
    door: FactDoor, report: ProgressReport, fact_id: FactId, seconds: float
) -> Judged | None:
    clock, pause = asyncio.get_running_loop(), FIRST_LOOK_SECONDS
    ends_at = clock.time() + seconds
    while True:
        found = await door.cases.judged(report.case_id, fact_id)
        left = ends_at - clock.time()
        if found is not None or left <= 0:
            return found
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LOOK_SECONDS_MAX)
