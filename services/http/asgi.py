"""The ASGI layers around every HTTP edge: security headers, and a measure of each request."""

import time
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.types import Message, Receive, Scope, Send

from schemas.exposition import Meters
from schemas.metrics import HTTP_SECONDS
from schemas.trace_context import TRACEPARENT, Attributes, read
from schemas.tracing import NO_SPAN, UNTRACED, Span, Tracer
from services.http.problems import response, too_large

ANSWERED_AT = "peygir.answered-at"
"""Where an answer without an end leaves in the scope when it began, by `time.perf_counter`."""

SPAN = "peygir.span"
"""Where the span of a traced request lies in the scope."""
PROBES = frozenset({"/healthz", "/readyz"})
"""Asked every few seconds by who keeps the process: no work of its own to measure or to follow."""

NO_METHOD, NO_ROUTE = "_OTHER", "none"
"""Of a request that no route answers: a caller may try any word at any address."""
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

    def __init__(self, app: FastAPI, meters: Meters, tracer: Tracer = UNTRACED) -> None:
        self.app = app
        self._meters = meters
        self._tracer = tracer
        routes = list(iter_route_contexts(app.routes))
        # A route knows the prefix of its own router alone, and none of those that this is within.
        self._routes = {id(one.original_route): one for one in routes}
        for one in routes:
            if one.path not in PROBES:
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
        began, span = time.perf_counter(), self._begun(scope)
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
            if scope["path"] not in PROBES:
                self._measure(scope, began, str(status), span)

    def _measure(self, scope: Scope, began: float, status: str, span: Span) -> None:
        ended = time.perf_counter()
        answered = scope.get(ANSWERED_AT, ended)
        labels = (*self._asked(scope), status)
        self._meters.observe(HTTP_SECONDS, answered - began, *labels, trace=span.trace_id)
        if span is not NO_SPAN:
            _end(span, *labels, ago=ended - answered)

    def _begun(self, scope: Scope) -> Span:
        """Goes on in the caller's trace, where it names one."""
        if not self._tracer.on or scope["path"] in PROBES:
            return NO_SPAN
        named = dict(scope["headers"]).get(TRACEPARENT.encode())
        span = scope[SPAN] = self._tracer.begin("request", "server", parent=read(named))
        return span

    def _asked(self, scope: Scope) -> tuple[str, str]:
        """Method and template of a route, never the path: that holds a case id or a code."""
        route = self._routes.get(id(scope.get("route")))
        if route is None or scope["method"] not in (route.methods or ()):
            return NO_METHOD, NO_ROUTE
        return scope["method"], route.path or NO_ROUTE


def span_of(scope: Scope) -> Span:
    """The span of a request that is under way."""
    return scope.get(SPAN, NO_SPAN)


def _end(span: Span, method: str, route: str, status: str, *, ago: float) -> None:
    attributes: Attributes = {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": int(status),
    }
    failed = int(status) >= HTTPStatus.INTERNAL_SERVER_ERROR
    span.end(name=f"{method} {route}", attributes=attributes, failed=failed, ago=ago)
