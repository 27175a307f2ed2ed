"""`peygir doctor` on a whole running Peygir, and on one whose servers do not answer."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.settings import Settings
from services.doctor.look import Patient, look
from services.doctor.seen import Away, Erasures
from tests.crash.city import City
from tests.embedded.running import command, wait_for

pytestmark = pytest.mark.integration

SECONDS_MAX = 20.0


def doctor(data: Path, **settings: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Its exit code, and its findings by name."""
    done = command("doctor", "--json", data=data, **settings)

    assert done.stderr == ""
    return done.returncode, {one["name"]: one for one in json.loads(done.stdout)}


@pytest.fixture
def silence() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


def test_a_healthy_instance_is_well_in_every_way(city: City) -> None:
    code, found = doctor(city.data)

    assert {name: one for name, one in found.items() if one["state"] != "ok"} == {}
    assert (code, len(found) > 25) == (0, True)


def test_it_prints_a_table_for_people_and_no_secret(city: City) -> None:
    done = command("doctor", data=city.data, COLUMNS="200")

    assert done.returncode == 0, done.stdout
    assert "opens the keys of the ring" in done.stdout or "no case has a key" in done.stdout
    for secret in json.loads((city.data / "secrets.json").read_text()).values():
        assert secret not in done.stdout


def test_open_secrets_and_another_master_key_are_found(city: City) -> None:
    secrets = city.data / "secrets.json"
    secrets.chmod(0o644)
    try:
        code, found = doctor(city.data, PEYGIR_MASTER_KEY="AAAA")
    finally:
        secrets.chmod(0o600)

    assert code == 1
    assert (found["secrets"]["state"], found["master key"]["state"]) == ("wrong", "wrong")


def test_a_kafka_that_stands_still_is_found_in_time(city: City) -> None:
    pid = city.run()["processes"]["kafka"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        code, found = doctor(city.data)
    finally:
        os.kill(pid, signal.SIGCONT)

    assert (code, found["kafka"]["state"]) == (1, "wrong")
    assert found["postgres"]["state"] == "ok"
    wait_for(lambda: city.run()["processes"]["kafka"]["state"] == "healthy")


def test_servers_that_never_say_a_word_are_given_up_in_time(silence: int, tmp_path: Path) -> None:
    address = f"127.0.0.1:{silence}"
    began = time.monotonic()

    seen = look(
        Patient(
            settings=Settings(data=tmp_path),
            kafka=address,
            database_url=f"postgresql://x@{address}/x",
            generation=1,
            erasures=Erasures(path="none", apart=False),
        )
    )

    assert isinstance(seen.broker, Away)
    assert isinstance(seen.database, Away)
    assert time.monotonic() - began < SECONDS_MAX


def test_where_nothing_runs_it_says_how_to_start(tmp_path: Path) -> None:
    code, found = doctor(tmp_path / "data")

    assert (code, found["servers"]["state"], found["data folder"]["state"]) == (
        0,
        "warning",
        "warning",
    )
