"""What the fold makes of a report, in the state in which only who says it could be in its way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas.codec import decode, encode
from schemas.fact_parts import Source
from schemas.messages import ProgressReport, ReportedPart
from schemas.topics import PROGRESS_DESK, ProgressInbox
from schemas.vocabulary import Author, Deed
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.refused import RefusedError
from streams.core.reporting import reported
from streams.core.terms import terms
from tests.access.cells import APP, EARLIEST, GOES_WITH, SPEAKS_FOR, Cell, Place
from tests.access.edge import NOW, opened, policies
from tests.builders import CITY

_TERMS = {one.version: terms(one) for one in policies()}
_PUBLISHED = {one.municipality: (_TERMS[one.version],) for one in policies()}
# What has to be said before, by the centre, so that the deed is in its place.
_BEFORE: Mapping[Deed, Deed] = {
    "resumed": "paused",
    "unlinked": "linked",
    "handed-over-answered": "handed-over",
    "confirmed": "resolved",
    "disputed": "resolved",
    "rated": "resolved",
    "reopened": "resolved",
}
_ABOUT_WHO_SAYS_IT = frozenset(
    {"not-permitted", "not-theirs", "other-department", "other-municipality"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """`effective`, `who`: refused for who says it, or `otherwise`."""

    word: str
    why: str = ""


def folded(cell: Cell, report: ProgressReport) -> Folded:
    case = _prepared(cell)
    try:
        fact = _fact(report, 1_000)
    except RefusedError as error:
        return Folded(word="otherwise", why=str(error))
    _, judgement = step(case, Positioned(offset=1_000, fact=fact), _TERMS)
    if judgement.refusal is None:
        return Folded(word=judgement.verdict)
    who = judgement.refusal.code in _ABOUT_WHO_SAYS_IT
    return Folded(word="who" if who else "otherwise", why=judgement.refusal.english)


def smuggled(cell: Cell) -> ProgressReport:
    """What an edge that asked nobody would append for that speaker."""
    speaks_for = SPEAKS_FOR[cell.role]
    if cell.deed in {"acknowledged", "resolved", "closed-without-action"}:
        speaks_for = speaks_for or cell.place.department
    return _report(
        cell.place,
        cell.deed,
        role=cell.role,
        author=Author(APP if cell.role == "channel" else f"staff/{cell.role}"),
        department=speaks_for,
        # A channel and a citizen belong to no city; whoever works for one names it.
        municipality=cell.place.municipality if cell.role in {"channel", "citizen"} else CITY,
    )


def _prepared(cell: Cell) -> Case:
    case = Case(case_id=cell.place.case_id)
    for offset, fact in enumerate(opened(cell.place)):
        case, judgement = step(case, Positioned(offset=offset, fact=fact), _TERMS)
        assert judgement.verdict == "effective"
    before = _BEFORE.get(cell.deed)
    if before is not None:
        place = cell.place
        department = place.department if before == "resolved" else None
        said = _report(
            place,
            before,
            role="operator",
            author=Author("staff/before"),
            department=department,
            municipality=place.municipality,
        )
        case, judgement = step(case, Positioned(offset=10, fact=_fact(said, 10)), _TERMS)
        assert judgement.verdict == "effective", judgement.reason
    return replace(case, told=frozenset({"head", "deputy", "mayor"}))


def _report(place: Place, did: Deed, **speaker: Any) -> ProgressReport:  # noqa: ANN401
    more = dict(GOES_WITH.get(did, {}))
    if "parts" in more:
        more["parts"] = tuple(ReportedPart(**one) for one in more["parts"])
    if did == "linked":
        more["parent_recorded_at"] = opened(EARLIEST)[0].recorded_at
    return ProgressReport(case_id=place.case_id, did=did, reference="smuggled", **speaker, **more)


def _fact(report: ProgressReport, offset: int) -> Any:  # noqa: ANN401  # any fact of progress
    lies = Source(inbox=PROGRESS_DESK, generation=1, partition=0, offset=offset)
    inbox = ProgressInbox(topic=PROGRESS_DESK)
    again = decode(encode(report), ProgressReport)
    return reported(again, inbox, lies, NOW, None, _PUBLISHED)
