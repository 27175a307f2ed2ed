"""What is said of a case, as whom: tried, taken, and waited for if that is asked."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from schemas.messages import ProgressReport
from schemas.vocabulary import CaseId, FactId
from services.http.asgi import span_of
from services.intake.deeds.answers import Named, answer
from services.intake.deeds.door import FactDoor, append, judged_within, require
from services.intake.deeds.headers import Asked
from services.intake.deeds.known import Judged, KnownCase
from services.intake.deeds.parents import parent_of
from services.intake.deeds.speaker import Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One request: what goes with the deed, under which reference, and what was asked beside it."""

    goes_with: dict[str, Any]
    reference: str
    named: Named
    asked: Asked


async def judged_before(door: FactDoor, case: KnownCase, fact_id: FactId) -> Judged | None:
    """How it was judged when it was first said: of this case, or of the one that it follows."""
    found = await door.cases.judged(case.case_id, fact_id)
    if found is None and case.parent is not None:
        found = await door.cases.judged(case.parent, fact_id)
    return found


async def say(door: FactDoor, request: Request, said: Speaker, saying: Saying) -> Response:
    """Raises a problem that says why it was not taken, or why it has no effect."""
    named, seconds = saying.named, saying.asked.wait_seconds
    with door.counting(said.role):
        report = await _report(door, said, saying)
        require(door, said, report)
        await append(door, report, named.fact_id, span_of(request.scope))
    judged = None
    if seconds is not None:
        judged = await judged_within(door, report, named.fact_id, seconds)
    return answer(named, judged, saying.asked)


async def _report(door: FactDoor, said: Speaker, saying: Saying) -> ProgressReport:
    """The message for the inbox; who speaks, and when the case followed came, is ours to say."""
    goes_with = dict(saying.goes_with)
    if "parent" in goes_with:
        parent = await parent_of(door.cases, said.case, goes_with["parent"])
        goes_with |= {"parent": parent.case_id, "parent_recorded_at": parent.recorded_at}
    return ProgressReport(
        case_id=CaseId(said.case.case_id),
        reference=saying.reference,
        if_version=saying.asked.if_version,
        municipality=said.municipality,
        department=said.department,
        author=said.author,
        role=said.role,
        reporter_of=said.reporter_of,
        **goes_with,
    )
