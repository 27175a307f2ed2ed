"""A whole Peygir as deploy/kubernetes starts it: each process with its own rights, and no more."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka.structs import TopicPartition

from schemas.topics import KEYRING, LOG_PARTITIONS, department_of
from schemas.vocabulary import Department, Municipality
from services.contract.rights import Right, of_department
from services.embedded import ports
from services.kafka import read_to_end, reader
from tests.conftest import reachable
from tests.deployments import KUBERNETES as FOLDER
from tests.deployments import ROOT, Document, containers, documents, kustomized, of_kind
from tests.guarded import PASSWORD, Guarded, guarded_kafka
from tests.topics import make_fixed_topics

pytestmark = pytest.mark.integration

CITY = Municipality("hashtgerd")
PATIENCE_SECONDS = 60.0
MADE = kustomized((FOLDER / "overlays" / "production").resolve())
(OPERATOR,) = (one for one in documents(FOLDER / "tools" / "operator.yaml") if one["kind"] == "Pod")
SHARED: dict[str, str] = of_kind(MADE, "ConfigMap")["peygir"]["data"]


class City:
    """Its processes, each with the environment that Kubernetes would give it."""

    def __init__(self, guarded: Guarded, database: str, folder: Path) -> None:
        self.guarded = guarded
        self.folder = folder
        self.port = ports.free_port(f"edge {folder}")
        self._secrets = {
            "password": PASSWORD,
            "PEYGIR_DATABASE_URL": database,
            "PEYGIR_MASTER_KEY": "bWFzdGVyIG1hc3RlciBtYXN0ZXIgbWFzdGVyIG1hc3Q",
            "PEYGIR_HMAC_KEY": "aG1hYyBobWFjIGhtYWMgaG1hYyBobWFjIGhtYWMgaG0",
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, resource: Document) -> None:
        name = resource["metadata"]["name"]
        with (self.folder / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                self._command(resource), env=self.environment(resource), stdout=log, stderr=log
            )

    def run(self, resource: Document, *arguments: str) -> str:
        """What a process that ends by itself says."""
        command = [sys.executable, *arguments] if arguments else self._command(resource)
        done = subprocess.run(
            command,
            env=self.environment(resource),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def ended(self) -> dict[str, str]:
        """The processes that should still run, and do not, with their last words."""
        return {
            name: (self.folder / f"{name}.log").read_text()[-2000:]
            for name, process in self._running.items()
            if process.poll() is not None
        }

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(30)

    def environment(self, resource: Document) -> dict[str, str]:
        (container,) = containers(resource)
        own = {one["name"]: self._value(one, resource) for one in container["env"]}
        here = {
            "PEYGIR_KAFKA": self.guarded.access("nobody").servers,
            "PEYGIR_KAFKA_CA": str(self.guarded.authority),
            "PEYGIR_DATA": str(self.folder / "data"),
            "PEYGIR_POLICIES": str(ROOT / "deploy" / "policies"),
            "PEYGIR_ERASURES": str(self.folder / "erasures.jsonl"),
            "PEYGIR_REPLICATION": "1",
            "PEYGIR_HOST": ports.HOST,
            "PEYGIR_METRICS_HOST": ports.HOST,
            "PEYGIR_METRICS_PORT": "0",
            "PEYGIR_PORT": str(self.port),
            "PEYGIR_URL": self.url,
            "PEYGIR_JANITOR_TICK_SECONDS": "0.5",
            "PYTHONPATH": str(ROOT),
            "PATH": os.defpath,
        }
        return SHARED | own | here

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self.port}"

    def _command(self, resource: Document) -> list[str]:
        (container,) = containers(resource)
        return [sys.executable, *container["args"]]

    def _value(self, one: Mapping[str, Any], resource: Document) -> str:
        given = one.get("valueFrom", {})
        if "fieldRef" in given:
            return f"{resource['metadata']['name']}-0"
        return self._secrets[given["secretKeyRef"]["key"]] if given else one["value"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[City]:
    folder = reachable(tmp_path_factory.mktemp("guarded-city"))
    with ExitStack() as stack:
        guarded = stack.enter_context(guarded_kafka(folder, datetime.now(UTC)))
        asyncio.run(make_fixed_topics(guarded.open_door))
        for user in of_kind(MADE, "KafkaUser").values():
            guarded.let_in(user["metadata"]["name"], _rights(user))
        made = City(guarded, database, folder)
        made.run(of_kind(MADE, "Job")["provision"])
        stack.callback(made.stop)
        for one in of_kind(MADE, "StatefulSet", "Deployment").values():
            made.start(one)
        _until(lambda: _ready(made.url), made)
        yield made


def _rights(user: Document) -> list[Right]:
    """As the cluster's operator reads them from the resource."""
    return [
        Right(
            resource=one["resource"]["type"],
            name=one["resource"]["name"],
            prefix=one["resource"]["patternType"] == "prefix",
            operations=tuple(one["operations"]),
        )
        for one in user["spec"]["authorization"]["acls"]
    ]


