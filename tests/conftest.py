"""Fixtures that every folder of tests may use: one real broker and one real database a session."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import asyncpg
import pytest
import structlog

from services.embedded.parts import Embedded
from tests.closing_line import pytest_sessionfinish, pytest_unconfigure
from tests.sharing import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = [
    "pytest_collection_modifyitems",
    "pytest_sessionfinish",
    "pytest_unconfigure",
    "pytest_xdist_make_scheduler",
]

# An incident would be shown with all values beside it, such as whole calendars: seconds of drawing
# that the processes do not do where they work.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker of our own; use topics named after the test."""
    folder = reachable(tmp_path_factory.mktemp("kafka"))
    with Embedded(folder / "data") as parts, parts.kafka() as broker:
        yield broker.address


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database server of our own, at its database `postgres`."""
    folder = reachable(tmp_path_factory.mktemp("postgres"))
    with Embedded(folder / "data") as parts, parts.postgres() as server:
        yield server.url("postgres")


@pytest.fixture(scope="module")
def database(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database for this module's tests alone."""
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    name = f"test_{digest[:16]}"
    asyncio.run(_execute(postgres, f"create database {name}"))
    yield postgres.removesuffix("/postgres") + f"/{name}"
    asyncio.run(_execute(postgres, f"drop database {name} with (force)"))


def reachable(folder: Path) -> Path:
    """Pytest's folders are for their owner alone; as root, Postgres runs as another user.

    The server then lies elsewhere by itself, which is slower and leaves a folder behind, so
    the parents that pytest has just made are opened.
    """
    temporary = Path(gettempdir()).resolve()
    for path in (folder, *folder.resolve().parents):
        if temporary not in path.parents:
            break
        path.chmod(path.stat().st_mode | 0o011)
    return folder


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
