"""`/staff/v1/accounts`: a municipality's administrator keeps the accounts of its staff."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from schemas.vocabulary import Municipality
from services.http.access import caller, forbidden
from services.http.client import Client
from services.http.grants import scope_of
from services.http.problems import Fault, ProblemError, refuse_unknown, refused
from services.staff import accounts, body, description, keeping
from services.staff.account import AccountRefusedError, NewAccount, author, first_password
from services.staff.account import new_account as checked
from services.staff.accounts import Connection
from services.staff.ask import ask, at_once
from services.staff.body import AccountBody
from services.staff.desk import StaffDesk
from services.staff.session_routes import answer, done

SHOWN_MAX = 1_000

Name = Annotated[str, Path(max_length=body.FIELD_CHARACTERS_MAX)]
After = Annotated[str, Query(pattern="^[a-z0-9.-]{0,63}$", description="`next` of a page")]
Limit = Annotated[int, Query(ge=1, le=SHOWN_MAX)]


def account_routes(desk: StaffDesk) -> APIRouter:
    routes = APIRouter(prefix="/accounts", tags=["staff"])
    _all(routes, desk)
    _one(routes, desk)
    return routes


def _all(routes: APIRouter, desk: StaffDesk) -> None:
    @routes.get("", openapi_extra=description.ACCOUNTS)
    async def accounts_of_staff(
        request: Request, after: After = "", limit: Limit = 100
    ) -> Response:
        """The accounts of the municipality, by name."""
        _, places = await _administrator(request, desk)
        refuse_unknown(request, "after", "limit")
        found = await ask(
            desk.database,
            lambda pool: accounts.listed(pool, municipalities=places, after=after, limit=limit + 1),
        )
        shown = [body.account_shown(one) for one in found[:limit]]
        return answer({"accounts": shown, "next": shown[-1]["name"] if found[limit:] else None})

    @routes.post(
        "", status_code=201, openapi_extra=description.ADD, max_body_size=body.BODY_BYTES_MAX
    )
    async def add_an_account(request: Request) -> Response:
        """Make an account; its first password is shown this once."""
        _, places = await _administrator(request, desk)
        wanted = _wanted(desk, body.read(body.ACCOUNT, await request.body()), places)
        password = first_password()
        digest = await desk.passwords.digest(password)
        at = desk.now()

        if not await at_once(
            desk.database,
            lambda connection: keeping.make(connection, wanted, digest=digest, at=at),
        ):
            raise ProblemError(HTTPStatus.CONFLICT, "taken", "This name is taken, for ever.")
        return answer({"name": wanted.name, "first_password": password}, HTTPStatus.CREATED)


def _one(routes: APIRouter, desk: StaffDesk) -> None:
    @routes.post("/{name}/password", openapi_extra=description.RENEW)
    async def give_a_new_first_password(name: Name, request: Request) -> Response:
        """For who forgot it: shown this once; every session of the account ends."""
        _, places = await _administrator(request, desk)
        await _here(desk, name, places)
        password = first_password()
        digest = await desk.passwords.digest(password)
        at = desk.now()
        await _change(
            desk,
            name,
            lambda connection: keeping.renew(connection, name, digest=digest, at=at),
        )
        return answer({"name": name, "first_password": password})

    @routes.delete("/{name}", status_code=204, openapi_extra=description.DISABLE)
    async def disable_an_account(name: Name, request: Request) -> Response:
        """End it for ever, and its sessions at once; its name stands under what it said."""
        client, places = await _administrator(request, desk)
        await _here(desk, name, places)
        if client.name == author(name):
            words = "Nobody disables the account that they work with: another administrator does."
            raise ProblemError(HTTPStatus.CONFLICT, "own-account", words)
        at = desk.now()
        await _change(desk, name, lambda connection: keeping.disable(connection, name, at=at))
        return done()


async def _administrator(
    request: Request, desk: StaffDesk
) -> tuple[Client, frozenset[Municipality]]:
    """Who calls, and whose accounts it keeps. Raises a 401 or a 403 problem."""
    client = await caller(request, desk.callers)
    places = (one.municipality for one in client.grants if one.role == "administrator")
    found = frozenset(one for one in places if one is not None)
    if not found:
        raise forbidden("Accounts are kept by an administrator of the municipality.")
    return client, found


def _wanted(desk: StaffDesk, given: AccountBody, places: frozenset[Municipality]) -> NewAccount:
    """The account that may be made. Raises a 403 or a 422 problem."""
    if given.municipality not in places:
        raise forbidden("You keep no accounts of that municipality.")
    try:
        wanted = checked(**given.model_dump())
    except AccountRefusedError as error:
        raise refused(Fault(pointer=f"/{error.field}", detail=str(error))) from None
    wrong = desk.wrong_place(scope_of(wanted.grant))
    if wrong is not None:
        raise refused(Fault(pointer="/department", detail=wrong))
    return wanted


async def _here(desk: StaffDesk, name: str, places: frozenset[Municipality]) -> None:
    """Raises a 404 problem for another municipality's account as for none."""
    kept = await ask(desk.database, lambda pool: accounts.find(pool, name))
    if kept is None or kept.account.municipality not in places:
        raise _unknown()


async def _change(
    desk: StaffDesk, name: str, work: Callable[[Connection], Awaitable[bool]]
) -> None:
    """Raises a 409 problem where nothing could be changed."""
    changed = await at_once(desk.database, work)
    desk.known.forget_all(name)
    if not changed:
        raise ProblemError(HTTPStatus.CONFLICT, "disabled", "This account is disabled, for ever.")


def _unknown() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "not-found", "There is no such account here.")
