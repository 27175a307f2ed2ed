"""Which user a server runs as when we are root, since Postgres refuses to be root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.embedded.errors import MissingError

CANDIDATES = ("peygir", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class User:
    name: str
    uid: int
    gid: int


def server_user() -> User | None:
    """None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise MissingError(
        "Postgres cannot run as root, and there is none of the users "
        f"{', '.join(CANDIDATES)}. Make one: useradd --system peygir"
    )


def can_reach(user: User | None, path: Path) -> bool:
    """Whether this user may pass through, or run, what lies at this path."""
    if user is None:
        return os.access(path, os.X_OK)
    test = shutil.which("test") or "/usr/bin/test"
    answer = subprocess.run(  # noqa: S603 - the kernel knows better than a reading of modes
        (test, "-x", str(path)),
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        check=False,
        cwd="/",
    )
    return answer.returncode == 0
