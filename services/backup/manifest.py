"""What a backup holds, file by file; written last, so that without it there is no backup."""

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from schemas.facts import Fact
from schemas.topics import ANSWERED_CALLS, CASE_FACTS, KEYRING, LOG_PARTITIONS, POLICIES
from services.backup.errors import BrokenError

FORMAT = 1
NAME = "manifest.json"
DESK_FILE = "desk.jsonl.gz"
OWNER_ONLY = 0o600
# In the order in which they are read: a key is acknowledged before the fact that it seals.
TOPICS = {
    CASE_FACTS: LOG_PARTITIONS,
    POLICIES: 1,
    KEYRING: LOG_PARTITIONS,
    ANSWERED_CALLS: LOG_PARTITIONS,
}
# A backup from before a topic was there is whole without it.
LATER = frozenset({ANSWERED_CALLS})
FACT_TYPES = tuple(
    sorted(
        str(one.default) for kind in get_args(Fact) for one in fields(kind) if one.name == "type"
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of records of one partition, from an offset up to another."""

    file: str
    topic: str
    partition: int
    first_offset: int
    next_offset: int
    records: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The file of what is no log's."""

    file: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The backup as a whole."""

    format: int
    peygir: str
    made_at: str
    cluster_id: str
    inbox_generation: int
    layout: str
    fact_types: tuple[str, ...]
    desk: Desk
    parts: tuple[Part, ...]

    def of(self, topic: str) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.topic == topic)

    @property
    def records(self) -> int:
        return sum(part.records for part in self.parts)

    @property
    def bytes(self) -> int:
        return self.desk.bytes + sum(part.bytes for part in self.parts)


def write(folder: Path, manifest: Manifest) -> None:
    """All of it or nothing, once everything that it names is on disk."""
    beside = folder / f".{NAME}.new"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """Raises `BrokenError`: it is unfinished, damaged, or of a version not known here."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BrokenError(
            f"{folder} holds no {NAME}: it is no backup, or one that was cut off"
        ) from error
    except (OSError, ValueError) as error:
        raise BrokenError(f"{folder / NAME} cannot be read ({type(error).__name__})") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BrokenError(f"{folder / NAME} is of another format than this version reads")
    try:
        manifest = _manifest(found)
    except (KeyError, TypeError) as error:
        raise BrokenError(f"{folder / NAME} is not whole: {error}") from error
    _check(folder, manifest)
    return manifest


def _manifest(found: dict[str, Any]) -> Manifest:
    desk, parts = Desk(**found["desk"]), tuple(Part(**one) for one in found["parts"])
    whole = {**found, "desk": desk, "parts": parts, "fact_types": tuple(found["fact_types"])}
    return Manifest(**whole)


def _check(folder: Path, manifest: Manifest) -> None:
    listed = sorted((part.topic, part.partition) for part in manifest.parts)
    there = {topic for topic, _ in listed}
    wanted = sorted(
        (topic, one)
        for topic, count in TOPICS.items()
        for one in range(count)
        if topic in there or topic not in LATER
    )
    if listed != wanted:
        raise BrokenError(f"{folder / NAME} does not name every partition once")
    unknown = set(manifest.fact_types) - set(FACT_TYPES)
    if unknown:
        raise BrokenError(
            f"it holds facts that this version does not know ({', '.join(sorted(unknown))}): "
            f"restore it with version {manifest.peygir}, or a later one"
        )
