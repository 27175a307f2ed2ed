"""One department's two topics, as its own system sees them."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, Unpack

from schemas import kafka as broker
from schemas.deliveries import Delivery
from schemas.kafka import Kafka
from schemas.topics import department_of, progress_of
from schemas.vocabulary import Deed, Municipality
from schemas.vocabulary import Department as DepartmentId
from services.department.access import Say, patiently, topic_id
from services.department.gap import Gap, GapError
from services.department.ledger import Ledger, carry
from services.department.outbox import Outbox, Read, Stretch, Unreadable, UnreadableError
from services.department.position import Missing, Position
from services.department.reports import Receipt, Reports
from services.department.said import What
from services.department.snapshot import OpenCase, OpenCases, SnapshotError
from services.department.tap import READ, KafkaTap

Handed = Delivery | Gap
Handler = Callable[[Handed], None]
SetAside = Callable[[Unreadable], None]
PATIENCE_SECONDS = 60.0
# The inbox and the department's topic have their times from two machines.
CLOCKS_APART = timedelta(minutes=1)

_log = logging.getLogger("peygir.department")


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a department's system is a process of its own


class Department:
    """The department's topic, and its inbox, used in a `with` block.

    `kafka` is an address, or a `KafkaAccess`. With an `api`, what was missed can be made up for.
    While Kafka is away, opening and reporting try for `patience_seconds`, and reading waits; `say`
    is told so once, in words, and nothing of a citizen.
    """

    def __init__(
        self,
        *,
        kafka: Kafka,
        municipality: str,
        department: str,
        api: OpenCases | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        say: Say = _log.warning,
    ) -> None:
        self._access = broker.access(kafka)
        self._municipality = municipality
        self._department = department
        names = Municipality(municipality), DepartmentId(department)
        self._topic = department_of(*names)
        self._api = api
        self._patience_seconds = patience_seconds
        self._say = say
        self._stopping = threading.Event()
        self._reports = Reports(
            self._access,
            progress_of(*names),
            patience_seconds=patience_seconds,
            say=say,
            now=_now,
        )

    def __enter__(self) -> Self:
        """Looks for the topic first. Raises `AccessError`, or `KafkaAwayError` after patience."""
        patiently(
            lambda: topic_id(self._access, self._topic, READ),
            patience_seconds=self._patience_seconds,
            say=self._say,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reports.close()

    def stop(self) -> None:
        """Ends whatever reads, after the delivery in hand; for a signal or another thread."""
        self._stopping.set()

    def deliveries(
        self, *, first: datetime | None = None, set_aside: SetAside | None = None
    ) -> Iterator[Handed]:
        """Everything since the last time, and then as it comes: **at least once**.

        When the next one is asked for, Kafka keeps that this one is done. After an error or a
        `break` it comes again. Of several processes one reads, and the others stand by. Where
        nothing is kept yet it begins at `first`, or at the beginning of what the topic holds.
        `set_aside` is given what cannot be read; without it, `UnreadableError` is raised.
        """
        tap = self._tap(group=self._topic)
        try:
            for read in self._outbox(tap, Stretch(first=first)).read():
                thing = self._opened(read)
                if isinstance(thing, Unreadable):
                    _aside(thing, set_aside)
                else:
                    yield thing
                tap.keep(read.after)
        finally:
            tap.close()

    def replay(
        self, since: datetime | None = None, *, set_aside: SetAside | None = None
    ) -> Iterator[Handed]:
        """What came since that moment and is still kept, up to now. It moves no position."""
        tap = self._tap()
        try:
            for read in self._outbox(tap, Stretch(first=since, to_end=True)).read():
                thing = self._opened(read)
                if isinstance(thing, Unreadable):
                    _aside(thing, set_aside)
                else:
                    yield thing
        finally:
            tap.close()

    def run(
        self,
        handler: Handler,
        *,
        ledger: Ledger | None = None,
        first: datetime | None = None,
        set_aside: SetAside | None = None,
    ) -> None:
        """Gives everything to the handler, until `stop`. An error of the handler ends it.

        Without a `ledger` **at least once**, as `deliveries` does. With one, what the handler
        writes in the ledger's transaction is written **exactly once**, whatever is killed when.
        """
        if ledger is None:
            for thing in self.deliveries(first=first, set_aside=set_aside):
                handler(thing)
            return

        def handle(thing: Handed | Unreadable) -> None:
            if isinstance(thing, Unreadable):
                _aside(thing, set_aside)
            else:
                handler(thing)

        tap = self._tap(kept=ledger.position)
        try:
            carry(self._outbox(tap, Stretch(first=first)), ledger, self._opened, handle, self._say)
        finally:
            tap.close()

    def report(self, case_id: str, did: Deed, *, reference: str, **what: Unpack[What]) -> Receipt:
        """Says of a case what was done; returns when every replica of Kafka has it.

        Said again under the same `reference`, it is the same report. Raises `ReportError` for what
        Peygir would not take, `AccessError`, and `KafkaAwayError` after the patience: then say it
        again. What has no effect on the case comes back as a delivery of kind `refused`.
        """
        return self._reports.send(case_id, did, reference, what)

    def refusal(self, receipt: Receipt, *, wait_seconds: float = 10.0) -> Delivery | None:
        """The delivery by which this report is refused, if it comes within the wait.

        It has a code in `refused_for`, and the reason in `words` and `words_fa`. That none comes
        means that the report took effect, or that Peygir has not come to it yet.
        """
        ended = threading.Event()
        timer = threading.Timer(wait_seconds, ended.set)
        timer.daemon = True
        tap = self._tap()
        timer.start()
        try:
            outbox = self._outbox(tap, Stretch(first=receipt.at - CLOCKS_APART), stopping=ended)
            for read in outbox.read():
                if isinstance(read.thing, Delivery) and receipt.refused_by(read.thing):
                    return read.thing
            return None
        finally:
            timer.cancel()
            tap.close()

    def open_cases(self) -> Sequence[OpenCase]:
        """All cases that the department has open now, from the API. Raises `SnapshotError`."""
        if self._api is None:
            raise SnapshotError("no API was given to read the open cases from")
        return self._api.open_cases(self._municipality, self._department)

    def _opened(self, read: Read) -> Delivery | Gap | Unreadable:
        if not isinstance(read.thing, Missing):
            return read.thing
        gone = read.thing
        words = f"the deliveries {gone.first} to {gone.follows} of {self._topic} are gone"
        if gone.why == "recreated":
            words = f"{self._topic} was made anew, and what followed {gone.first} is gone"
        try:
            found = self.open_cases()
        except SnapshotError as error:
            raise GapError(f"{words}, and what is open now cannot be told: {error}") from error
        self._say(f"{words}; {len(found)} open cases are handed over in their place")
        return Gap(
            missed_from=gone.first,
            missed_to=gone.follows,
            why=gone.why,
            open_cases=tuple(found),
        )

    def _tap(
        self, *, group: str | None = None, kept: Callable[[], Position | None] = lambda: None
    ) -> KafkaTap:
        return patiently(
            lambda: KafkaTap(self._access, self._topic, say=self._say, group=group, kept=kept),
            patience_seconds=self._patience_seconds,
            say=self._say,
        )

    def _outbox(
        self, tap: KafkaTap, stretch: Stretch, stopping: threading.Event | None = None
    ) -> Outbox:
        if stretch.first is not None and stretch.first.utcoffset() is None:
            raise ValueError("the moment has no zone")
        return Outbox(tap, self._topic, stretch, stopping=stopping or self._stopping, say=self._say)


def _aside(thing: Unreadable, set_aside: SetAside | None) -> None:
    if set_aside is None:
        raise UnreadableError(
            f"the record {thing.offset} of {thing.topic} holds no delivery: {thing.why};"
            " `set_aside` takes such records"
        )
    set_aside(thing)
