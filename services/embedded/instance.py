"""A whole Peygir on one machine: its servers, what provisions them, and its workers."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.settings import Settings
from services.embedded import environment, health, ports, run_file
from services.embedded.child import Program
from services.embedded.diary import Diary
from services.embedded.environment import Addresses
from services.embedded.folder import DataFolder
from services.embedded.kafka import Kafka
from services.embedded.parts import create_database, end_leftovers
from services.embedded.place import where_cluster_lies
from services.embedded.postgres import Postgres
from services.embedded.server import Server
from services.embedded.supervisor import StopWanted, Supervisor
from services.embedded.ward import Care, Ward
from services.embedded.workers import PROVISION, WORKERS, Layer, Worker

PROVISION_SECONDS_MAX = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Which processes of our own there are; tests bring small ones."""

    provision: Worker | None = PROVISION
    workers: Sequence[Worker] = WORKERS


class Instance:
    def __init__(
        self,
        settings: Settings,
        given: Mapping[str, str],
        *,
        say: Callable[[str], None],
        stop_wanted: Callable[[], int],
        cast: Cast,
    ) -> None:
        self.folder = DataFolder(settings.data)
        self._settings = settings
        self._given = given
        self._diary = Diary(say)
        self._say = self._diary.say
        self._cast = cast
        self._addresses = Addresses(port=settings.port)
        self._taken: set[int] = set()
        self._kept = ports.Kept()
        self._ready = False
        self._supervisor = Supervisor(say=self._say, changed=self._note, stop_wanted=stop_wanted)

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self._addresses.port}"

    def where(self) -> list[str]:
        """What lies and listens where."""
        kafka = self.folder.path / "kafka" if not self._settings.kafka else "not ours"
        postgres = (
            where_cluster_lies(self.folder) if not self._settings.database_url else "not ours"
        )
        return [
            f"data folder: {self.folder.path}",
            f"kafka: {self._addresses.kafka} ({kafka})",
            f"postgres: {self._addresses.database_url.rpartition('@')[2]} ({postgres})",
            f"logs: {self.folder.logs}",
        ]

    def run(self, on_ready: Callable[[], None]) -> None:
        """Start everything, keep it alive, and stop it when that is wanted."""
        with self._ours(), self._diary.kept(self.folder.logs / "supervisor.log"):
            try:
                self._start()
                self._ready = True
                self._note(self._supervisor.wards)
                on_ready()
                self._supervisor.keep()
            except StopWanted:
                pass
            finally:
                self._say("stopping")
                self._supervisor.stop()
        self._say("stopped")

    @contextmanager
    def _ours(self) -> Iterator[None]:
        self.folder.create()
        with self.folder.locked():
            end_leftovers(self.folder, self._say)
            port = self._addresses.port or ports.free_port(f"edge {self.folder.path}")
            ports.claim(port)
            self._addresses.port = port
            self._taken.add(port)
            self._kept.keep(port)
            try:
                yield
            finally:
                self._kept.let_all_go()
                self.folder.remove(run_file.NAME)

    def _start(self) -> None:
        self._start_servers()
        if self._cast.provision:
            self._say("preparing topics, tables, policies and keys")
            program = self._program(self._cast.provision, {})
            self._supervisor.run_to_end(program, PROVISION_SECONDS_MAX)
        self._say(f"starting {len(self._cast.workers)} workers")
        for worker in self._cast.workers:
            self._supervisor.care_for(self._care_for_worker(worker))
        self._supervisor.wait_until_healthy(lambda: health.ask(self._addresses.port, "/readyz"))

    def _start_servers(self) -> None:
        given = self._settings.database_url
        self._addresses.kafka = self._settings.kafka or ""
        self._addresses.database_url = given.get_secret_value() if given else ""
        if not self._settings.kafka:
            kafka = Kafka(self.folder, heap_mb=self._settings.kafka_heap_mb)
            self._start_server(kafka)
            self._addresses.kafka = kafka.address
        postgres = None if given else Postgres(self.folder)
        if postgres:
            self._start_server(postgres)
        self._supervisor.wait_until_healthy()
        if postgres:
            self._addresses.database_url = create_database(postgres)

    def _start_server(self, server: Server) -> None:
        self._say(f"starting {server.name}")
        server.prepare()
        self._taken.add(int(server.address.rpartition(":")[2]))
        self._supervisor.care_for(
            Care(
                name=server.name,
                layer=Layer.SERVER,
                program=server.program,
                ask=lambda pid: None if server.ready(pid) else "does not answer as ours",
                address=server.address,
                ask_every_seconds=3.0,
                # Everything hangs on it, and recovery after a crash may take its time.
                patience_seconds=3 * self._settings.watchdog_seconds,
            )
        )

    def _care_for_worker(self, worker: Worker) -> Care:
        port = ports.free_port(f"{worker.name} {self.folder.path}", self._taken)
        self._taken.add(port)
        self._kept.keep(port)
        # The edge is asked where people ask; its metrics are not for the published port.
        asked = self._addresses.port if worker.layer == Layer.EDGE else port
        extra = {"PEYGIR_METRICS_PORT": str(port)}

        def program() -> Program:
            self._kept.let_go(port, asked)
            return self._program(worker, extra)

        return Care(
            name=worker.name,
            layer=worker.layer,
            program=program,
            ask=health.Alive(asked),
            address=f"{ports.HOST}:{asked}",
            port=port,
            patience_seconds=self._settings.watchdog_seconds,
        )

    def _program(self, worker: Worker, extra: Mapping[str, str]) -> Program:
        policies = self._settings.policies
        ours = environment.of_workers(self.folder, self._addresses, policies, self._given)
        return Program(
            name=worker.name,
            # With -P the folder we happen to be in cannot replace a module.
            command=(sys.executable, "-P", *worker.arguments),
            folder=Path.cwd(),
            log=self.folder.logs / f"{worker.name}.log",
            environment={**ours, **extra},
        )

    def _note(self, wards: Sequence[Ward]) -> None:
        facts = {
            "url": self.url,
            "ready": self._ready,
            "kafka": self._addresses.kafka,
            "database_url": self._addresses.database_url,
        }
        run_file.write(self.folder, facts, wards)
