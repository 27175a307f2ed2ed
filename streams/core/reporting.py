"""What is reported of a case by those who work on it, as the fact that it becomes.

Whether the fact has an effect is judged by the fold; here it is refused only where it cannot be
one, or where it names what the municipality's policy does not have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, TypeVar

from schemas.fact_parts import PauseTerms, Source
from schemas.facts import Acknowledged, ClosedWithoutAction, Progress, Resolved
from schemas.messages import FIELD_CHARACTERS_MAX, REFERENCE_CHARACTERS_MAX, ProgressReport
from schemas.policy import PausePolicy
from schemas.sealed import Sealed
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    Started,
    TransferRequested,
    Unlinked,
)
from schemas.topics import ProgressInbox
from schemas.vocabulary import (
    CLOSING_REASONS,
    TRANSFER_REASONS,
    WAITING_FOR_CITIZEN,
    Author,
    CaseId,
    ClosingReason,
    Deed,
    Department,
    FactId,
    Municipality,
    PolicyVersion,
    TransferReason,
)
from streams.core.ids import progress_id
from streams.core.in_force import Published, in_force
from streams.core.promises import Counting
from streams.core.refused import RefusedError, listed, require_name, require_text
from streams.core.terms import Terms

CASE_ID_CHARACTERS_MAX = 64
NOTE_CHARACTERS_MAX = 8_000
EVIDENCE_MAX = 20
VERSION_MAX = 2**63 - 1  # No position of a log is beyond.
R = TypeVar("R", bound=str)
_Plain = Started | Resumed | InformationReceived | Unlinked

DEPARTMENTS_DEEDS: frozenset[Deed] = frozenset(
    {
        "acknowledged",
        "started",
        "paused",
        "resumed",
        "information-requested",
        "transfer-requested",
        "resolved",
        "closed-without-action",
    }
)
"""What a department's own inbox may say; our desk may say the rest too."""


class _Common(TypedDict):
    """What every one of these facts has."""

    fact_id: FactId
    case_id: CaseId
    recorded_at: datetime
    source: Source
    author: Author
    municipality: Municipality
    if_version: int | None


