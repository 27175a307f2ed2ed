"""`/staff/v1/sessions` and `/staff/v1/me`: a person signs in and out, and changes its password."""

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from services.http.access import anyone, bearer_token, caller, forbidden
from services.http.addresses import address_of, household
from services.staff import accounts, body, description
from services.staff.account import name_of
from services.staff.ask import ask
from services.staff.desk import StaffDesk
from services.staff.signing import change_password, sign_in, sign_out

JSON = "application/json"
CACHING = {"Cache-Control": "no-store"}


def session_routes(desk: StaffDesk) -> APIRouter:
    routes = APIRouter(tags=["staff"])
    _sessions(routes, desk)
    _me(routes, desk)
    return routes


def answer(shown: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(shown), status, CACHING, media_type=JSON)


def done() -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=CACHING)


def _sessions(routes: APIRouter, desk: StaffDesk) -> None:
    @routes.post(
        "/sessions",
        status_code=201,
        openapi_extra=description.SIGN_IN,
        max_body_size=body.BODY_BYTES_MAX,
    )
    async def sign_in_with_a_password(request: Request) -> Response:
        """Begin a session; its token is shown this once."""
        given = body.read(body.SIGN_IN, await request.body())
        address = household(address_of(request))
        begun = await sign_in(desk, given.name, given.password, address=address)
        return answer(body.signed_in_shown(begun), HTTPStatus.CREATED)

    @routes.delete("/sessions/current", status_code=204, openapi_extra=description.SIGN_OUT)
    async def sign_out_of_this_session(request: Request) -> Response:
        """End this session, at once."""
        await _person(request, desk)
        await sign_out(desk, bearer_token(request))
        return done()


def _me(routes: APIRouter, desk: StaffDesk) -> None:
    @routes.get("/me", openapi_extra=description.ME)
    async def who_am_i(request: Request) -> Response:
        """The account whose session this is."""
        await caller(request, desk.callers)
        name = await _person(request, desk)
        kept = await ask(desk.database, lambda pool: accounts.find(pool, name))
        assert kept is not None, "whoever has a session has an account, which is never deleted"
        return answer(body.account_shown(kept.account))

    @routes.put(
        "/me/password", openapi_extra=description.PASSWORD, max_body_size=body.BODY_BYTES_MAX
    )
    async def change_my_password(request: Request) -> Response:
        """Take another password: every session ends, and one begins."""
        name = await _person(request, desk)
        given = body.read(body.PASSWORD, await request.body())
        begun = await change_password(
            desk,
            name,
            current=given.current,
            new=given.new,
            address=household(address_of(request)),
        )
        return answer(body.signed_in_shown(begun))


async def _person(request: Request, desk: StaffDesk) -> str:
    """Whose session it is, with a first password too. Raises a 401 or a 403 problem."""
    name = name_of((await anyone(request, desk.callers)).name)
    if name is None:
        raise forbidden("This is for a person's session, and not for an API key.")
    return name
