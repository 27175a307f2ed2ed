"""`POST /intake/v1/cases/{case_id}/facts`, and the same for a citizen who has the tracking code."""

from fastapi import APIRouter, Request, Response

from services.http.access import caller
from services.http.client import Client
from services.http.problems import ProblemError
from services.intake.deeds.answers import TRACK, Named, answer
from services.intake.deeds.body import (
    FACT,
    FACT_BYTES_MAX,
    TRACKED_BYTES_MAX,
    FactBody,
    read_body,
    with_the_deed,
)
from services.intake.deeds.citizen import say_as_citizen
from services.intake.deeds.description import FACTS, TRACKED_FACTS
from services.intake.deeds.door import PATH, FactDoor, fact_id_of
from services.intake.deeds.headers import Asked, asked_of, key_needed
from services.intake.deeds.known import KnownCase
from services.intake.deeds.saying import Saying, judged_before, say
from services.intake.deeds.speaker import speaker_of
from services.intake.deeds.words import no_such_case, with_persian

TRACKED_PATH = "/intake/v1/tracked/facts"


def fact_routes(door: FactDoor) -> APIRouter:
    routes = APIRouter(tags=["intake"])

    @routes.post(
        PATH,
        status_code=202,
        summary="Say what was done about a case",
        openapi_extra=FACTS,
        max_body_size=FACT_BYTES_MAX,
    )
    async def say_of_case(request: Request) -> Response:
        client = await caller(request, door.callers)
        asked = asked_of(request)
        if asked.key is None:
            raise key_needed()
        body = read_body(FACT, await request.body())
        return await _say(door, request, client, body, asked=asked, reference=asked.key)

    @routes.post(
        TRACKED_PATH,
        status_code=202,
        summary="Say something of one's own message",
        openapi_extra=TRACKED_FACTS,
        max_body_size=TRACKED_BYTES_MAX,
    )
    async def say_of_tracked(request: Request) -> Response:
        try:
            return await say_as_citizen(door, request)
        except ProblemError as problem:
            raise with_persian(problem) from problem

    return routes


async def _say(
    door: FactDoor,
    request: Request,
    client: Client,
    body: FactBody,
    *,
    asked: Asked,
    reference: str,
) -> Response:
    goes_with = with_the_deed(body)
    case = await door.cases.known(request.path_params["case_id"])
    if case is None:
        raise no_such_case()
    fact_id = fact_id_of(client.name, reference, body.did)
    named = Named(fact_id=fact_id, href=_href(client, case), case_id=case.case_id)
    # Whoever repeats it has a right to its answer, also where the case is not theirs any more.
    before = await judged_before(door, case, fact_id)
    if before is not None:
        return answer(named, before, asked)
    said = await speaker_of(door.cases, client, case, body.did, door.terms(case))
    saying = Saying(goes_with=goes_with, reference=reference, named=named, asked=asked)
    return await say(door, request, said, saying)


def _href(client: Client, case: KnownCase) -> str:
    """The page of facts that begins with what is said now; a channel reads as its citizens do."""
    if not client.may_read:
        return TRACK
    return f"/api/v1/cases/{case.case_id}/facts?after={case.version}"
