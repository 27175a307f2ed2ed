"""Who a caller is and what it may do: a client with scopes, found by its API key."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from schemas.vocabulary import CHANNELS, Author, Channel, Department, Municipality
from services.http.problems import ProblemError

READ = "read"
EVERY_CHANNEL = "channel:*"


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
    def departments(self) -> frozenset[tuple[Municipality, Department]]:
        """The departments whose cases it may see, with what they need to do the work."""
        found = (one.removeprefix("department:") for one in self.scopes if _is_department(one))
        pairs = (one.split("/", 1) for one in found)
        return frozenset((Municipality(where), Department(who)) for where, who in pairs)


FindClient = Callable[[str], Client | None]
"""The client of a key, or nothing where the key is unknown or revoked."""


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
    """Whether the words are a scope: `read`, `channel:web`, `department:hashtgerd/parks`."""
    return scope in {READ, EVERY_CHANNEL} or _is_channel(scope) or _is_department(scope)


def _is_channel(scope: str) -> bool:
    return scope.removeprefix("channel:") in CHANNELS and scope.startswith("channel:")


def _is_department(scope: str) -> bool:
    where, slash, who = scope.removeprefix("department:").partition("/")
    return scope.startswith("department:") and bool(where and slash and who)


def _unauthorised(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "unauthorised",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="peygir"'},
    )
