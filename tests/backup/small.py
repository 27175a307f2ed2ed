"""A small whole backup, written by hand: a case, one erased, one under a tombstone, a call."""

from dataclasses import replace
from pathlib import Path

from schemas import sealing
from schemas.codec import encode
from schemas.facts import Submitted
from schemas.messages import CallAnswered, Key
from schemas.records import call_name
from schemas.topics import (
    ANSWERED_CALLS,
    CASE_FACTS,
    HEARTBEAT,
    KEYRING,
    LOG_PARTITIONS,
    POLICIES,
    partition_of,
    partition_of_call,
)
from schemas.vocabulary import Author, CallDigest, CaseId
from services.backup import manifest
from services.backup.manifest import DESK_FILE, FACT_TYPES, FORMAT, Desk, Manifest, Part
from services.backup.records import Kept, Lines, line_of
from streams.core.ids import tracking_code
from tests.builders import CITY, NOON, erased, submitted

MASTER, HMAC = b"m" * 32, b"h" * 32
LIVING, ERASED, ENDED = CaseId("a" * 32), CaseId("b" * 32), CaseId("c" * 32)
CALL = CallAnswered(
    municipality=CITY,
    call=CallDigest("d" * 32),
    author=Author("phone"),
    outcome="informed",
    answered_at=NOON,
)


def write(folder: Path) -> Path:
    """The folder, which is new."""
    folder.mkdir()
    facts = [_said(LIVING), _said(ERASED), erased(ERASED)]
    ring: list[tuple[CaseId, Kept]] = [
        *((case, _key(case)) for case in (LIVING, ERASED, ENDED)),
        (ENDED, Kept(0, 0, f"{ENDED}/k1".encode(), None, ())),
        (LIVING, Kept(0, 0, f"{HEARTBEAT}0".encode(), b"now", ())),
    ]
    parts = [_part(folder, POLICIES, 0, [])]
    for number in range(LOG_PARTITIONS):
        here = [one for one in facts if partition_of(one.case_id) == number]
        log = [Kept(0, 0, one.case_id.encode(), encode(one), ()) for one in here]
        keys = [one for case, one in ring if partition_of(case) == number]
        calls = [_call()] if partition_of_call(CALL.call) == number else []
        parts += [
            _part(folder, CASE_FACTS, number, log),
            _part(folder, KEYRING, number, keys),
            _part(folder, ANSWERED_CALLS, number, calls),
        ]
    with Lines(folder / DESK_FILE) as desk:
        desk.add({"table": "delivered", "row": {"log_partition": 0, "log_offset": 1}})
        desk.add({"table": "looked_at", "row": {"log_partition": 0, "log_offset": 9}})
    manifest.write(folder, _manifest(desk, parts))
    return folder


def _said(case: CaseId) -> Submitted:
    return replace(submitted(case), tracking_code=tracking_code(HMAC, case))


def _key(case: CaseId) -> Kept:
    key = Key(case_id=case, kid="k1", wrapped=sealing.wrap(b"k" * 32, MASTER))
    return Kept(0, 0, f"{case}/k1".encode(), encode(key), ())


def _call() -> Kept:
    return Kept(0, 0, call_name(CALL).encode(), encode(CALL), ())


def _part(folder: Path, topic: str, partition: int, found: list[Kept]) -> Part:
    path = folder / f"{topic}-{partition}.jsonl.gz"
    with Lines(path) as lines:
        for offset, one in enumerate(found):
            lines.add(line_of(replace(one, offset=offset)))
    return Part(
        file=path.name,
        topic=topic,
        partition=partition,
        first_offset=0,
        next_offset=len(found),
        records=len(found),
        bytes=lines.bytes,
        sha256=lines.sha256,
    )


def _manifest(desk: Lines, parts: list[Part]) -> Manifest:
    return Manifest(
        format=FORMAT,
        peygir="0.1.0",
        made_at="2026-11-24T12:00:00+00:00",
        cluster_id="P",
        inbox_generation=1,
        layout="x",
        fact_types=FACT_TYPES,
        desk=Desk(file=DESK_FILE, rows=desk.count, bytes=desk.bytes, sha256=desk.sha256),
        parts=tuple(parts),
    )
