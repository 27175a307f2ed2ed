"""Who a caller is and what it may do: a client with scopes, found by its key or its session."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from fastapi import Request

from schemas.vocabulary import Author, Channel, Municipality
from services.http.grants import (
    CITY_ROLES,
    EVERY_CHANNEL,
    READ,
    Grant,
    Place,
    grants_of,
    read_municipalities,
)
from services.http.problems import ProblemError


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The stable name of a caller, whatever key or session it uses now, and what it may do."""

    name: Author
    scopes: frozenset[str]
    below: frozenset[Place] = frozenset()
    """The departments that stand below those of which it is deputy."""
    must_change: bool = False
    """Whether its password is the first one, with which nothing can be done but to change it."""

    @property
    def grants(self) -> tuple[Grant, ...]:
        """As what it may act; without any, it may only read."""
        return grants_of(self.scopes)

    def may_submit(self, channel: Channel) -> bool:
        return EVERY_CHANNEL in self.scopes or f"channel:{channel}" in self.scopes

    @property
    def may_read_all(self) -> bool:
        return READ in self.scopes

    @property
    def may_read(self) -> bool:
        """Whether there is any case that it might see."""
        return self.may_read_all or bool(self.municipalities or self.departments)

    @property
    def municipalities(self) -> frozenset[Municipality]:
        """The municipalities whose cases it may see, all of them."""
        acts_in = (
            one.municipality for one in self.grants if one.role in CITY_ROLES and one.municipality
        )
        return read_municipalities(self.scopes).union(acts_in)

    @property
    def departments(self) -> frozenset[Place]:
        """The departments whose cases it may see, with what they need to do the work."""
        return self.below.union(
            (one.municipality, one.department)
            for one in self.grants
            if one.municipality and one.department
        )

    def sees(self, municipality: str, department: str | None) -> bool:
        """Whether a case of that department, or of none yet, is for it to see."""
        return (
            self.may_read_all
            or municipality in self.municipalities
            or (municipality, department) in self.departments
        )

    def serves(self, municipality: str) -> bool:
        """Whether it has to do with that municipality, and so may read its policy."""
        return (
            self.may_read_all
            or municipality in self.municipalities
            or any(where == municipality for where, _ in self.departments)
        )


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
