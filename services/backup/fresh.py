"""A restore into a fresh data folder: beside it first, in its place when all of it is done."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from schemas.settings import Settings
from services.backup import erasures
from services.backup.empty import folder_is_free
from services.backup.erasures import Erased
from services.backup.errors import OccupiedError
from services.backup.restore import Restore, Restored, Target, restore
from services.embedded.folder import UNFINISHED, DataFolder
from services.embedded.parts import Embedded


def into_folder(settings: Settings, keys: dict[str, str], what: Restore) -> Restored:
    """Raises `BackupError` or `EmbeddedError`; then nothing of it is left.

    A folder that is half restored never has the name that `peygir up` starts.
    """
    data = DataFolder(settings.data).path
    folder_is_free(data)
    beside = data.with_name(data.name + UNFINISHED)
    if beside.exists():
        raise OccupiedError(f"{beside} is left of a restore that was cut off: delete it first")
    try:
        done = _into(beside, settings, keys, what)
        _name_finally(DataFolder(beside), data)
    except BaseException:
        _remove(DataFolder(beside))
        raise
    return done


def _into(beside: Path, settings: Settings, keys: dict[str, str], what: Restore) -> Restored:
    with Embedded(beside, heap_mb=settings.kafka_heap_mb) as parts:
        # Its own password is made anew; the keys are those of the backup.
        made = parts.folder.secrets()
        parts.folder.write("secrets.json", {**keys, "postgres_password": made.postgres_password})
        what.say("starting Kafka and Postgres")
        with parts.kafka() as broker, parts.postgres() as database:
            target = Target(kafka=broker.address, database_url=database.url(), settings=settings)
            done = asyncio.run(restore(target, what))
        parts.folder.remember(inbox_generation=done.inbox_generation)
    if settings.erasures is None:
        _keep_list(beside / erasures.NAME, what.orders)
    return done


def _keep_list(path: Path, orders: Sequence[Erased]) -> None:
    """Where nobody says where the list lies, it lies in the data folder: so also in this one."""
    for one in orders:
        erasures.add(path, one)


def _name_finally(made: DataFolder, data: Path) -> None:
    elsewhere = made.read("instance.json").get("postgres_elsewhere")
    if elsewhere:
        (Path(elsewhere) / "data-folder").write_text(f"{data}\n")
    made.path.rename(data)
    parent = os.open(data.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _remove(made: DataFolder) -> None:
    elsewhere = made.read("instance.json").get("postgres_elsewhere")
    if elsewhere:
        shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.rmtree(made.path, ignore_errors=True)
