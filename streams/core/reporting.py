"""What is reported of a case, as the fact that it becomes.

Whether the fact has an effect is judged by the fold; here it is refused only where it cannot be
one, or where it names what the municipality's policy does not have.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from schemas.fact_parts import Source
from schemas.facts import Progress
from schemas.messages import FIELD_CHARACTERS_MAX, REFERENCE_CHARACTERS_MAX, ProgressReport
from schemas.sealed import Sealed
from schemas.topics import ProgressInbox
from schemas.vocabulary import Author, Deed, Department, Municipality, Role
from streams.core.deeds import AS_FACTS, CASE_ID_CHARACTERS_MAX
from streams.core.ids import progress_id
from streams.core.in_force import in_force
from streams.core.permissions import MAY
from streams.core.refused import RefusedError, listed, require_name, require_text
from streams.core.speaking import Common, Speaking
from streams.core.terms import Terms

NOTE_CHARACTERS_MAX = 8_000
EVIDENCE_MAX = 20
BECAUSE_CHARACTERS_MAX = 200
VERSION_MAX = 2**63 - 1  # No position of a log is beyond.

# To follow a case it must be known to be the earlier one, which only our edge can say.
_AT_THE_DESK: frozenset[Deed] = frozenset({"linked"})
DEPARTMENTS_DEEDS: frozenset[Deed] = frozenset(MAY["member"]) - _AT_THE_DESK
"""What a department's own inbox may say, as its members; our desk may say the rest too."""
_OF_DEPARTMENTS: frozenset[Role] = frozenset({"member", "head", "deputy"})


def reported(  # the message, where it lay, and what is beside it
    report: ProgressReport,
    inbox: ProgressInbox,
    source: Source,
    at: datetime,
    note: Sealed | None,
    published: Mapping[Municipality, tuple[Terms, ...]],
) -> Progress:
    """The fact that a report becomes. Raises `RefusedError`."""
    if inbox.municipality is not None:
        # A department's inbox says who speaks, and what only our edge can know is not taken.
        report = replace(
            report, role="member", reporter_of=None, because=None, parent_recorded_at=None
        )
    _require_texts(report)
    author, municipality, department = _speaker(report, inbox)
    versions = published.get(municipality)
    if versions is None:
        raise RefusedError(f"/municipality: is not served here; served are: {listed(published)}")
    said = Speaking(
        report=report,
        department=department,
        common=Common(
            fact_id=progress_id(author, report.reference, source, report.did),
            case_id=report.case_id,
            recorded_at=at,
            source=source,
            author=author,
            municipality=municipality,
            role=report.role,
            if_version=report.if_version,
        ),
        note=note,
        terms=in_force(versions, at),
    )
    return AS_FACTS[report.did](said)


def _speaker(
    report: ProgressReport, inbox: ProgressInbox
) -> tuple[Author, Municipality, Department | None]:
    """Who says it: the inbox where it is a department's own, else whoever our desk names."""
    if inbox.municipality is not None and inbox.department is not None:
        if report.did not in DEPARTMENTS_DEEDS:
            allowed = listed(DEPARTMENTS_DEEDS)
            raise RefusedError(f"/did: {report.did} is for the desk; a department says: {allowed}")
        return Author(inbox.topic), inbox.municipality, inbox.department
    author = require_name("/author", report.author, FIELD_CHARACTERS_MAX)
    municipality = require_name("/municipality", report.municipality, FIELD_CHARACTERS_MAX)
    require_text("/department", report.department, FIELD_CHARACTERS_MAX)
    if report.role in _OF_DEPARTMENTS and report.department is None:
        raise RefusedError(f"/department: is missing: of which one is the {report.role}?")
    return Author(author), Municipality(municipality), report.department


def _require_texts(report: ProgressReport) -> None:
    require_name("/case_id", report.case_id, CASE_ID_CHARACTERS_MAX)
    require_text("/reference", report.reference, REFERENCE_CHARACTERS_MAX)
    require_text("/note", report.note, NOTE_CHARACTERS_MAX)
    require_text("/because", report.because, BECAUSE_CHARACTERS_MAX)
    require_text("/reporter_of", report.reporter_of, CASE_ID_CHARACTERS_MAX)
    if len(report.evidence) > EVIDENCE_MAX:
        raise RefusedError(f"/evidence: holds more than {EVIDENCE_MAX} items")
    for number, item in enumerate(report.evidence):
        require_text(f"/evidence/{number}", item, NOTE_CHARACTERS_MAX)
    for number, part in enumerate(report.parts):
        require_name(f"/parts/{number}/text", part.text, NOTE_CHARACTERS_MAX)
    if report.if_version is not None and not 0 <= report.if_version <= VERSION_MAX:
        raise RefusedError("/if_version: is no version of a case")
