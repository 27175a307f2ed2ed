"""One PostgreSQL server on TCP with a password, run by us from the binaries that pip brought."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psutil

from services.embedded import ports
from services.embedded.child import Program, finish_off, last_lines, run_to_end
from services.embedded.errors import StartError
from services.embedded.folder import DataFolder
from services.embedded.place import (
    BROUGHT,
    ELSEWHERE,
    owner_of,
    place_of_cluster,
    reachable_binaries,
)
from services.embedded.server_user import server_user

ROLE = "peygir"
DATABASE = "peygir"
INIT_SECONDS_MAX = 120.0
ASK_SECONDS = 3
LEFTOVER_SECONDS = 10.0
OPTIONS = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",  # A socket's path may have 107 bytes; ours may have more.
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    # Its log is not sealed: an error is told there without the row or the values it failed on.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# What pg_isready answers when nobody does.
SILENT = (2, 3)


class Postgres:
    name = "postgres"

    def __init__(self, folder: DataFolder, *, elsewhere: Path = ELSEWHERE) -> None:
        self._folder = folder
        self._elsewhere = elsewhere
        self._user = server_user()
        self._binaries = BROUGHT
        self._port = 0
        self.cluster = folder.path / "postgres"

    @property
    def address(self) -> str:
        return f"{ports.HOST}:{self._port}"

    def url(self, database: str = DATABASE) -> str:
        password = quote(self._folder.secrets().postgres_password, safe="")
        return f"postgresql://{ROLE}:{password}@{self.address}/{database}"

    def prepare(self) -> None:
        self.cluster = place_of_cluster(self._folder, self._user, self._elsewhere)
        self._user = owner_of(self.cluster) or self._user
        self._binaries = reachable_binaries(self._user, self._elsewhere)
        port = self._folder.read("instance.json").get("postgres_port")
        if port is None or not ports.is_free(port):
            port = ports.free_port(f"postgres {self._folder.path}")
            self._folder.remember(postgres_port=port)
        self._port = port
        if self.cluster.exists():
            clear_leftovers(self.cluster)
        else:
            self._make_cluster()

    def program(self) -> Program:
        options = OPTIONS | {"port": str(self._port)}
        pairs = (word for key, value in options.items() for word in ("-c", f"{key}={value}"))
        return self._run("postgres", "-D", str(self.cluster), *pairs)

    def ready(self, pid: int) -> bool:
        """The server writes its own pid and state into its folder: nobody else's can be meant."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(pid)] and lines[7:8] == ["ready   "] and self._answers()

    def _answers(self) -> bool:
        where = ("-h", ports.HOST, "-p", str(self._port))
        done = subprocess.run(  # noqa: S603 - our own command
            (str(BROUGHT / "bin" / "pg_isready"), "-q", *where, "-t", str(ASK_SECONDS)),
            env=_environment(),
            check=False,
        )
        return done.returncode not in SILENT

    def _make_cluster(self) -> None:
        # Under another name until it is whole: a start that is killed leaves no half cluster.
        unfinished = self.cluster.with_name("postgres.new")
        password = self.cluster.with_name("postgres.password")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._give(unfinished, lambda: unfinished.mkdir(mode=0o700))
        self._give(password, lambda: password.touch(mode=0o600))
        try:
            password.write_text(self._folder.secrets().postgres_password + "\n")
            self._initdb(unfinished, password)
        finally:
            password.unlink()
        unfinished.rename(self.cluster)

    def _give(self, path: Path, make: Callable[[], None]) -> None:
        make()
        if self._user:
            os.chown(path, self._user.uid, self._user.gid)

    def _initdb(self, folder: Path, password: Path) -> None:
        kind = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions")
        login = (f"--username={ROLE}", f"--pwfile={password}")
        program = self._run("initdb", "-D", str(folder), *kind, *login)
        if run_to_end(program, INIT_SECONDS_MAX) != 0:
            raise StartError(
                f"Postgres could not make its cluster. The end of {program.log}:\n"
                f"{last_lines(program.log)}"
            )

    def _run(self, binary: str, *arguments: str) -> Program:
        return Program(
            name=self.name,
            command=(str(self._binaries / "bin" / binary), *arguments),
            folder=Path("/"),
            log=self._folder.logs / "postgres.log",
            environment=_environment(),
            user=self._user,
            farewell=signal.SIGINT,  # Ends the sessions, and writes everything down.
            orphaned=signal.SIGQUIT,  # Ends at once, and leaves no shared memory behind.
        )


def clear_leftovers(cluster: Path) -> None:
    """After a crash: an old server still dying, or a pid that is another program's by now."""
    path = cluster / "postmaster.pid"
    if not path.exists():
        return
    try:
        process = psutil.Process(int(path.read_text().splitlines()[0]))
        if str(cluster) in process.cmdline():
            finish_off(process.pid, process.create_time(), LEFTOVER_SECONDS)
    except (psutil.Error, ValueError, IndexError):
        pass
    # We hold the data folder's lock: no living server of ours is meant by this file.
    path.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"}
