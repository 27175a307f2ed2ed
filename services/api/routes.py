"""`/api/v1/…`: one case, its facts, and the citizen's look-up."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api import description, past, track_description
from services.api.call_routes import call_routes
from services.api.desk import ReadDesk
from services.api.facts import FACTS_MAX, page
from services.api.list_routes import list_routes
from services.api.policy_routes import policy_routes
from services.api.reads import ReadCase, Relative
from services.api.seen import CASE_CACHING, CASE_ID, seen_by
from services.api.sla_routes import sla_routes
from services.api.terms import PublishedTerms
from services.api.track import track
from services.api.whole import whole
from services.http.access import reader
from services.http.addresses import address_of
from services.http.client import Client
from services.http.moments import moment
from services.http.problems import Fault, refuse_unknown, refused

JSON = "application/json"
TRACK_BYTES_MAX = 4 * 1024

Limit = Annotated[int, Query(ge=1, le=FACTS_MAX)]
After = Annotated[int, Query(ge=-1, le=2**62, description="`next` of the page before")]
OneMunicipality = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class TrackBody(BaseModel):
    """A code that two cases have, and what tells them apart: never in a URL."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=100)]
    municipality: Annotated[str | None, Field(max_length=100)] = None
    phone_last_digits: Annotated[str | None, Field(max_length=20)] = None


def api_routes(desk: ReadDesk) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")
    # Before the single case, whose address theirs is like.
    routes.include_router(list_routes(desk))
    terms = PublishedTerms(desk.policies)
    _read_cases(routes, desk, terms)
    routes.include_router(sla_routes(desk, terms))
    _look_up(routes, desk)
    routes.include_router(policy_routes(desk))
    routes.include_router(call_routes(desk))
    return routes


def _read_cases(routes: APIRouter, desk: ReadDesk, terms: PublishedTerms) -> None:
    @routes.get("/cases/{case_id}", tags=["cases"], openapi_extra=description.CASE)  # noqa: FAST003
    async def one_case(request: Request) -> Response:
        """One case as the fold of its facts, now or at a moment; its version is the ETag."""
        client = await reader(request, desk.callers)
        # Taken by hand: declared, both would be validated for every request.
        case_id = request.path_params["case_id"]
        if request.scope["query_string"] and _asks_for_the_past(request):
            shown = await _past(request, desk, terms, client, case_id)
            return _case_response(request, shown)
        found = await desk.reads.case(case_id) if CASE_ID.fullmatch(case_id) else None
        case = seen_by(client, found)
        policy = desk.find_policy(case.municipality) if case.body else None
        shown = await whole(desk.reads, client, case, policy, desk.reads.root)
        return _case_response(request, shown)

    @routes.get("/cases/{case_id}/facts", tags=["cases"], openapi_extra=description.FACTS)
    async def facts_of_case(
        case_id: str, request: Request, limit: Limit = 100, after: After = -1
    ) -> Response:
        """The case's facts in the order of the log, each with the fold's judgement."""
        client = await reader(request, desk.callers)
        refuse_unknown(request, "limit", "after")
        found, facts = None, []
        if CASE_ID.fullmatch(case_id):
            found, facts = await desk.reads.facts(case_id, after=after, limit=limit + 1)
        seen_by(client, found)
        body = page(request.url.path, facts, limit)
        return Response(orjson.dumps(body), headers=CASE_CACHING, media_type=JSON)


def _look_up(routes: APIRouter, desk: ReadDesk) -> None:
    @routes.get("/track/{code}", tags=["tracking"], openapi_extra=track_description.TRACK)
    async def track_case(
        code: str, request: Request, municipality: OneMunicipality = None
    ) -> Response:
        """What became of a message, for whoever has its code; nothing personal."""
        spent = await spend(request, desk)
        shown = await track(desk.reads, desk.find_policy, code, municipality=municipality)
        return _tracked(shown, spent)

    @routes.post(
        "/track",
        tags=["tracking"],
        openapi_extra=track_description.TRACK_POST,
        max_body_size=TRACK_BYTES_MAX,
    )
    async def track_one_of_several(
        request: Request, body: Annotated[TrackBody, Body()]
    ) -> Response:
        """The same for a code that more than one case has."""
        spent = await spend(request, desk)
        shown = await track(
            desk.reads,
            desk.find_policy,
            body.code,
            municipality=body.municipality,
            phone_last_digits=body.phone_last_digits,
        )
        return _tracked(shown, spent)


def _asks_for_the_past(request: Request) -> bool:
    refuse_unknown(request, "at")
    return "at" in request.query_params


async def _past(
    request: Request, desk: ReadDesk, terms: PublishedTerms, client: Client, case_id: str
) -> ReadCase:
    """The case at the moment that is asked for, for who may see it now."""
    try:
        at = moment(request.query_params["at"])
    except ValueError as error:
        raise refused(Fault(pointer="/query/at", detail=str(error))) from error
    found, facts = None, []
    if CASE_ID.fullmatch(case_id):
        most = past.FACTS_MAX + 1
        found, facts = await desk.reads.recorded_by(case_id, at, most=most)
    case = seen_by(client, found)
    then = await past.case_at(desk.reads, terms, case_id, case.municipality, facts)

    def find_root(of: str) -> Awaitable[Relative | None]:
        return past.root_at(desk.reads, terms, of, at)

    policy = desk.find_policy(case.municipality) if then.body else None
    return await whole(desk.reads, client, then, policy, find_root, at)


def _case_response(request: Request, case: ReadCase) -> Response:
    tag = f'"{case.version}"'
    headers = CASE_CACHING | {"ETag": tag}
    # What the case has to do with may change while its version does not.
    if not case.related and _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(case.document, headers=headers, media_type=JSON)


def _matches(asked: str | None, tag: str) -> bool:
    if asked is None:
        return False
    tags = (one.strip().removeprefix("W/") for one in asked.split(","))
    return any(one in {"*", tag} for one in tags)


async def spend(request: Request, desk: ReadDesk) -> dict[str, str]:
    """One look-up of this address; the headers say what is left. Raises a 429 problem."""
    return await desk.limit.spend(address_of(request), now=desk.now().timestamp())


def _tracked(shown: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(shown), headers=headers | {"Cache-Control": "no-store"}, media_type=JSON
    )
