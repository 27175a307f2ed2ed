"""One FastAPI application of any edges' routes, with what all of them need."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from services.http.problems import PROBLEM_SCHEMA, install

OPENAPI_PATH = "/api/v1/openapi.json"
VERSION = "1"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(
    routers: Iterable[APIRouter], *, title: str, lifespan: Lifespan | None = None
) -> FastAPI:
    """The application; its interactive pages are off, since they load code from elsewhere.

    Each route that reads a body states its limit: one for all would cost every reading too.
    """
    app = FastAPI(
        title=title,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI_PATH,
        lifespan=lifespan,
        # The framework's own would name whole URLs, with the tracking codes that stand in them.
        telemetry=TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False),
    )
    for router in routers:
        app.include_router(router)
    install(app)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        schemas["Problem"] = PROBLEM_SCHEMA
        _without_the_frameworks_errors(document)
        components["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "an API key, `pgr_…`, or a session, `pgs_…`",
            }
        }
        return document

    app.openapi = openapi


def _without_the_frameworks_errors(document: dict[str, Any]) -> None:
    """It says of every refusal what it would answer itself; ours are problems."""
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].get("422", {}).get("content", {}).pop("application/json", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
