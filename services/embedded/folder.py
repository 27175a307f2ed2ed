"""The data folder: everything one instance keeps, and at most one instance at a time."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from services.embedded.errors import MissingError, TakenError

KEY_BYTES = 32
OWNER_ONLY = 0o600
UNFINISHED = ".restoring"
"""What a folder is called while a restore fills it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Made once, at the first start. Who loses them cannot read what was sealed."""

    master_key: str
    hmac_key: str
    postgres_password: str


class DataFolder:
    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def create(self) -> None:
        refuse_unusable(self.path)
        self._refuse_unfinished()
        # Root's folder must let the user of Postgres pass through to its own part.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=mode, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise MissingError(
                f"the data folder {self.path} cannot be made: {error.strerror}. "
                "Choose another with PEYGIR_DATA"
            ) from error

    def _refuse_unfinished(self) -> None:
        """Begun empty, it would take messages, and the restore would be refused ever after."""
        beside = self.path.with_name(self.path.name + UNFINISHED)
        if beside.exists() and not self.path.exists():
            raise MissingError(
                f"{beside} is left of a restore that was cut off: "
                "delete it and restore again, or delete it to begin an empty instance"
            )

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Ours alone until the process ends, however it ends."""
        with (self.path / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                pid = self.read("run.json").get("pid", "unknown")
                raise TakenError(
                    f"the data folder {self.path} is in use (pid {pid}). "
                    "`peygir down` stops it; PEYGIR_DATA names another folder for a second one"
                ) from error
            yield

    def read(self, name: str) -> dict[str, Any]:
        """Empty if there is no such file yet. Raises `MissingError` for one of no use."""
        path = self.path / name
        try:
            content = json.loads(path.read_text())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            words = f"{path} cannot be read: {error.strerror}. Whom does the data folder belong to?"
            raise MissingError(words) from error
        except ValueError as error:
            raise MissingError(f"{path} is damaged: it does not hold JSON") from error
        if not isinstance(content, dict):
            raise MissingError(f"{path} is damaged: it does not hold a JSON object")
        return content

    def write(self, name: str, content: dict[str, Any]) -> None:
        """All of it or nothing, and for our own eyes."""
        path = self.path / name
        beside = path.with_name(f".{name}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def remember(self, **facts: str | int) -> None:
        """What this instance keeps from start to start."""
        self.write("instance.json", self.read("instance.json") | facts)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def secrets(self) -> Secrets:
        kept = self.kept_secrets()
        if kept is None:
            kept = Secrets(
                master_key=_new_key(),
                hmac_key=_new_key(),
                postgres_password=secrets.token_urlsafe(KEY_BYTES),
            )
            self.write("secrets.json", asdict(kept))
        return kept

    def kept_secrets(self) -> Secrets | None:
        """Those of an earlier start. Raises `MissingError` where they are damaged."""
        kept = self.read("secrets.json")
        if kept and kept.keys() != {one.name for one in fields(Secrets)}:
            raise MissingError(
                f"{self.path / 'secrets.json'} is damaged: put back the one you kept"
            )
        return Secrets(**kept) if kept else None


def refuse_unusable(path: Path) -> None:
    for sign, name in ((",", "comma"), (":", "colon"), ("\n", "line break")):
        if sign in str(path):
            raise MissingError(
                f"the data folder's path has a {name}: {str(path)!r}. "
                "Kafka and Java cannot use it; choose another with PEYGIR_DATA"
            )


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
