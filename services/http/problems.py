"""Errors as RFC 9457 problem details, which never repeat what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:peygir:problem:"
ERRORS_SHOWN_MAX = 20
_NOT_KNOWN = "this field is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, where in the body it is (a JSON pointer), in words."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """What the caller is told instead of an answer."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        """What else the problem says, such as the same in Persian."""


def unavailable(what: str, *, retry_after_seconds: int) -> ProblemError:
    """Something that we stand on is away; the same request succeeds later."""
    headers = {"Retry-After": str(retry_after_seconds)}
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", what, headers=headers)


def refused(*faults: Fault) -> ProblemError:
    """The request can be read and does not fit."""
    words = "The request does not fit; `errors` says where."
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", words, faults=faults)


def refuse_unknown(request: Request, *known: str) -> None:
    """A misspelt filter that is passed over would answer another question."""
    faults = [
        Fault(pointer=_pointer(("query", name)), detail=_NOT_KNOWN)
        for name in sorted(request.query_params.keys() - set(known))
    ]
    if faults:
        raise refused(*faults)


def from_validation(found: Sequence[Mapping[str, Any]]) -> ProblemError:
    """The problem that pydantic found, without the input."""
    if any(one["type"] == "json_invalid" for one in found):
        return ProblemError(HTTPStatus.BAD_REQUEST, *_FRAMEWORK[HTTPStatus.BAD_REQUEST])
    return refused(*(Fault(pointer=_pointer(one["loc"]), detail=_words(one)) for one in found))


def too_large() -> ProblemError:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return ProblemError(status, *_FRAMEWORK[status])


def response(problem: ProblemError) -> Response:
    status = HTTPStatus(problem.status)
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": status.phrase,
        "status": int(status),
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.faults:
        shown = problem.faults[:ERRORS_SHOWN_MAX]
        body["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in shown]
    body |= problem.members
    headers = {"Cache-Control": "no-store"} | problem.headers
    return Response(orjson.dumps(body), int(status), headers, media_type=MEDIA_TYPE)


def problem_responses(*statuses: int) -> dict[str, Any]:
    """What the OpenAPI document says of these errors."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "example": TYPE_PREFIX + "invalid"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_fa": {"type": "string"},
        "code": {"type": "string", "description": "why a fact has no effect, for programs"},
        "fact_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def install(app: FastAPI) -> None:
    """Makes every error of the application, the framework's own too, a problem."""
    app.add_exception_handler(ProblemError, _ours)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return response(error)


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind, detail = _FRAMEWORK.get(error.status_code, ("http", ""))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_here(request))
    return response(ProblemError(error.status_code, kind, detail, headers=headers))


def _methods_here(request: Request) -> list[str]:
    """All that the address takes: the framework names those of its first route alone."""
    routes = list(iter_route_contexts(request.app.routes))
    tried = request.scope.get("route")
    paths = {one.path for one in routes if one.original_route is tried}
    return sorted({name for one in routes if one.path in paths for name in one.methods or ()})


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {**one, "loc": one["loc"][1:] if one["loc"][:1] == ("body",) else one["loc"]}
        for one in error.errors()
    ]
    return response(from_validation(found))


async def _unexpected(_request: Request, _error: Exception) -> Response:
    # The cause is for the log; what it says may be personal or help an attacker.
    return response(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", ""))


def _pointer(place: Sequence[Any]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return "".join(f"/{part}" for part in parts)


def _words(one: Mapping[str, Any]) -> str:
    if one["type"] == "extra_forbidden":
        return _NOT_KNOWN
    if one["type"] == "string_unicode":
        return "the text holds half of a surrogate pair"
    if one["type"] == "value_error":
        return str(one["msg"]).removeprefix("Value error, ")
    return str(one["msg"])


_FRAMEWORK: dict[int, tuple[str, str]] = {
    400: ("unreadable", "The body cannot be read as JSON in UTF-8."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method", "This address does not take this method."),
    413: ("too-large", "The body is larger than this address takes."),
}
