"""`/api/v1/calls`: the calls that were answered and made no case, counted."""

from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Query, Request, Response

from services.api import call_description as description
from services.api.call_query import CallQuery
from services.api.calls import call_counts, days_of
from services.api.desk import ReadDesk
from services.http.access import forbidden, reader
from services.http.client import Client
from services.http.problems import ProblemError, unavailable

JSON = "application/json"
CACHING = {"Cache-Control": "private, no-store"}
RETRY_AFTER_SECONDS = 2


def call_routes(desk: ReadDesk) -> APIRouter:
    routes = APIRouter(tags=["calls"])

    @routes.get("/calls", openapi_extra=description.CALLS, summary="Count calls without a case")
    async def calls(request: Request, query: Annotated[CallQuery, Query()]) -> Response:
        """How many calls were answered and made no case, each once, as it was told last."""
        client = await reader(request, desk.callers)
        if not reads_calls(client, query.municipality):
            raise forbidden("This key reads no calls of that municipality.")
        if not desk.policies.ready:
            words = "The policies are not read yet."
            raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS)
        policy = desk.find_policy(query.municipality)
        if policy is None:
            words = "There is no such municipality here."
            raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", words)
        days = days_of(query, ZoneInfo(policy.zone), desk.now())
        body = await call_counts(desk.lists, query, days)
        return Response(orjson.dumps(body), headers=CACHING, media_type=JSON)

    return routes


def reads_calls(client: Client, municipality: str) -> bool:
    """Whoever reads the whole municipality: no call belongs to a department."""
    return client.may_read_all or municipality in client.municipalities
