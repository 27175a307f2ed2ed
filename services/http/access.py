"""Who a caller is and what it may do: a client with scopes, found by its API key."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from schemas.vocabulary import CHANNELS, Author, Channel, Department, Municipality
from services.http.problems import ProblemError

READ = "read"
READ_OF = "read:"
DEPARTMENT = "department:"
EVERY_CHANNEL = "channel:*"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The stable name of a caller, whatever key it uses now, and what it may do."""

    name: Author
    scopes: frozenset[str]

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
        found = (one.removeprefix(READ_OF) for one in self.scopes if one.startswith(READ_OF))
        return frozenset(Municipality(one) for one in found)

    @property
    def departments(self) -> frozenset[tuple[Municipality, Department]]:
        """The departments whose cases it may see, with what they need to do the work."""
        found = (one.removeprefix(DEPARTMENT) for one in self.scopes if _is_department(one))
        pairs = (one.split("/", 1) for one in found)
        return frozenset((Municipality(where), Department(who)) for where, who in pairs)

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


FindClient = Callable[[str], Client | None]
"""The client of a key, or nothing where the key is unknown or revoked."""


def reader(request: Request, find_client: FindClient) -> Client:
    """Who calls, with a key for reading. Raises a 401 or a 403 problem."""
    client = caller(request, find_client)
    if not client.may_read:
        raise forbidden("This key is not for reading.")
    return client


def caller(request: Request, find_client: FindClient) -> Client:
    """Who calls. Raises a 401 problem without a key that is in force."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise _unauthorised("An API key is needed: `Authorization: Bearer pgr_…`.")
    client = find_client(key.strip())
    if client is None:
        raise _unauthorised("This API key is not in force.")
    return client


def forbidden(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)


def valid_scope(scope: str) -> bool:
    """Whether it is one: `read`, `read:hashtgerd`, `department:hashtgerd/parks`, `channel:web`."""
    known = scope in {READ, EVERY_CHANNEL} or _is_channel(scope)
    return known or _is_municipality(scope) or _is_department(scope)


def _is_municipality(scope: str) -> bool:
    return scope.startswith(READ_OF) and bool(_ID.fullmatch(scope.removeprefix(READ_OF)))


def _is_channel(scope: str) -> bool:
    return scope.removeprefix("channel:") in CHANNELS and scope.startswith("channel:")


def _is_department(scope: str) -> bool:
    where, slash, who = scope.removeprefix(DEPARTMENT).partition("/")
    return scope.startswith(DEPARTMENT) and bool(where and slash and who)


def _unauthorised(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "unauthorised",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="peygir"'},
    )
