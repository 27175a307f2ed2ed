"""The list of erasures: kept apart from every backup, outlives them all, applied after each."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from schemas.vocabulary import CaseId
from services.backup.errors import AbsentError, BrokenError

NAME = "erasures.jsonl"
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """An order to forget who reported a case. It names no person."""

    case_id: CaseId
    reference: str
    asked_at: str


def note(path: Path, case_id: CaseId, reference: str, now: datetime) -> bool:
    """Adds an order to the list, on disk before it returns; false if it stands there already.

    Raises `AbsentError` where the list cannot be written, `BrokenError` where it cannot be read.
    """
    try:
        known = read(path) if path.exists() else ()
        if any((one.case_id, one.reference) == (case_id, reference) for one in known):
            return False
        add(path, Erased(case_id=case_id, reference=reference, asked_at=now.isoformat()))
    except OSError as error:
        raise AbsentError(
            f"the list of erasures {path} cannot be written ({error.strerror}): nothing was asked. "
            "PEYGIR_ERASURES names it"
        ) from error
    return True


def add(path: Path, one: Erased) -> None:
    """On disk before it returns. Raises `OSError`."""
    _append(path, json.dumps(asdict(one), ensure_ascii=False) + "\n")


def read(path: Path) -> tuple[Erased, ...]:
    """Every order. Raises `AbsentError`, `BrokenError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise AbsentError(
            f"the list of erasures {path} cannot be read ({error.strerror})"
        ) from error
    # What a crash cut off was never acted on: the order goes out after its line is on disk.
    whole = text[: text.rfind("\n") + 1]
    return tuple(_lines(path, whole))


def _lines(path: Path, text: str) -> Iterator[Erased]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            yield Erased(
                case_id=CaseId(_text(found["case_id"])),
                reference=_text(found["reference"]),
                asked_at=_text(found["asked_at"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenError(
                f"line {number} of the list of erasures {path} is not an order: mend it first"
            ) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    with os.fdopen(descriptor, "r+b") as file:
        whole = file.read()
        file.seek(whole.rfind(b"\n") + 1)
        file.truncate()
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
