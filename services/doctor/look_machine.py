"""Looks at this machine and at the data folder; changes nothing."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from schemas.settings import Settings
from services.doctor.seen import Machine, OnDisk, Process
from services.embedded import health, jars, ports
from services.embedded.errors import EmbeddedError, MissingError
from services.embedded.folder import DataFolder, refuse_unusable
from services.embedded.kafka import java
from services.embedded.run_file import running_pid
from services.policy.load import load
from services.policy.problems import PolicyError

FOR_THE_OWNER = ("secrets.json", "demo.json", "instance.json", "run.json")
OTHERS = 0o077
ASKERS = 16


def machine(settings: Settings) -> Machine:
    folder = DataFolder(settings.data)
    path = folder.path
    running = _running(folder)
    exists = path.is_dir()
    return Machine(
        python=sys.version_info[:2],
        system=platform.system(),
        architecture=platform.machine(),
        folder=str(path),
        unusable=_words_of(lambda: refuse_unusable(path)),
        exists=exists,
        writable=os.access(path, os.W_OK | os.X_OK),
        free_bytes=shutil.disk_usage(_nearest(path)).free,
        loose=tuple(_loose(path)),
        damaged=tuple(_damaged(folder)),
        secrets=(path / "secrets.json").exists() or settings.master_key is not None,
        keeps_a_log=(path / "kafka").exists(),
        running=running,
        stale_run=running is None and (path / "run.json").exists(),
        port=settings.port,
        port_taken=running is None and settings.port != 0 and not ports.is_free(settings.port),
        java=_words_of(java) is None,
        jars=_words_of(jars.verify) if settings.kafka is None else None,
    )


def processes(settings: Settings) -> list[Process]:
    """Those that the supervisor of this folder cares for, each asked how it is."""
    folder = DataFolder(settings.data)
    if _running(folder) is None:
        return []
    run = folder.read("run.json")
    entries = run.get("processes", {})
    ended = [
        Process(name=name, restarts=restarts, wrong="has ended, and is started again")
        for name, restarts in run.get("ended", {}).items()
    ]
    with ThreadPoolExecutor(ASKERS) as asking:
        return [*asking.map(_process, entries.keys(), entries.values()), *ended]


def policies(settings: Settings) -> list[OnDisk]:
    folders = sorted(path.parent for path in settings.policies.glob("*/municipality.yaml"))
    return [_policy(folder) for folder in folders]


def master_key(settings: Settings) -> str | None:
    """As the processes are given it: the setting, or what the folder keeps."""
    if settings.master_key is not None:
        return settings.master_key.get_secret_value()
    try:
        return DataFolder(settings.data).read("secrets.json").get("master_key")
    except MissingError:
        return None  # What is damaged is found by itself.


def _running(folder: DataFolder) -> int | None:
    try:
        return running_pid(folder)
    except MissingError:
        return None  # What is damaged is found by itself.


def _process(name: str, entry: dict[str, object]) -> Process:
    port = entry.get("metrics_port")
    state = str(entry.get("state"))
    if isinstance(port, int) and port:
        wrong = health.ask(port, "/healthz")
    else:
        wrong = None if state == "healthy" else state
    restarts = entry.get("restarts")
    return Process(name=name, restarts=restarts if isinstance(restarts, int) else 0, wrong=wrong)


def _policy(folder: Path) -> OnDisk:
    try:
        return OnDisk(folder=folder.name, draft=load(folder))
    except PolicyError as error:
        first, *more = str(error).splitlines()
        words = f" (and {len(more)} more)" if more else ""
        return OnDisk(folder=folder.name, wrong=f"{first}{words}")


def _words_of(action: Callable[[], object]) -> str | None:
    try:
        action()
    except EmbeddedError as error:
        return str(error)
    return None


def _loose(path: Path) -> Iterator[str]:
    for name in FOR_THE_OWNER:
        file = path / name
        if file.exists() and file.stat().st_mode & OTHERS:
            yield name


def _damaged(folder: DataFolder) -> Iterator[str]:
    reads = [folder.kept_secrets, *(partial(folder.read, name) for name in FOR_THE_OWNER[1:])]
    for read in reads:
        damage = _words_of(read)
        if damage is not None:
            yield damage


def _nearest(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(one for one in (path, *path.parents) if one.exists())