class _Spoken(_Common):
    """What every one has that anybody may say, also the 137 centre."""

    department: Department | None
    note: Sealed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A report that was looked through, and the policy in force when it came."""

    report: ProgressReport
    department: Department | None
    common: _Common
    note: Sealed | None
    terms: Terms

    @property
    def spoken(self) -> _Spoken:
        return _Spoken(**self.common, department=self.department, note=self.note)

    @property
    def at(self) -> datetime:
        return self.common["recorded_at"]

    @property
    def version(self) -> PolicyVersion:
        return self.terms.policy.version

    def owner(self) -> Department:
        """Raises `RefusedError` where nobody is named: the 137 centre does not do the work."""
        if self.department is None:
            raise RefusedError(f"/department: is missing: whose work is {self.report.did}?")
        return self.department

    def pause(self, policy: PausePolicy) -> PauseTerms:
        """The terms of a pause that begins now: it ends by itself when that much time is over."""
        counting = Counting(calendar=self.terms.calendar_of(self.department))
        longest = policy.longest
        until = counting.after(self.at, longest.seconds, working_time=longest.working_time)
        return PauseTerms(why=policy.reason, until=until, clocks=policy.clocks)


def reported(  # the message, where it lay, and what is beside it
    report: ProgressReport,
    inbox: ProgressInbox,
    source: Source,
    at: datetime,
    note: Sealed | None,
    published: Published,
) -> Progress:
    """The fact that a report becomes. Raises `RefusedError`."""
    _require_texts(report)
    author, municipality, department = _speaker(report, inbox)
    versions = published.get(municipality)
    if versions is None:
        raise RefusedError(f"/municipality: is not served here; served are: {listed(published)}")
    said = _Said(
        report=report,
        department=department,
        common=_Common(
            fact_id=progress_id(author, report.reference, source, report.did),
            case_id=report.case_id,
            recorded_at=at,
            source=source,
            author=author,
            municipality=municipality,
            if_version=report.if_version,
        ),
        note=note,
        terms=in_force(versions, at),
    )
    return _AS_FACTS[report.did](said)


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
    return Author(author), Municipality(municipality), report.department


def _require_texts(report: ProgressReport) -> None:
    require_name("/case_id", report.case_id, CASE_ID_CHARACTERS_MAX)
    require_text("/reference", report.reference, REFERENCE_CHARACTERS_MAX)
    require_text("/note", report.note, NOTE_CHARACTERS_MAX)
    if len(report.evidence) > EVIDENCE_MAX:
        raise RefusedError(f"/evidence: holds more than {EVIDENCE_MAX} items")
    for number, item in enumerate(report.evidence):
        require_text(f"/evidence/{number}", item, NOTE_CHARACTERS_MAX)
    if report.if_version is not None and not 0 <= report.if_version <= VERSION_MAX:
        raise RefusedError("/if_version: is no version of a case")


def _acknowledged(said: _Said) -> Acknowledged:
    return Acknowledged(**said.common, department=said.owner(), note=said.note)


def _paused(said: _Said) -> Paused:
    pauses = {one.reason: one for one in said.terms.policy.pauses}
    reason = said.report.reason
    if not reason:
        raise RefusedError(f"/reason: is missing; the policy allows: {listed(pauses)}")
    if reason not in pauses:
        raise RefusedError(f"/reason: is not one that the policy allows: {listed(pauses)}")
    return Paused(
        **said.spoken,
        pause=said.pause(pauses[reason]),
        policy_version=said.version,
    )


def _information_requested(said: _Said) -> InformationRequested:
    """The clocks stand still meanwhile, where the policy has a pause for it."""
    policies = said.terms.policy.pauses
    waiting = next((one for one in policies if one.reason == WAITING_FOR_CITIZEN), None)
    return InformationRequested(
        **said.spoken,
        pause=waiting and said.pause(waiting),
        policy_version=said.version,
    )


def _transfer_requested(said: _Said) -> TransferRequested:
    why: TransferReason = _reason(TRANSFER_REASONS, said.report.why)
    to = said.report.to
    departments = said.terms.departments
    if to is not None and to not in departments:
        raise RefusedError(f"/to: is no department that the policy has: {listed(departments)}")
    return TransferRequested(
        **said.spoken,
        why=why,
        to=to,
        policy_version=said.version,
    )


def _reopened(said: _Said) -> Reopened:
    return Reopened(**said.spoken, policy_version=said.version)


def _linked(said: _Said) -> Linked:
    parent = CaseId(require_name("/parent", said.report.parent, CASE_ID_CHARACTERS_MAX))
    return Linked(**said.spoken, parent=parent)


def _reclassified(said: _Said) -> Reclassified:
    category = said.report.category
    if not category:
        raise RefusedError("/category: is missing: what is it about?")
    categories = said.terms.categories
    if category not in categories:
        # Only what the policy names may stand in the open: it might be anything that was typed.
        raise RefusedError(f"/category: is none that the policy has: {listed(categories)}")
    return Reclassified(
        **said.spoken,
        category=category,
        policy_version=said.version,
        new_promises=said.report.new_promises,
    )


def _resolved(said: _Said) -> Resolved:
    return Resolved(**said.common, department=said.owner(), evidence=said.note)


def _closed_without_action(said: _Said) -> ClosedWithoutAction:
    why: ClosingReason = _reason(CLOSING_REASONS, said.report.why)
    return ClosedWithoutAction(**said.common, department=said.owner(), evidence=said.note, why=why)


def _reason(allowed: tuple[R, ...], why: str | None) -> R:
    """That one of them; none of another kind, and none at all, will do."""
    found = {str(one): one for one in allowed}.get(why or "")
    if found is None:
        raise RefusedError(f"/why: is needed, one of: {listed(allowed)}")
    return found


def _simply(kind: type[_Plain]) -> Callable[[_Said], _Plain]:
    """A fact that says no more than what all of them say."""

    def fact(said: _Said) -> _Plain:
        return kind(**said.spoken)

    return fact


_AS_FACTS: Mapping[Deed, Callable[[_Said], Progress]] = {
    "acknowledged": _acknowledged,
    "started": _simply(Started),
    "paused": _paused,
    "resumed": _simply(Resumed),
    "information-requested": _information_requested,
    "information-received": _simply(InformationReceived),
    "transfer-requested": _transfer_requested,
    "reopened": _reopened,
    "linked": _linked,
    "unlinked": _simply(Unlinked),
    "reclassified": _reclassified,
    "resolved": _resolved,
    "closed-without-action": _closed_without_action,
}
