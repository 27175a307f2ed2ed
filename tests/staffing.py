"""Edges with the routes of staff over a real database, and a clock that a test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
from fastapi import APIRouter, Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from schemas.vocabulary import Author, Department
from services.edge.callers import EdgeCallers
from services.http.access import reader
from services.http.application import application
from services.http.asgi import Edge
from services.http.client import Client
from services.keys.active import ActiveKeys
from services.keys.key import digest as key_digest
from services.keys.places import not_there
from services.postgres import Database
from services.provision.tables import lay_out
from services.staff import accounts
from services.staff.account import new_account
from services.staff.desk import StaffDesk
from services.staff.known import KnownSessions
from services.staff.passwords import Passwords
from services.staff.routes import staff_routes
from tests.builders import CITY, NOON
from tests.edges import bearer, meters
from tests.reading import POLICIES

LASTS, IDLE = timedelta(hours=12), timedelta(minutes=30)
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
"""As argon2 goes, at the price of a test."""
PASSWORD = "correct horse battery"  # noqa: S105  # of no account that there is
ADMINISTRATORS_KEY = "pgr_h_administrator"
READ_KEY = "pgr_i_read"
KEYS = {
    key_digest(ADMINISTRATORS_KEY): Client(
        name=Author("personnel"), scopes=frozenset({f"administrator:{CITY}"})
    ),
    key_digest(READ_KEY): Client(name=Author("reader"), scopes=frozenset({"read"})),
}


@dataclass(slots=True)
class Clock:
    """The time of every edge of a test."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


@dataclass(slots=True)
class StaffEdge:
    """One edge, asked as over HTTP."""

    desk: StaffDesk
    app: Edge
    addresses: dict[str, httpx.AsyncClient] = field(default_factory=dict[str, httpx.AsyncClient])

    async def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        address: str = "192.0.2.1",
        **how: Any,  # noqa: ANN401
    ) -> httpx.Response:
        headers = {} if token is None else bearer(token)
        client = self.addresses.get(address)
        if client is None:
            transport = httpx.ASGITransport(
                self.app, raise_app_exceptions=False, client=(address, 4711)
            )
            client = httpx.AsyncClient(transport=transport, base_url="http://peygir")
            self.addresses[address] = client
        return await client.request(method, path, headers=headers, **how)

    async def sign_in(
        self,
        name: str,
        password: str = PASSWORD,
        **how: Any,  # noqa: ANN401
    ) -> httpx.Response:
        body = {"name": name, "password": password}
        return await self.ask("POST", "/staff/v1/sessions", json=body, **how)

    async def signed_in(self, name: str, password: str = PASSWORD) -> str:
        """The token of a session that has begun."""
        answer = await self.sign_in(name, password)
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    async def opens(self, token: str) -> bool:
        """Whether a case could be read with it."""
        status = (await self.ask("GET", "/probe", token)).status_code
        assert status in {200, 401}, status
        return status == 200


def staff_edge(database: Database, clock: Clock, made_by: PasswordHash = QUICK) -> StaffEdge:
    """An edge of its own, which knows of another only what the tables say."""
    known = KnownSessions(database, idle=IDLE, now=clock)
    callers = EdgeCallers(keys=ActiveKeys(KEYS), sessions=known, find_policy=lambda _name: None)
    desk = StaffDesk(
        database=database,
        passwords=Passwords(made_by),
        known=known,
        callers=callers,
        wrong_place=lambda scope: not_there([scope], POLICIES),
        lasts=LASTS,
        now=clock,
    )
    probe = APIRouter()

    @probe.get("/probe")
    async def probed(request: Request) -> dict[str, str]:
        return {"name": (await reader(request, callers)).name}

    return StaffEdge(
        desk=desk, app=Edge(application([staff_routes(desk), probe], title="test"), meters())
    )


@dataclass(frozen=True, slots=True)
class Town:
    """Two edges on one database."""

    database: Database
    clock: Clock
    one: StaffEdge
    other: StaffEdge

    async def employ(  # what an account is
        self,
        name: str,
        role: str = "operator",
        *,
        municipality: str = CITY,
        department: str | None = None,
        password: str = PASSWORD,
        must_change: bool = False,
    ) -> None:
        made = new_account(name=name, role=role, municipality=municipality, department=department)
        digest = QUICK.hash(password)
        assert await accounts.add(
            self.database.pool, made, digest=digest, must_change=must_change, at=self.clock()
        )


@asynccontextmanager
async def town(url: str) -> AsyncIterator[Town]:
    """With empty tables."""
    connection = await asyncpg.connect(url)
    await lay_out(connection, "cluster-1")
    await connection.execute("truncate desk.staff, desk.sessions, desk.sign_ins")
    await connection.close()
    database, clock = Database(url), Clock()
    await database.open()
    there = Town(database, clock, staff_edge(database, clock), staff_edge(database, clock))
    try:
        yield there
    finally:
        for edge in (there.one, there.other):
            for client in edge.addresses.values():
                await client.aclose()
        database.close()


def lived(url: str, life: Callable[[Town], Awaitable[None]]) -> None:
    """Runs a test in a town of its own."""

    async def run() -> None:
        async with town(url) as there:
            await life(there)

    asyncio.run(run())


PARKS_HEAD: dict[str, Any] = {"role": "head", "department": Department("parks")}