def test_a_message_reaches_its_department_is_read_and_is_forgotten(city: City) -> None:
    key = _key(city, "app", "channel:app")
    case = _until(lambda: _submitted(city, key), city)
    read = {"Authorization": f"Bearer {_key(city, 'reader', 'read')}"}

    found = _until(lambda: _department(city, case, read), city)
    department = Department(found)
    topic = department_of(CITY, department)
    city.guarded.let_in("department", of_department(CITY, department))
    delivered = _until(lambda: _delivered(city, topic, case), city)
    city.run(OPERATOR, "-m", "services.command", "erase", case, "--yes")
    forgotten = _until(lambda: _tombstones(city, case), city)

    assert delivered
    assert forgotten
    assert city.ended() == {}
    assert _unauthorised(city) == {}


def _submitted(city: City, key: str) -> str | None:
    """The case's id; none while the edge has not heard of the key."""
    answer = httpx.post(
        f"{city.url}/intake/v1/cases",
        headers={"Authorization": f"Bearer {key}"},
        json={
            "municipality": CITY,
            "channel": "app",
            "text": "چراغ کوچه خاموش است",
            "source_ref": "m-1",
        },
    )
    return answer.json()["case_id"] if answer.status_code == 202 else None


def _tombstones(city: City, case: str) -> list[str]:
    """The keys of the case that the janitor has taken away."""
    places = [TopicPartition(KEYRING, number) for number in range(LOG_PARTITIONS)]
    consumer = reader(city.guarded.open_door, places)
    try:
        consumer.seek_to_beginning()
        gone = [one.key.decode() for one in read_to_end(consumer) if one.value is None]
    finally:
        consumer.close()
    return [name for name in gone if name.startswith(f"{case}/")]


def _key(city: City, client: str, scope: str) -> str:
    words = ("-m", "services.command", "keys", "create", client, "--scope", scope, "--json")
    return json.loads(city.run(OPERATOR, *words))["key"]


def _department(city: City, case: str, read: Mapping[str, str]) -> str | None:
    answer = httpx.get(f"{city.url}/api/v1/cases/{case}", headers=dict(read))
    return answer.json().get("department") if answer.status_code == 200 else None


def _delivered(city: City, topic: str, case: str) -> list[Any]:
    consumer = reader(city.guarded.access("department"), [TopicPartition(topic, 0)])
    try:
        consumer.seek_to_beginning()
        return [one for one in read_to_end(consumer) if case.encode() in one.value]
    finally:
        consumer.close()


def _unauthorised(city: City) -> dict[str, list[str]]:
    """Who tried what it may not, in its own words."""
    logs = {path.name: path.read_text().splitlines() for path in city.folder.glob("*.log")}
    refused = {name: [line for line in lines if "uthoriz" in line] for name, lines in logs.items()}
    return {name: lines[:3] for name, lines in refused.items() if lines}


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _until(wanted: Any, city: City) -> Any:  # noqa: ANN401  # whatever is wanted
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not (found := wanted()):
        assert city.ended() == {}
        assert time.monotonic() < give_up_at, _unauthorised(city)
        time.sleep(0.2)
    return found
