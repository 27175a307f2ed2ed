"""The ASGI layers around every HTTP edge: security headers, and a measure of each request."""

import time
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.types import Message, Receive, Scope, Send

from schemas.exposition import Meters
from schemas.metrics import HTTP_SECONDS
from services.http.problems import response, too_large

ANSWERED_AT = "peygir.answered-at"
"""Where an answer without an end leaves in the scope when it began, by `time.perf_counter`."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

NO_ROUTE = "none"
WHEN_IT_FAILS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

# The framework's own limit answers in plain text, out of reach of error handlers.
TOO_LARGE = response(too_large())
TOO_LARGE_HEADERS = TOO_LARGE.raw_headers


class Edge:
    """Adds the headers to every answer, and notes how long it took by route template.

    One layer for both, since each layer costs every request.
    """

    def __init__(self, app: FastAPI, meters: Meters) -> None:
        self.app = app
        self._meters = meters
        routes = list(iter_route_contexts(app.routes))
        # A route knows the prefix of its own router alone, and none of those that this is within.
        self._templates = {id(one.original_route): one.path or NO_ROUTE for one in routes}
        for one in routes:
            self._expect(one)

    def _expect(self, route: RouteContext) -> None:
        """Begins the series of its answers, and of its failures: a first one is seen in a rate."""
        answered = getattr(route, "status_code", None) or HTTPStatus.OK
        for method in (route.methods or set()) - {"HEAD"}:
            for status in (answered, *WHEN_IT_FAILS):
                self._meters.expect(HTTP_SECONDS, method, route.path or NO_ROUTE, str(int(status)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status, curtailed = 500, False

        async def sending(message: Message) -> None:
            nonlocal status, curtailed
            if message["type"] == "http.response.start":
                status = message["status"]
                curtailed = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                headers = TOO_LARGE_HEADERS if curtailed else message["headers"]
                message["headers"] = [*headers, *SECURITY_HEADERS]
            elif curtailed:
                message["body"] = TOO_LARGE.body
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            took = scope.get(ANSWERED_AT, time.perf_counter()) - began
            route = self._template(scope)
            self._meters.observe(HTTP_SECONDS, took, _method(scope), route, str(status))

    def _template(self, scope: Scope) -> str:
        """The route's template, never the path: that holds a case id or a tracking code."""
        return self._templates.get(id(scope.get("route")), NO_ROUTE)


def _method(scope: Scope) -> str:
    # A label is a closed set: a caller may send any word as its method.
    return scope["method"] if scope["method"] in METHODS else "_OTHER"
