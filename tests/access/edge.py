"""The whole edge over a real projection, with an inbox in memory, asked by each role."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import asyncpg
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from schemas.policy import DepartmentPolicy, Policy
from schemas.settings import Settings
from schemas.vocabulary import Author, Municipality
from services.edge.parts import Parts, assemble
from services.edge.serve import asgi
from services.follow import PublishedPolicies
from services.http.client import Client
from services.intake.inboxes import KafkaInboxes
from services.keys.active import ActiveKeys
from services.keys.key import digest
from tests.access.cells import APP, CITY, NURSERY, PARKS, PLACES, URBAN, Place
from tests.builders import after
from tests.edges import HMAC_KEY, FakeInboxes
from tests.fact_city import BOSTON, living
from tests.reading import Tables, filled, told

NOW = after(600)
SCOPES: dict[str, tuple[str, str]] = {
    "reader": ("reader", "read"),
    "city reader": ("city-reader", f"read:{CITY}"),
    "channel": (APP, "channel:app"),
    "phone line": ("line", "channel:phone"),
    "member": ("staff/gardener", f"member:{CITY}/{PARKS}"),
    "head": ("staff/headgardener", f"head:{CITY}/{PARKS}"),
    "deputy": ("staff/davud", f"deputy:{CITY}/{URBAN}"),
    "operator": ("staff/omid", f"operator:{CITY}"),
    "mayor": ("staff/cityhall", f"mayor:{CITY}"),
    "auditor": ("staff/arash", f"auditor:{CITY}"),
    "administrator": ("staff/registrar", f"administrator:{CITY}"),
}
"""Who calls with a key or a session: its name and its scope."""
KEYS = ActiveKeys(
    {
        digest(f"pgr_a_{caller}"): Client(name=Author(name), scopes=frozenset({scope}))
        for caller, (name, scope) in SCOPES.items()
    }
)


class Inbox(FakeInboxes):
    """An inbox in memory that was found at once."""

    connected = True


def policies() -> tuple[Policy, ...]:
    """Two cities with the same departments: `nursery` below `parks` below `urban`."""
    small = living()
    nursery = DepartmentPolicy(
        department=NURSERY, title_fa=NURSERY, title_en=NURSERY, contact="137", parent=PARKS
    )
    city = replace(small, departments=(*small.departments, nursery))
    abroad = replace(city, version="boston/2026-01-01T00:00:00Z", municipality=BOSTON)
    return city, abroad


def fill(url: str) -> None:
    """Each of the cases, routed, and an account of each person."""

    async def run(tables: Tables) -> None:
        for place in PLACES:
            submitted, routed = opened(place)
            await tables.add(submitted, routed)
        for name, scope in SCOPES.values():
            if name.startswith("staff/"):
                await _account(tables.connection, name.removeprefix("staff/"), scope)
        for name in ("leaving", "forgetful"):
            await _account(tables.connection, name, f"member:{CITY}/{PARKS}")

    filled(url, run)


async def _account(connection: asyncpg.Connection, name: str, scope: str) -> None:
    role, _, place = scope.partition(":")
    municipality, _, department = place.partition("/")
    await connection.execute(
        """
        insert into desk.staff
            (name, role, municipality, department, digest, must_change, created_at)
        values ($1, $2, $3, $4, $5, false, $6)
        """,
        name,
        role,
        municipality,
        department or None,
        "no password",
        NOW,
    )


def opened(place: Place) -> tuple[Any, Any]:
    """The submission and its routing."""
    submitted, routed = told(
        place.number,
        at=after(place.number),
        municipality=Municipality(place.municipality),
        department=place.department,
    )
    submitted = replace(submitted, author=Author(place.author))
    version = next(one for one in policies() if one.municipality == place.municipality)
    return submitted, replace(routed, policy_version=version.version)


def assembled(url: str, inboxes: Inbox) -> Parts:
    published = PublishedPolicies({})
    for one in policies():
        published.learn(one)
    settings = Settings(
        kafka="127.0.0.1:1",
        database_url=SecretStr(url),
        hmac_key=SecretStr(base64.urlsafe_b64encode(HMAC_KEY).decode()),
        track_per_minute_max=1_000_000,
    )
    return replace(
        assemble(settings, lambda: NOW, writes=True),
        keys=KEYS,
        policies=published,
        inboxes=cast("KafkaInboxes", inboxes),
    )


@asynccontextmanager
async def opened_edge(url: str, inboxes: Inbox) -> AsyncIterator[ASGIApp]:
    """The application, with what it asks opened; its keys and policies stay as they are."""
    parts = assembled(url, inboxes)
    await parts.database.open()
    await parts.lists.database.open()
    try:
        async with parts.changes.open():
            yield asgi(parts, "edge")
    finally:
        parts.lists.database.close()
        parts.database.close()


async def status_of(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    caller: str | None,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> int:
    """What is answered first of all: of an answer without an end, the rest is not waited for."""
    status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    raw, asked = _raw(body), False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and not status.done():
            status.set_result(message["status"])

    key = {} if caller is None else {"authorization": f"Bearer pgr_a_{caller}"}
    running = asyncio.ensure_future(
        app(_scope(method, path, key | (headers or {}), len(raw)), receive, send)
    )
    try:
        await asyncio.wait([running, status], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([running], timeout=0 if path == "/api/v1/changes" else 10)
        if not status.done():
            running.result()  # It failed before it said anything.
        return status.result()
    finally:
        running.cancel()
        await asyncio.wait([running])


def _raw(body: object) -> bytes:
    """A form as it is, and anything else as JSON."""
    if body is None or isinstance(body, bytes):
        return body or b""
    return json.dumps(body).encode()


def _scope(method: str, path: str, headers: dict[str, str], length: int) -> dict[str, Any]:
    path, _, query = path.partition("?")
    sent = headers | {"content-length": str(length), "content-type": "application/json"}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("192.0.2.1", 1),
        "server": ("peygir", 80),
        "state": {},
    }
