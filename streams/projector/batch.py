"""What a poll of the log brought, read: facts, keys, dead letters, and what cannot be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas import codec, topics
from schemas.facts import Fact
from schemas.messages import DeadLetter, Key
from schemas.vocabulary import CaseId

KeyName = tuple[CaseId, str]
Stretch = tuple[str, int]
"""A topic and one of its partitions."""

# A record now and then without meaning, so that the broker compacts what lies before it.
HEARTBEAT = topics.HEARTBEAT.encode()
# Postgres keeps every character but this one; it stands in no word that anybody wrote.
_NUL, _SUBSTITUTE = b"\\u0000", b"\\ufffd"


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


@dataclass(frozen=True, slots=True)
class FactRecord:
    partition: int
    offset: int
    text: str
    fact: Fact


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
    unreadable: list[Unreadable] = field(default_factory=list)
    next_offsets: dict[Stretch, int] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            self.records.append(record)
            self.next_offsets[record.topic, record.partition] = record.offset + 1
            try:
                self._add(record)
            except codec.UndecodableError as error:
                self.set_aside(record, str(error))

    def set_aside(self, record: Record, reason: str) -> None:
        """Keeps a record that is no fact, key or letter; the partition goes on."""
        self.next_offsets[record.topic, record.partition] = record.offset + 1
        self.unreadable.append(
            Unreadable(record.topic, record.partition, record.offset, reason, record.value)
        )

    def _add(self, record: Record) -> None:
        match record.topic:
            case topics.CASE_FACTS:
                self.facts.append(_fact(record))
            case topics.KEYRING:
                if not (record.key or b"").startswith(HEARTBEAT):
                    self.keys.append(_key(record))
            case topics.DEAD_LETTERS:
                self.letters.append(_letter(record))
            case _:
                raise AssertionError(f"{record.topic} is not read here")


def read(stretches: Iterable[Sequence[Record]]) -> Batch:
    batch = Batch()
    for records in stretches:
        batch.add(records)
    return batch


def storable(raw: bytes) -> bytes:
    """The JSON without the one character that Postgres cannot keep."""
    return raw.replace(_NUL, _SUBSTITUTE) if _NUL in raw else raw


def _fact(record: Record) -> FactRecord:
    raw = storable(record.value or b"")
    fact = codec.decode_fact(raw)
    if topics.partition_of(fact.case_id) != record.partition:
        raise codec.UndecodableError("the case belongs to another partition")
    return FactRecord(record.partition, record.offset, raw.decode(), fact)


def _letter(record: Record) -> LetterRecord:
    letter = codec.decode(storable(record.value or b""), DeadLetter)
    return LetterRecord(record.partition, record.offset, letter)


def _key(record: Record) -> KeyRecord:
    name = (record.key or b"").decode("utf-8", "replace")
    case_id, slash, kid = name.partition("/")
    if not slash:
        raise codec.UndecodableError("the record's key is not `case id/kid`")
    if record.value is None:
        return KeyRecord((CaseId(case_id), kid), None)
    key = codec.decode(storable(record.value), Key)
    if (key.case_id, key.kid) != (case_id, kid):
        raise codec.UndecodableError("the record's key names another key than its value")
    return KeyRecord((key.case_id, key.kid), key)
