"""A department's topic, read in order: what is missing from it is never passed over."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from schemas.codec import UndecodableError
from schemas.deliveries import Delivery
from services.department.access import Pauses, Say
from services.department.delivered import delivered
from services.department.position import Held, Missing, Position, missing
from services.kafka import KafkaAwayError

BEAT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A record that holds no delivery, where it lies and why it is none."""

    topic: str
    offset: int
    why: str
    # It may hold a citizen's words, which are for no log.
    raw: bytes | None = field(repr=False)


class UnreadableError(RuntimeError):
    """A record holds no delivery, and nobody was named to set it aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What comes next, and the kept position before it and after it."""

    thing: Delivery | Missing | Unreadable
    before: Position | None
    after: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What is to be read: from `first` on, or from the beginning, where no position is kept.

    To the end that the topic has when it is begun, or without an end.
    """

    first: datetime | None = None
    to_end: bool = False


class Tap(Protocol):
    """A consumer of the topic. All of it raises `AccessError` or `KafkaAwayError`."""

    def held(self) -> Held: ...

    def topic_id(self) -> str: ...

    def end(self) -> int:
        """Asks the broker, so that it also tells whether one answers."""
        ...

    def offset_at(self, moment: datetime) -> int | None:
        """The first record of that moment or later, if there is one."""
        ...

    def kept(self) -> Position | None: ...

    def seek(self, offset: int) -> None: ...

    def poll(self) -> list[Any]:
        """What came within a moment, in order; its `offset` and `value`."""
        ...

    def given_anew(self) -> bool:
        """Whether the topic became ours since this was asked last; false while it is not ours."""
        ...

    def why_silent(self) -> str:
        """Why the broker does not answer; empty where it does by now."""
        ...


class Outbox:
    """The reader. Between two steps of `read`, its user keeps the position `after`."""

    def __init__(
        self,
        tap: Tap,
        topic: str,
        stretch: Stretch,
        *,
        stopping: threading.Event,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tap = tap
        self._topic = topic
        self._stretch = stretch
        self._until: int | None = None
        self._stopping = stopping
        self._say = say
        self._clock = clock
        self._heard_at = clock()
        self._astray = False
        self._kept: Position | None = None
        self._next: Position | None = None
        self._jump: int | None = None
        self._away = False
        self._pauses = Pauses()

    def read(self) -> Iterator[Read]:
        """Everything, as it comes. Raises `AccessError` where a person has to change something."""
        while not self._stopping.is_set():
            try:
                self._astray = self._tap.given_anew() or self._astray
                if self._astray:
                    yield from self._found()
                if self._done():
                    return
                records = self._tap.poll()
                if records:
                    self._require_the_same_topic()
                self._listened(bool(records))
            except KafkaAwayError as error:
                self._wait(str(error))
                continue
            yield from self._batch(records)

    def lost(self) -> None:
        """The position is not what it was thought to be: it is to be found again."""
        self._astray = True

    def _require_the_same_topic(self) -> None:
        """A topic that is made anew behind our back may hold our next offset too.

        Asked after the poll: what was polled then lay in the topic that this is the id of, or in
        an older one.
        """
        same, self._astray = self._astray, True
        if self._next is not None and self._tap.topic_id() == self._next.topic_id:
            self._astray = same

    def _batch(self, records: list[Any]) -> Iterator[Read]:
        """As far as it goes on where we stand. The tap begins anew where a position is gone."""
        for record in records:
            if self._next is None or self._astray or self._stopping.is_set() or self._done():
                return
            if record.offset != self._next.offset:
                self._jump, self._astray = record.offset, True
                return
            after = Position(offset=record.offset + 1, topic_id=self._next.topic_id)
            yield Read(thing=self._opened(record), before=self._kept, after=after)
            self._kept = self._next = after

    def _found(self) -> Iterator[Read]:
        """Goes to the kept position, with what is missing from there on."""
        held = self._tap.held()
        self._kept = self._tap.kept()
        # Whoever deletes a topic deletes what Kafka kept of it: then we know it ourselves.
        stands = self._kept or self._next
        if stands is None:
            stands = Position(offset=self._beginning(held), topic_id=held.topic_id)
        self._until = held.end if self._stretch.to_end and self._until is None else self._until
        self._astray = False
        gone = missing(stands, held)
        if gone is not None:
            stands = Position(offset=gone.follows, topic_id=held.topic_id)
            yield Read(thing=gone, before=self._kept, after=stands)
            if self._astray:
                return
            self._kept = stands
        else:
            stands = self._over_a_hole(stands)
        self._next = Position(offset=stands.offset, topic_id=held.topic_id)
        self._tap.seek(stands.offset)

    def _over_a_hole(self, stands: Position) -> Position:
        """Asked for what follows, the tap gave something later, and nothing is missing."""
        jump, self._jump = self._jump, None
        if jump is None or self._next is None or stands.offset != self._next.offset:
            return stands
        return Position(offset=max(jump, stands.offset), topic_id=stands.topic_id)

    def _beginning(self, held: Held) -> int:
        if self._stretch.first is None:
            return held.first
        found = self._tap.offset_at(self._stretch.first)
        return held.end if found is None else found

    def _done(self) -> bool:
        return self._until is not None and (self._next is None or self._next.offset >= self._until)

    def _opened(self, record: Any) -> Delivery | Unreadable:  # noqa: ANN401  # the library's record
        try:
            return delivered(record.value)
        except UndecodableError as error:
            return Unreadable(
                topic=self._topic, offset=record.offset, why=str(error), raw=record.value
            )

    def _listened(self, something: bool) -> None:  # noqa: FBT001
        """Nothing to read and nobody there look alike: after a silence, the broker is asked."""
        now = self._clock()
        if not something:
            if now - self._heard_at < BEAT_SECONDS:
                return
            end = self._tap.end()
            if self._next is not None and end < self._next.offset:
                self._astray = True
        self._heard_at = now
        self._pauses = Pauses()
        if self._away:
            self._away = False
            self._say(f"Kafka answers again for {self._topic}")

    def _wait(self, words: str) -> None:
        """Said once, and waited out: a department's process has nothing better to do."""
        if self._stopping.is_set():
            return
        why = self._tap.why_silent() or words
        if not self._away:
            self._say(f"{why}; trying again until it answers")
            self._away = True
        self._stopping.wait(self._pauses.next_seconds())
