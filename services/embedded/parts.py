"""One instance's servers alone, without our own processes, for as long as a block lasts."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from services.embedded.child import Child, finish_off
from services.embedded.folder import DataFolder
from services.embedded.kafka import Kafka
from services.embedded.postgres import DATABASE, ELSEWHERE, Postgres
from services.embedded.server import running

HEAP_MB = 512
LEFTOVER_SECONDS = 10.0


def _silent(_: str) -> None:
    """Says nothing."""


class Embedded:
    """Holds the data folder's lock while it is entered; each server runs while its block does."""

    def __init__(
        self,
        data: Path,
        *,
        heap_mb: int = HEAP_MB,
        elsewhere: Path = ELSEWHERE,
        say: Callable[[str], None] = _silent,
    ) -> None:
        self.folder = DataFolder(data)
        self.broker = Kafka(self.folder, heap_mb=heap_mb)
        self.database = Postgres(self.folder, elsewhere=elsewhere)
        self._say = say
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.create()
        self._stack.enter_context(self.folder.locked())
        end_leftovers(self.folder, self._say)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.folder.remove("run.json")
        self._stack.close()

    @contextmanager
    def kafka(self) -> Iterator[Kafka]:
        with running(self.broker, self._say) as child:
            self._note(child)
            yield self.broker

    @contextmanager
    def postgres(self) -> Iterator[Postgres]:
        with running(self.database, self._say) as child:
            self._note(child)
            create_database(self.database)
            yield self.database

    def _note(self, child: Child) -> None:
        run = self.folder.read("run.json")
        run["folder"] = str(self.folder.path)
        entry = {"pid": child.pid, "created_at": child.created_at}
        run["processes"] = run.get("processes", {}) | {child.program.name: entry}
        self.folder.write("run.json", run)


def end_leftovers(folder: DataFolder, say: Callable[[str], None]) -> None:
    """What a crashed run left alive must not stand in our way; its lock is ours by now."""
    run = folder.read("run.json")
    # A copied data folder names processes that are not its own.
    if run.get("folder") == str(folder.path):
        for process in run["processes"].values():
            words = finish_off(process["pid"], process["created_at"] or 0.0, LEFTOVER_SECONDS)
            if words:
                say(words)
    folder.remove("run.json")


def create_database(server: Postgres, name: str = DATABASE) -> str:
    """Its address. Nothing happens if it is there."""
    asyncio.run(_create_database(server.url("postgres"), name))
    return server.url(name)


async def _create_database(url: str, name: str) -> None:
    connection = await asyncpg.connect(url, timeout=30)
    try:
        await connection.execute(f'create database "{name}"')
    except asyncpg.DuplicateDatabaseError:
        pass
    finally:
        await connection.close()
