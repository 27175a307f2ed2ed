"""Who calls, found by its key or its session."""

from http import HTTPStatus
from typing import Protocol

from fastapi import Request

from services.http.client import Client
from services.http.problems import ProblemError


class Callers(Protocol):
    """Finds the client of a key or a session, or nothing where it is unknown or has ended.

    Both raise a 503 problem where that cannot be known yet.
    """

    async def find(self, token: str) -> Client | None:
        """For a request: a session that was not seen before is asked for."""
        ...

    def known(self, token: str) -> Client | None:
        """For what goes on without requests: as it is known, without asking and without using."""
        ...


async def reader(request: Request, callers: Callers) -> Client:
    """Who calls, and may read something. Raises a 401 or a 403 problem."""
    client = await caller(request, callers)
    if not client.may_read:
        raise forbidden("This key is not for reading.")
    return client


async def caller(request: Request, callers: Callers) -> Client:
    """Who calls. Raises a 401 problem without a key or session in force.

    Raises a 403 problem where the password is still the first one.
    """
    client = await anyone(request, callers)
    if client.must_change:
        raise ProblemError(
            HTTPStatus.FORBIDDEN,
            "password-change-needed",
            "This is the first password: change it (`PUT /staff/v1/me/password`), then go on.",
        )
    return client


async def anyone(request: Request, callers: Callers) -> Client:
    """Who calls, with a first password too: for changing it alone. Raises a 401 problem."""
    client = await callers.find(bearer_token(request))
    if client is None:
        raise _unauthorised("This key or session is not in force.")
    return client


def bearer_token(request: Request) -> str:
    """The key or session that was sent. Raises a 401 problem where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorised(
            "An API key or a session is needed: `Authorization: Bearer pgr_…` or `pgs_…`."
        )
    return token.strip()


def forbidden(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)


def _unauthorised(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "unauthorised",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="peygir"'},
    )
