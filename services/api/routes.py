"""`/api/v1/…`: one case, its facts, and the citizen's look-up."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api import description
from services.api.facts import FACTS_MAX, page
from services.api.limits import AddressLimit
from services.api.reads import ReadCase, Reads
from services.api.track import FindPolicy, track
from services.http.access import Client, FindClient, caller, forbidden
from services.http.problems import ProblemError

JSON = "application/json"
# A case is the caller's alone and changes at any moment: kept, but asked for again.
CASE_CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
CASE_ID = re.compile(r"[a-z2-7]{32}")
TRACK_BYTES_MAX = 4 * 1024
ANYBODY = "unknown"

Limit = Annotated[int, Query(ge=1, le=FACTS_MAX)]
After = Annotated[int, Query(ge=-1, le=2**62, description="`next` of the page before")]
OneMunicipality = Annotated[str | None, Query(max_length=100)]


class TrackBody(BaseModel):
    """A code that two cases have, and what tells them apart: never in a URL."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=100)]
    municipality: Annotated[str | None, Field(max_length=100)] = None
    phone_last_digits: Annotated[str | None, Field(max_length=20)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDesk:
    """All that the endpoints stand on."""

    reads: Reads
    find_client: FindClient
    find_policy: FindPolicy
    limit: AddressLimit
    now: Callable[[], datetime]


def api_routes(desk: ReadDesk) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")
    _read_cases(routes, desk)
    _look_up(routes, desk)
    return routes


def _read_cases(routes: APIRouter, desk: ReadDesk) -> None:
    @routes.get("/cases/{case_id}", tags=["cases"], openapi_extra=description.CASE)  # noqa: FAST003
    async def one_case(request: Request) -> Response:
        """One case as the fold of its facts; its version is the ETag."""
        client = _reader(request, desk)
        # Taken from the path by hand: declared, it would be validated for every request.
        case_id = request.path_params["case_id"]
        found = None
        if CASE_ID.fullmatch(case_id):
            found = await desk.reads.case(case_id, with_content=client.may_read_all)
        return _case_response(request, _seen_by(client, found))

    @routes.get("/cases/{case_id}/facts", tags=["cases"], openapi_extra=description.FACTS)
    async def facts_of_case(
        case_id: str, request: Request, limit: Limit = 100, after: After = -1
    ) -> Response:
        """The case's facts in the order of the log, each with the fold's judgement."""
        client = _reader(request, desk)
        found, facts = None, []
        if CASE_ID.fullmatch(case_id):
            found, facts = await desk.reads.facts(case_id, after=after, limit=limit + 1)
        _seen_by(client, found)
        body = page(request.url.path, facts, limit)
        return Response(orjson.dumps(body), headers=CASE_CACHING, media_type=JSON)


def _look_up(routes: APIRouter, desk: ReadDesk) -> None:
    @routes.get("/track/{code}", tags=["tracking"], openapi_extra=description.TRACK)
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
        openapi_extra=description.TRACK,
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


def _reader(request: Request, desk: ReadDesk) -> Client:
    client = caller(request, desk.find_client)
    if not client.may_read_all and not client.departments:
        raise forbidden("This key is not for reading.")
    return client


def _seen_by(client: Client, found: ReadCase | None) -> ReadCase:
    """The case, if it may be seen: another department's is as unknown as none."""
    if found is not None and (
        client.may_read_all or (found.municipality, found.department) in client.departments
    ):
        return found
    words = "There is no such case here; one that was accepted just now can be read in a moment."
    raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", words, headers={"Retry-After": "1"})


def _case_response(request: Request, case: ReadCase) -> Response:
    tag = f'"{case.version}"'
    headers = CASE_CACHING | {"ETag": tag}
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(case.document, headers=headers, media_type=JSON)


def _matches(asked: str | None, tag: str) -> bool:
    if asked is None:
        return False
    tags = (one.strip().removeprefix("W/") for one in asked.split(","))
    return any(one in {"*", tag} for one in tags)


async def spend(request: Request, desk: ReadDesk) -> dict[str, str]:
    """One look-up of this address; the headers say what is left. Raises a 429 problem."""
    address = request.client.host if request.client else ANYBODY
    return await desk.limit.spend(address, now=desk.now().timestamp())


def _tracked(shown: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(shown), headers=headers | {"Cache-Control": "no-store"}, media_type=JSON
    )
