"""An HTTP API that listens, and what it does otherwise than its OpenAPI document says."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import schemathesis
import uvicorn
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from starlette.types import ASGIApp

from services.embedded import ports
from services.http.application import OPENAPI_PATH

SEED = 137
EXAMPLES_MAX = 10
READY_SECONDS_MAX = 10.0
STOP_SECONDS_MAX = 10.0


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of the application, served by a thread with an event loop of its own."""
    port = ports.free_port("described")
    config = uvicorn.Config(
        app, host=ports.HOST, port=port, http="httptools", access_log=False, log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    pause = threading.Event()
    for _ in range(int(READY_SECONDS_MAX / 0.02)):
        if server.started:
            break
        pause.wait(0.02)
    assert server.started, "it does not listen"
    try:
        yield f"http://{ports.HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS_MAX)


def findings(
    url: str,
    headers: dict[str, str],
    *,
    examples_max: int = EXAMPLES_MAX,
    without: tuple[str, ...] = (),
) -> list[str]:
    """What is answered otherwise than described, each finding with how to see it again.

    What is well-formed may still be refused with a 422: a description cannot say which words exist.
    """
    config = SchemathesisConfig(seed=SEED)
    project = config.projects.default
    project.update(headers=headers, workers=1, request_timeout=20)
    project.generation.update(deterministic=True, max_examples=examples_max, no_shrink=True)
    project.checks.positive_data_acceptance.expected_statuses.append("422")
    schema = schemathesis.openapi.from_url(f"{url}{OPENAPI_PATH}", config=config)
    schema = schema.exclude(path=list(without)) if without else schema
    found: dict[str, str] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            found |= _failures(event)
        if isinstance(event, events.NonFatalError | events.FatalError):
            found[str(event)] = str(getattr(event, "exception", event))
    return list(found.values())


def _failures(event: events.ScenarioFinished) -> dict[str, str]:
    if event.status not in {Status.FAILURE, Status.ERROR}:
        return {}
    found = {}
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            name = f"{event.label} {type(failure).__name__} {failure.title}"
            case = event.recorder.cases[case_id].value
            found.setdefault(name, f"{name}: {failure.message}\n{case.as_curl_command()}")
    return found
