"""A projection that a test writes to by hand, and the read API over it in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import uvicorn
from pydantic import SecretStr

from schemas.codec import decode_fact, encode
from schemas.facts import Fact
from schemas.settings import Settings
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, partition_of
from schemas.vocabulary import CaseId
from services.edge.parts import Parts, assemble
from services.edge.serve import asgi
from services.edge.server import Server
from services.keys import store
from services.keys.key import NewKey, new_key
from services.provision.tables import lay_out
from streams.core.terms import NO_TERMS, AllTerms
from streams.projector import tables
from streams.projector.batch import Batch, FactRecord
from streams.projector.folding import fold
from streams.projector.projection import changes_of
from tests.books import FixedBook

SCOPES = ("read",)


def case_id(number: int) -> CaseId:
    return CaseId(f"{number:032b}".translate(str.maketrans("01", "ab")))


@dataclass(slots=True)
class Log:
    """Facts by partition; `project` writes what is new as the projector does."""

    connection: asyncpg.Connection
    facts: list[list[Fact]] = field(default_factory=lambda: [[] for _ in range(LOG_PARTITIONS)])
    projected: list[int] = field(default_factory=lambda: [0] * LOG_PARTITIONS)
    terms: AllTerms = field(default_factory=lambda: NO_TERMS)

    def append(self, *facts: Fact) -> None:
        for fact in facts:
            self.facts[partition_of(fact.case_id)].append(fact)

    async def project(self, *facts: Fact) -> None:
        """In one transaction, with what was appended before."""
        self.append(*facts)
        batch = Batch()
        for partition, log in enumerate(self.facts):
            for offset in range(self.projected[partition], len(log)):
                text = encode(log[offset]).decode()
                fact = decode_fact(text)
                batch.facts.append(FactRecord(partition, offset, text, fact))
            batch.next_offsets[CASE_FACTS, partition] = len(log)
        known = await tables.known_states(
            self.connection, {record.fact.case_id for record in batch.facts}, FixedBook(self.terms)
        )
        async with self.connection.transaction():
            await tables.write(
                self.connection, batch, changes_of(batch, fold(known, batch.facts, self.terms), [])
            )
            await self.connection.executemany(
                "update log_positions set facts_offset = $2 where log_partition = $1",
                list(enumerate(len(log) for log in self.facts)),
            )
        self.projected = [len(log) for log in self.facts]

    async def rebuild(self) -> None:
        """The same facts in a projection made anew, put in the place of the old one."""
        async with self.connection.transaction():
            await self.connection.execute("alter schema projection rename to projection_old")
            await lay_out(self.connection, "cluster")
            self.projected = [0] * LOG_PARTITIONS
            await self.project()
        await self.connection.execute("drop schema projection_old cascade")


@dataclass(frozen=True, slots=True)
class Api:
    """The API as it listens, and what lies behind it."""

    url: str
    log: Log
    parts: Parts
    server: Server
    serving: "asyncio.Task[None]"

    async def key(self, *scopes: str) -> NewKey:
        """A fresh key, which is known here by now."""
        key = new_key(client="test", scopes=scopes or SCOPES)
        await store.add(self.log.connection, key)
        await self.parts.keys.refresh(self.parts.database.pool)
        return key

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.serving


@asynccontextmanager
async def api(database: str, **settings: float) -> AsyncIterator[Api]:
    connection = await asyncpg.connect(database, server_settings={"search_path": "projection,desk"})
    await connection.execute("drop schema if exists projection cascade")
    await lay_out(connection, "cluster")
    parts = assemble(
        Settings(database_url=SecretStr(database), keys_refresh_seconds=0.2, **settings),  # pyright: ignore[reportArgumentType]
        lambda: datetime.now(UTC),
        writes=False,
    )
    config = uvicorn.Config(
        asgi(parts, "api"),
        port=0,
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=8,
    )
    server = Server(config, parts.changes.stop)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110  # it says so by nothing else
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Api(f"http://127.0.0.1:{port}", Log(connection), parts, server, serving)
    finally:
        server.should_exit = True
        await serving
        await connection.close()
