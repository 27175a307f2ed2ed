"""`peygir doctor` on a whole running Peygir, and on one whose servers do not answer."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.city import City
from tests.embedded.running import command, wait_for

pytestmark = pytest.mark.integration

SECONDS_MAX = 20.0
LATE = {
    "PEYGIR_KAFKA": "127.0.0.1:{port}",
    "PEYGIR_DATABASE_URL": "postgresql://x@127.0.0.1:{port}/x",
}


def doctor(data: Path, **settings: str) -> tuple[int, dict[str, dict[str, str]], float]:
    """Its exit code, its findings by name, and how long it took."""
    began = time.monotonic()
    done = command("doctor", "--json", data=data, **settings)
    took = time.monotonic() - began

    assert done.stderr == ""
    return done.returncode, {one["name"]: one for one in json.loads(done.stdout)}, took


@pytest.fixture
def silence() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


def test_a_healthy_instance_is_well_in_every_way(city: City) -> None:
    code, found, _ = doctor(city.data)

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
        code, found, _ = doctor(city.data, PEYGIR_MASTER_KEY="AAAA")
    finally:
        secrets.chmod(0o600)

    assert code == 1
    assert (found["secrets"]["state"], found["master key"]["state"]) == ("wrong", "wrong")


def test_a_kafka_that_stands_still_is_found_in_time(city: City) -> None:
    pid = city.run()["processes"]["kafka"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        code, found, took = doctor(city.data)
    finally:
        os.kill(pid, signal.SIGCONT)

    assert (code, found["kafka"]["state"]) == (1, "wrong")
    assert found["postgres"]["state"] == "ok"
    assert took < SECONDS_MAX
    wait_for(lambda: city.run()["processes"]["kafka"]["state"] == "healthy")


def test_where_nothing_answers_it_says_so_in_time(silence: int, tmp_path: Path) -> None:
    settings = {name: value.format(port=silence) for name, value in LATE.items()}

    code, found, took = doctor(tmp_path / "data", **settings)

    assert (code, found["kafka"]["state"], found["postgres"]["state"]) == (1, "wrong", "wrong")
    assert took < SECONDS_MAX


def test_where_nothing_runs_it_says_how_to_start(tmp_path: Path) -> None:
    code, found, _ = doctor(tmp_path / "data")

    assert (code, found["servers"]["state"], found["data folder"]["state"]) == (
        0,
        "warning",
        "warning",
    )
