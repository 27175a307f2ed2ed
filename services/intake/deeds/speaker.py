"""As what a caller speaks of a case: the grant that permits the deed, and what follows from it."""

from dataclasses import dataclass

from schemas.vocabulary import Author, CaseId, Deed, Department, Municipality, Role
from services.http.client import Client
from services.http.grants import Grant
from services.http.problems import ProblemError
from services.intake.deeds.known import Cases, KnownCase, root_of
from services.intake.deeds.words import no_grant, no_such_case, problem_of
from streams.core.permissions import OF_THE_OWNER, permits
from streams.core.refusal import refused_for
from streams.core.terms import Terms

CITIZEN = Author("citizen")
"""Whoever has the tracking code; which of them is told by the case."""
# Whoever is several things speaks as who is nearest to the work.
_NEAREST: tuple[Role, ...] = (
    "member",
    "head",
    "deputy",
    "operator",
    "mayor",
    "channel",
    "auditor",
    "administrator",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who says it, as what, of which case; `reporter_of` is the citizen's own that follows it."""

    author: Author
    role: Role
    case: KnownCase
    department: Department | None = None
    reporter_of: CaseId | None = None

    @property
    def municipality(self) -> Municipality:
        return self.case.municipality


async def citizen_of(cases: Cases, own: KnownCase, did: Deed) -> Speaker:
    """Whoever has the code, of their own case, or of the one that it follows."""
    return await _for_a_citizen(cases, Speaker(author=CITIZEN, role="citizen", case=own), did)


async def speaker_of(
    cases: Cases, client: Client, case: KnownCase, did: Deed, terms: Terms
) -> Speaker:
    """Raises a 404 problem where the caller may not see the case, and a 403 where not say that."""
    brought = _brought(client, case)
    if not (brought or client.sees(case.municipality, case.department)):
        raise no_such_case()
    grants = sorted(
        (one for one in client.grants if _here(one, case, brought=brought)),
        key=lambda one: _NEAREST.index(one.role),
    )
    grant = next((one for one in grants if _permitted(one, case, did, terms)), None)
    if grant is None:
        raise _not_permitted(grants, did)
    department = grant.department
    if grant.role == "operator" and did in OF_THE_OWNER:
        department = case.department
    said = Speaker(author=client.name, role=grant.role, case=case, department=department)
    return await _for_a_citizen(cases, said, did) if grant.role == "channel" else said


async def _for_a_citizen(cases: Cases, said: Speaker, did: Deed) -> Speaker:
    """What a citizen says goes to the case that theirs follows; a note stays with their own."""
    if said.case.parent is None or did == "noted":
        return said
    root = await root_of(cases, said.case)
    if root is None:
        return said
    return Speaker(author=said.author, role=said.role, case=root, reporter_of=said.case.case_id)


def _brought(client: Client, case: KnownCase) -> bool:
    return client.name == case.author and any(one.role == "channel" for one in client.grants)


def _here(grant: Grant, case: KnownCase, *, brought: bool) -> bool:
    """A channel's grant counts for the cases that it brought."""
    return brought if grant.role == "channel" else grant.municipality == case.municipality


def _permitted(grant: Grant, case: KnownCase, did: Deed, terms: Terms) -> bool:
    return permits(grant.role, did, speaker=grant.department, owner=case.department, version=terms)


def _not_permitted(grants: list[Grant], did: Deed) -> ProblemError:
    if not grants:
        return no_grant()
    return problem_of(refused_for("not-permitted", role=grants[0].role, deed=did))
