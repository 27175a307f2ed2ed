"""Reads a backup from end to end: whether it is whole, and whom it says to forget."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from schemas.codec import UndecodableError, decode, decode_fact
from schemas.facts import ReporterErased, Submitted
from schemas.messages import Key
from schemas.topics import CASE_FACTS, HEARTBEAT, KEYRING
from schemas.vocabulary import CaseId
from services.backup import manifest
from services.backup.desk import Row
from services.backup.errors import BrokenError
from services.backup.manifest import Manifest, Part
from services.backup.records import Kept, kept, lines

SAMPLES_MAX = 100  # Of each partition: the same master key has wrapped them all.
_ERASED, _SUBMITTED = b"case.reporter-erased.v1", b"case.submitted.v1"
_HEARTBEAT = HEARTBEAT.encode()

Say = Callable[[str], None]


@dataclass(slots=True)
class Found:
    """What a backup holds, as far as a restore has to know before it begins."""

    manifest: Manifest
    erased: set[CaseId] = field(default_factory=set[CaseId])
    tombstones: set[bytes] = field(default_factory=set[bytes])
    submitted: list[Submitted] = field(default_factory=list[Submitted])
    keys: list[Key] = field(default_factory=list[Key])

    def forgotten(self, record: Kept) -> bool:
        """Whether this record of the ring is one that must not come back, or means nothing."""
        key = record.key or b""
        if record.value is None or key.startswith(_HEARTBEAT) or key in self.tombstones:
            return True
        return CaseId(key.partition(b"/")[0].decode("utf-8", "replace")) in self.erased


def check(folder: Path, say: Say) -> Found:
    """Raises `BrokenError` where anything is not as it was written."""
    found = Found(manifest.read(folder))
    for part in found.manifest.parts:
        say(f"checking {part.file}")
        _check(folder, part, found)
    rows = sum(1 for _ in desk_rows(folder, found.manifest))
    if rows != found.manifest.desk.rows:
        raise BrokenError(f"{found.manifest.desk.file} has {rows} rows and should have others")
    return found


def records(folder: Path, part: Part) -> Iterator[Kept]:
    """Every record of a file. Raises `BrokenError`."""
    for line in lines(folder / part.file, part.sha256):
        try:
            yield kept(line)
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenError(f"{part.file} has a line that is no record") from error


def desk_rows(folder: Path, of: Manifest) -> Iterator[tuple[str, Row]]:
    for line in lines(folder / of.desk.file, of.desk.sha256):
        try:
            yield line["table"], line["row"]
        except (KeyError, TypeError) as error:
            raise BrokenError(f"{of.desk.file} has a line that is no row") from error


def _check(folder: Path, part: Part, found: Found) -> None:
    count, samples, before = 0, 0, -1
    for record in records(folder, part):
        if not before < record.offset < part.next_offset:
            raise BrokenError(f"{part.file} is not in the order of its offsets")
        before, count = record.offset, count + 1
        if part.topic == CASE_FACTS:
            _note_fact(record, found)
        elif part.topic == KEYRING and not (record.key or b"").startswith(_HEARTBEAT):
            samples += _note_key(record, found, sample=samples < SAMPLES_MAX)
    if count != part.records or (part.topic == CASE_FACTS and count != part.next_offset):
        raise BrokenError(f"{part.file} holds {count} records and should hold others")


def _note_fact(record: Kept, found: Found) -> None:
    value = record.value or b""
    first = _SUBMITTED in value and len(found.submitted) < SAMPLES_MAX
    if not first and _ERASED not in value:
        return
    try:
        fact = decode_fact(value)
    except UndecodableError:
        return  # It was in the log like this, where the projector has set it aside.
    if isinstance(fact, ReporterErased):
        found.erased.add(fact.case_id)
    elif isinstance(fact, Submitted):
        found.submitted.append(fact)


def _note_key(record: Kept, found: Found, *, sample: bool) -> int:
    if record.value is None:
        found.tombstones.add(record.key or b"")
        return 0
    if not sample:
        return 0
    try:
        found.keys.append(decode(record.value, Key))
    except UndecodableError:
        return 0
    return 1
