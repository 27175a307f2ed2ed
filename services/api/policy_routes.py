"""`/api/v1/municipalities`, `/departments`, `/categories` and `/policies`: what is published."""

from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from schemas.policy import Policy
from services.api import policies as shown
from services.api import policy_description as description
from services.api.desk import ReadDesk
from services.http.access import reader
from services.http.client import Client
from services.http.problems import ProblemError, refuse_unknown, unavailable

JSON = "application/json"
RETRY_AFTER_SECONDS = 2
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
# A version never changes; whoever has it may keep it.
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Authorization"}
NAME_CHARACTERS_MAX = 100

OneMunicipality = Annotated[
    str | None, Query(max_length=NAME_CHARACTERS_MAX, description="all of the key's, if left out")
]


def policy_routes(desk: ReadDesk) -> APIRouter:
    routes = APIRouter(tags=["policies"])
    _in_force(routes, desk)
    _versions(routes, desk)
    return routes


def _in_force(routes: APIRouter, desk: ReadDesk) -> None:
    @routes.get("/municipalities", openapi_extra=description.MUNICIPALITIES)
    async def municipalities(request: Request) -> Response:
        """The municipalities that are served here, and what is in force in each."""
        found = await _counting(request, desk, None)
        return _answer({"municipalities": [shown.municipality(one) for one in found]})

    @routes.get("/departments", openapi_extra=description.DEPARTMENTS)
    async def departments(request: Request, municipality: OneMunicipality = None) -> Response:
        """The departments, a tree by `parent`, of the policy in force."""
        found = await _counting(request, desk, municipality, "municipality")
        return _answer({"departments": shown.departments(found)})

    @routes.get("/categories", openapi_extra=description.CATEGORIES)
    async def categories(request: Request, municipality: OneMunicipality = None) -> Response:
        """What a message can be about, and what is promised for it, by the policy in force."""
        found = await _counting(request, desk, municipality, "municipality")
        return _answer({"categories": shown.categories(found)})


def _versions(routes: APIRouter, desk: ReadDesk) -> None:
    @routes.get("/policies", openapi_extra=description.POLICIES)
    async def versions(request: Request, municipality: OneMunicipality = None) -> Response:
        """Every version that was ever published, oldest first, and which of them is in force."""
        found = [
            shown.version(one, counts)
            for counts in await _counting(request, desk, municipality, "municipality")
            for one in desk.policies.versions(counts.municipality)
        ]
        return _answer({"policies": found})

    @routes.get("/policies/{municipality}/{since}", openapi_extra=description.POLICY)
    async def one_version(municipality: str, since: str, request: Request) -> Response:
        """One version in full, by its name: the same for ever."""
        client = await _reader(request, desk)
        wanted = f"{municipality}/{since}"
        for one in desk.policies.versions(municipality):
            if one.version == wanted and client.serves(municipality):
                return _answer(shown.in_full(one), FOR_EVER)
        raise _unknown("There is no such version.")


async def _reader(request: Request, desk: ReadDesk, *known: str) -> Client:
    client = await reader(request, desk.callers)
    refuse_unknown(request, *known)
    if not desk.policies.ready:
        raise unavailable("The policies are not read yet.", retry_after_seconds=RETRY_AFTER_SECONDS)
    return client


async def _counting(
    request: Request, desk: ReadDesk, municipality: str | None, *known: str
) -> list[Policy]:
    """What is in force where the key has to do with it. Raises a 404 problem for another place."""
    client = await _reader(request, desk, *known)
    places = desk.policies.municipalities if municipality is None else (municipality,)
    found = (desk.find_policy(one) for one in sorted(places) if client.serves(one))
    counting = [one for one in found if one is not None]
    if municipality is not None and not counting:
        raise _unknown("There is no such municipality here.")
    return counting


def _unknown(words: str) -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "not-found", words)


def _answer(body: dict[str, Any], caching: dict[str, str] = CACHING) -> Response:
    return Response(orjson.dumps(body), headers=caching, media_type=JSON)
