"""Serving the edges: which routes a process has, and the server that carries them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, cast

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from schemas import logs
from schemas.exposition import serve as serve_metrics
from services.api.changes.routes import change_routes
from services.api.routes import api_routes
from services.edge.page import page_routes
from services.edge.parts import Parts, not_ready
from services.edge.server import run
from services.http.application import application
from services.http.asgi import Edge
from services.intake.calls import call_routes
from services.intake.deeds.routes import fact_routes
from services.intake.routes import intake_routes
from services.staff.routes import staff_routes

Role = Literal["edge", "intake", "api"]
HEARD_SECONDS_MAX = 10.0
BACKLOG_MAX = 2_048
DRAIN_SECONDS_MAX = 8
IDLE_SECONDS_MAX = 30
TEXT = "text/plain; charset=utf-8"
_log = logs.logger()


def asgi(parts: Parts, role: Role) -> ASGIApp:
    """The whole application of that role, measured and with its headers."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with parts.open():
            yield

    app = application(_routers(parts, role), title="Peygir", lifespan=lifespan)
    return behind(parts.settings.trusted_proxies, Edge(app, parts.meters, parts.tracer))


def behind(proxies: str, app: ASGIApp) -> ASGIApp:
    """The caller is whom a trusted proxy names, and else whoever connects.

    Whoever may claim another address by a header could spend another's look-ups.
    """
    if not proxies:
        return app
    # Starlette and uvicorn write the same ASGI in types of their own.
    trusting: Any = ProxyHeadersMiddleware(cast("Any", app), proxies)
    return trusting


def _routers(parts: Parts, role: Role) -> list[APIRouter]:
    """What is asked most stands first: the routes are tried one after the other."""
    routers = []
    if role != "api":
        door = parts.door()
        routers += [intake_routes(door), fact_routes(parts.fact_door()), call_routes(door)]
    if role != "intake":
        desk = parts.desk()
        changes = change_routes(parts.changes, parts.callers)
        staff = staff_routes(parts.staff())
        routers += [api_routes(desk), changes, staff, page_routes(desk)]
    return [*routers, _health_routes(parts)]


def _health_routes(parts: Parts) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def alive() -> Response:
        return Response("ok\n", media_type=TEXT)

    @routes.get("/readyz")
    async def ready() -> Response:
        missing = await not_ready(parts, heard_seconds_max=HEARD_SECONDS_MAX)
        words = "\n".join(missing or ["ready"])
        return Response(f"{words}\n", 503 if missing else 200, media_type=TEXT)

    return routes


def serve(parts: Parts, role: Role, *, host: str) -> None:
    """Serves until a signal ends the process."""
    settings = parts.settings
    # The published port and the metrics' own are never the same.
    metrics_port = 0 if settings.metrics_port == settings.port else settings.metrics_port
    metrics_host = settings.metrics_host
    port = serve_metrics(parts.meters, role, lambda: None, host=metrics_host, port=metrics_port)
    _log.info("ready", metrics=f"http://{metrics_host}:{port}")
    config = uvicorn.Config(
        asgi(parts, role),
        host=host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        # Its loggers have nothing of their own, so that they speak as all do.
        log_config=None,
        server_header=False,
        date_header=True,
        # `behind` reads them: the server's own way trusts what an environment variable says.
        proxy_headers=False,
        backlog=BACKLOG_MAX,
        timeout_keep_alive=IDLE_SECONDS_MAX,
        timeout_graceful_shutdown=DRAIN_SECONDS_MAX,
    )
    run(config, parts.changes.stop)
