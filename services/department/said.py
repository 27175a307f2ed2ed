"""What a department may say of a case, and what has to go with it: looked through before it leaves.

What is refused here would lie among Peygir's dead letters else, where the department never looks.
What the city's policy or the case does not allow only Peygir knows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

from schemas.codec import UndecodableError, decode, encode
from schemas.messages import (
    REFERENCE_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    ProgressReport,
    ReportedPart,
)
from schemas.topics import INBOX_BYTES_MAX
from schemas.vocabulary import (
    BodyAnswer,
    ClosingReason,
    Deed,
    TransferReason,
    Visibility,
)

DEEDS: tuple[Deed, ...] = (
    "acknowledged",
    "started",
    "paused",
    "resumed",
    "information-requested",
    "information-received",
    "transfer-requested",
    "resolved",
    "closed-without-action",
    "noted",
    "handed-over",
    "handed-over-answered",
    "split",
    "unlinked",
)
NEEDED: Mapping[Deed, str] = {
    "paused": "reason",
    "transfer-requested": "why",
    "closed-without-action": "why",
    "noted": "note",
    "handed-over": "body",
    "handed-over-answered": "answer",
    "split": "parts",
}
TYPE = "progress.v1"
CASE_ID_CHARACTERS_MAX = 64
EVIDENCE_MAX = 20
HEADERS_BYTES = 4_096  # Room for the record's own headers under the inbox's limit.


class ReportError(ValueError):
    """The report is not one that Peygir takes; the text says why, never what it said."""


class What(TypedDict, total=False):
    """What may go with a report; `schemas.messages.ProgressReport` says with which.

    With `if_version`, a delivery's `version`, it counts only if nothing happened to the case since.
    """

    note: str
    evidence: Sequence[str]
    if_version: int
    reason: str
    why: TransferReason | ClosingReason
    to: str
    category: str
    district: str
    visibility: Visibility
    body: str
    body_reference: str
    answer: BodyAnswer
    parts: Sequence[ReportedPart]


def written(case_id: str, did: Deed, reference: str, what: What) -> bytes:
    """The report as it goes into the inbox. Raises `ReportError`."""
    if did not in DEEDS:
        raise ReportError(f"did: a department does not say {did}; it says: {', '.join(DEEDS)}")
    needed = NEEDED.get(did)
    if needed is not None and not what.get(needed):
        raise ReportError(f"{needed}: is missing, and {did} needs it")
    _require("case_id", case_id, CASE_ID_CHARACTERS_MAX)
    _require("reference", reference, REFERENCE_CHARACTERS_MAX)
    unknown = what.keys() - What.__annotations__.keys()
    if unknown:
        raise ReportError(f"{', '.join(sorted(unknown))}: does not go with what a department says")
    said = {"type": TYPE, "case_id": case_id, "did": did, "reference": reference, **what}
    try:
        report = decode(json.dumps(said, default=_plain), ProgressReport)
    except (UndecodableError, TypeError) as error:
        raise ReportError(str(error)) from error
    _check(report)
    value = encode(report)
    if len(value) > INBOX_BYTES_MAX - HEADERS_BYTES:
        raise ReportError(f"note: the report has {len(value)} bytes, too many")
    return value


def _plain(value: object) -> dict[str, Any]:
    if isinstance(value, ReportedPart):
        return asdict(value)
    raise TypeError(f"a {type(value).__name__} cannot be written")


def _check(report: ProgressReport) -> None:
    for name, text in (("note", report.note), *(("evidence", one) for one in report.evidence)):
        if text is not None and (len(text) > TEXT_CHARACTERS_MAX or "\x00" in text):
            raise ReportError(f"{name}: is longer than {TEXT_CHARACTERS_MAX}, or holds a NUL")
    if len(report.evidence) > EVIDENCE_MAX:
        raise ReportError(f"evidence: holds more than {EVIDENCE_MAX} items")


def _require(name: str, text: str, characters_max: int) -> None:
    if not text.strip() or len(text) > characters_max or "\x00" in text:
        raise ReportError(f"{name}: is to have 1 to {characters_max} characters, and no NUL")
