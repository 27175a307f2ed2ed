"""`/api/v1/cases` and `/api/v1/cases/counts`: lists of cases, and how many there are."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from services.api import list_description as description
from services.api.changes.wanted import sight
from services.api.counting import counts
from services.api.cursor import Place, read, written
from services.api.desk import ReadDesk
from services.api.links import links
from services.api.listing import Page
from services.api.query import CaseQuery, CountQuery, ListQuery
from services.http.access import forbidden, reader
from services.http.client import Client

JSON = "application/json"
CACHING = {"Cache-Control": "private, no-store"}


def list_routes(desk: ReadDesk) -> APIRouter:
    routes = APIRouter(tags=["cases"])

    @routes.get("/cases", openapi_extra=description.LIST, summary="List cases")
    async def list_cases(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
        """Cases by filters, a page at a time; pages are stable while new cases come in."""
        client = await _reader(request, desk, query)
        place = read(query.cursor, query) if query.cursor is not None else None
        now = desk.now()
        page = await desk.lists.page(query, client, place, now)
        before, after = _neighbours(page, place.as_of if place else now)
        cursors = {
            "next": written(after, query) if after else None,
            "prev": written(before, query) if before else None,
        }
        link = links(request.url.path, request.query_params, **cursors)
        cases = ",".join(one.document for one in page.cases)
        following = orjson.dumps(cursors["next"]).decode()
        return Response(
            f'{{"cases":[{cases}],"next_cursor":{following}}}',
            HTTPStatus.OK,
            CACHING | {"Link": link},
            media_type=JSON,
        )

    @routes.get("/cases/counts", openapi_extra=description.COUNTS, summary="Count cases")
    async def count_cases(request: Request, query: Annotated[CountQuery, Query()]) -> Response:
        """How many cases the filters leave, in all and by up to two of their properties."""
        client = await _reader(request, desk, query)
        found = await counts(desk.lists, query, client, desk.now())
        return Response(orjson.dumps(found), headers=CACHING, media_type=JSON)

    return routes


async def _reader(request: Request, desk: ReadDesk, query: CaseQuery) -> Client:
    """Who calls. Raises a 403 problem where nothing of what is asked for can be seen."""
    client = await reader(request, desk.callers)
    seen = sight(client)
    asked = (
        (where, who) for where in query.municipality or [None] for who in query.department or [None]
    )
    if not any(seen.ever_sees(where, who) for where, who in asked):
        raise forbidden("This key sees nothing of what is asked for.")
    return client


def _neighbours(page: Page, as_of: datetime) -> tuple[Place | None, Place | None]:
    """The places before the page and after it, where there is something."""
    if not page.cases:
        return None, None
    first, last = page.cases[0], page.cases[-1]
    before = Place(at=first.at, case_id=first.case_id, before=True, as_of=as_of)
    after = Place(at=last.at, case_id=last.case_id, before=False, as_of=as_of)
    return before if page.more_before else None, after if page.more_after else None
