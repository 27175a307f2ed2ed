"""The servers by themselves, and what hinders them."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from services.embedded import jars, ports
from services.embedded.child import LEASH, last_lines
from services.embedded.errors import MissingError, TakenError
from services.embedded.folder import DataFolder
from services.embedded.kafka import Kafka, cluster_id_at
from services.embedded.parts import Embedded
from services.embedded.place import (
    BROUGHT,
    place_of_cluster,
    reachable_binaries,
    where_cluster_lies,
)
from services.embedded.server_user import can_reach, server_user
from tests.conftest import reachable
from tests.embedded.running import command, lives, wait_for

LIBRARIES = BROUGHT.parent.with_name(f"{BROUGHT.parent.name}.libs")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: sudo make test")


def test_the_installed_jars_are_the_pinned_ones() -> None:
    jars.verify()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: (folder / "a.jar").write_bytes(b"other"), "a.jar is not the one we pinned"),
        (lambda folder: (folder / "a.jar").unlink(), "a.jar is missing"),
        (lambda folder: (folder / "b.jar").touch(), "b.jar does not belong there"),
    ],
)
def test_another_jar_is_refused(tmp_path: Path, harm: object, words: str) -> None:
    (tmp_path / "a.jar").write_bytes(b"first")
    pinned = tmp_path / "jars.sha256"
    done = subprocess.run(("sha256sum", "a.jar"), cwd=tmp_path, capture_output=True, check=True)
    pinned.write_bytes(done.stdout)
    jars.verify(tmp_path, pinned)

    assert callable(harm)
    harm(tmp_path)
    with pytest.raises(MissingError, match=words):
        jars.verify(tmp_path, pinned)


@pytest.mark.parametrize(("name", "words"), [("a,b", "comma"), ("a:b", "colon")])
def test_a_path_that_kafka_cannot_use_is_refused_in_words(
    tmp_path: Path, name: str, words: str
) -> None:
    done = command("up", data=tmp_path / name)

    assert done.returncode == 3
    assert f"has a {words}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / name).exists()


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = command("up", data=tmp_path / "data", PEYGIR_PORT="high")

    assert done.returncode == 2
    assert "PEYGIR_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_stop_is_no_failure(tmp_path: Path) -> None:
    done = command("down", data=tmp_path / "data")

    assert done.returncode == 0
    assert "nothing runs" in done.stdout


@pytest.mark.parametrize("content", ["{", "", '{"master_key": "x"}', '{"more": 1}'])
def test_damaged_secrets_are_named_and_never_made_anew(tmp_path: Path, content: str) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    kept = folder.path / "secrets.json"
    kept.write_text(content)

    with pytest.raises(MissingError, match=r"secrets\.json is damaged"):
        folder.secrets()
    assert kept.read_text() == content


def test_what_is_no_folder_has_no_instance(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert DataFolder(tmp_path / "file").read("run.json") == {}


def test_nothing_empty_begins_beside_a_restore_that_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "data.restoring").mkdir()

    with pytest.raises(MissingError, match="cut off"):
        DataFolder(tmp_path / "data").create()
    assert not (tmp_path / "data").exists()


def test_a_folder_has_one_instance_at_a_time(tmp_path: Path) -> None:
    with Embedded(tmp_path / "data"), pytest.raises(TakenError), Embedded(tmp_path / "data"):
        pass
    with Embedded(tmp_path / "data"):
        pass


def test_a_port_that_is_taken_is_passed_over() -> None:
    first = ports.free_port("the same purpose")
    with socket.socket() as holder:
        holder.bind((ports.HOST, first))
        holder.listen()
        assert ports.free_port("the same purpose") != first
        with pytest.raises(TakenError, match=f"port {first} is taken by .*pid {os.getpid()}"):
            ports.claim(first)
    assert ports.free_port("the same purpose") == first


@pytest.mark.integration
def test_a_foreign_broker_on_our_port_is_not_taken_for_ours(kafka: str, tmp_path: Path) -> None:
    foreign = int(kafka.rpartition(":")[2])
    folder = DataFolder(tmp_path / "data")
    folder.create()
    folder.write("instance.json", {"kafka_port": foreign})
    ours = Kafka(folder, heap_mb=256)

    ours.prepare()
    assert ours.address != kafka
    assert not ours.ready(0)

    folder.write("instance.json", folder.read("instance.json") | {"kafka_port": foreign})
    mistaken = Kafka(folder, heap_mb=256)
    mistaken._instance = folder.read("instance.json")  # noqa: SLF001 - the port went after the look
    assert mistaken.address == kafka
    assert cluster_id_at(kafka) is not None
    assert not mistaken.ready(0)


@pytest.mark.integration
def test_postgres_asks_for_its_password(postgres: str) -> None:
    right, _, rest = postgres.partition("@")
    user = right.rpartition(":")[0]

    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(f"{user}:wrong@{rest}"))


@as_root
@pytest.mark.integration
def test_where_root_alone_can_go_the_cluster_lies_elsewhere(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    private = reachable(tmp_path_factory.mktemp("private")) / "root"
    private.mkdir(mode=0o700)
    elsewhere = reachable(tmp_path_factory.mktemp("elsewhere"))
    data = private / "data"
    with Embedded(data, elsewhere=elsewhere) as parts, parts.postgres() as server:
        place = where_cluster_lies(parts.folder)
        assert server.cluster == place
        assert place.is_relative_to(elsewhere)
        assert (place.parent / "data-folder").read_text() == f"{data}\n"
        asyncio.run(_connect(server.url()))
    assert private.stat().st_mode & 0o777 == 0o700
    told = command("status", data=data)
    assert f"postgres: {place}\n" in told.stdout

    with Embedded(data, elsewhere=elsewhere) as parts, parts.postgres() as server:
        assert server.cluster == place


@as_root
def test_a_data_folder_made_again_does_not_meet_its_former_cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    private = reachable(tmp_path_factory.mktemp("private")) / "root"
    private.mkdir(mode=0o700)
    elsewhere = reachable(tmp_path_factory.mktemp("elsewhere"))
    places = set()
    for _ in range(2):
        folder = DataFolder(private / "data")
        folder.create()
        places.add(place_of_cluster(folder, server_user(), elsewhere))
        folder.remove("instance.json")

    assert len(places) == 2


@as_root
def test_binaries_that_root_alone_can_reach_are_copied(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    private = tmp_path_factory.mktemp("private") / "root"
    package = private / BROUGHT.parent.name
    shutil.copytree(BROUGHT, package / BROUGHT.name, symlinks=True)
    shutil.copytree(LIBRARIES, private / LIBRARIES.name, symlinks=True)
    private.chmod(0o700)
    elsewhere = reachable(tmp_path_factory.mktemp("elsewhere"))
    user = server_user()

    copy = reachable_binaries(user, elsewhere, package / BROUGHT.name)
    assert copy.is_relative_to(elsewhere)
    assert can_reach(user, copy / "bin" / "postgres")
    assert reachable_binaries(user, elsewhere, package / BROUGHT.name) == copy
    # Only when it runs are all its libraries found.
    subprocess.run((copy / "bin" / "initdb", "--version"), check=True, capture_output=True)
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_child_on_a_leash_dies_with_its_parent(platform: str, tmp_path: Path) -> None:
    """The watcher of other systems is tried here too."""
    leash = f"import sys; sys.platform = {platform!r}; exec(open({str(LEASH)!r}).read())"
    number = int(signal.SIGKILL)
    script = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {leash!r}, str(os.getpid()), '-', "
        f"'{number}', '/bin/sleep', '600'])\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    log = tmp_path / "log"
    with log.open("w") as out:
        parent = subprocess.Popen((sys.executable, "-c", script), stdout=out, stderr=out)
    wait_for(lambda: last_lines(log).isdigit(), 10)
    child = int(last_lines(log))
    wait_for(lambda: b"sleep" in Path(f"/proc/{child}/cmdline").read_bytes()[:20], 10)
    parent.kill()
    parent.wait()

    wait_for(lambda: not lives(child), 10)


async def _connect(url: str) -> None:
    await (await asyncpg.connect(url)).close()
