"""What a poll of the log brought, read: facts, keys, letters, calls, and what cannot be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas import codec, records, topics, trace_context
from schemas.facts import Fact
from schemas.messages import CallAnswered, DeadLetter, Key
from schemas.records import KeyName
from schemas.trace_context import TraceParent

Stretch = tuple[str, int]
"""A topic and one of its partitions."""


class Record(Protocol):
    """A record as the client gives it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class FactRecord:
    partition: int
    offset: int
    text: str
    fact: Fact
    trace: TraceParent | None = None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key, or with none its tombstone."""

    name: KeyName
    key: Key | None


@dataclass(frozen=True, slots=True)
class LetterRecord:
    partition: int
    offset: int
    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class CallRecord:
    partition: int
    call: CallAnswered


@dataclass(frozen=True, slots=True)
class Unreadable:
    topic: str
    partition: int
    offset: int
    reason: str
    record: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one transaction, in log order, and where each stretch goes on after them."""

    facts: list[FactRecord] = field(default_factory=list)
    keys: list[KeyRecord] = field(default_factory=list)
    letters: list[LetterRecord] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list[CallRecord])
    unreadable: list[Unreadable] = field(default_factory=list)
    next_offsets: dict[Stretch, int] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def add(self, stretch: Iterable[Record]) -> None:
        for record in stretch:
            self.records.append(record)
            self.next_offsets[record.topic, record.partition] = record.offset + 1
            try:
                self._add(record)
            except codec.UndecodableError as error:
                self.set_aside(record, str(error))

    def set_aside(self, record: Record, reason: str) -> None:
        """Keeps a record that is no fact, key, letter or call; the partition goes on."""
        self.next_offsets[record.topic, record.partition] = record.offset + 1
        self.unreadable.append(
            Unreadable(record.topic, record.partition, record.offset, reason, record.value)
        )

    def _add(self, record: Record) -> None:
        match record.topic:
            case topics.CASE_FACTS:
                self.facts.append(_fact(record))
            case topics.KEYRING:
                if not records.is_heartbeat(record.key):
                    self.keys.append(_key(record))
            case topics.DEAD_LETTERS:
                self.letters.append(_letter(record))
            case topics.ANSWERED_CALLS:
                self.calls.append(_call(record))
            case _:
                raise AssertionError(f"{record.topic} is not read here")


def read(stretches: Iterable[Sequence[Record]]) -> Batch:
    batch = Batch()
    for stretch in stretches:
        batch.add(stretch)
    return batch


def _fact(record: Record) -> FactRecord:
    text, fact = records.read_fact(record.value, record.partition)
    trace = trace_context.of_headers(record.headers)
    return FactRecord(record.partition, record.offset, text, fact, trace)


def _letter(record: Record) -> LetterRecord:
    return LetterRecord(record.partition, record.offset, records.read_letter(record.value))


def _call(record: Record) -> CallRecord:
    call = records.read_call(record.key, record.value, record.partition)
    return CallRecord(record.partition, call)


def _key(record: Record) -> KeyRecord:
    return KeyRecord(*records.read_key(record.key, record.value, record.partition))
