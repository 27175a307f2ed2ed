"""deploy/kubernetes against the tables of processes and topics, the settings, and its schemas."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.settings import Settings
from schemas.topics import Topic
from services.contract import kubernetes
from services.contract.picture import every_topic
from services.contract.rights import PLACEHOLDER, USERS
from services.contract.topic_settings import configuration
from services.embedded import jars
from services.embedded.workers import WORKERS, Layer
from tests.deployments import (
    KUBERNETES,
    ROOT,
    Document,
    containers,
    documents,
    kustomized,
    mistakes,
    of_kind,
    pod_of,
    schema,
)
from tests.deployments import services as composed

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
MADE = (
    *kustomized((KUBERNETES / "overlays" / "production").resolve()),
    *documents(KUBERNETES / "tools" / "operator.yaml"),
)
RESTORER = documents(KUBERNETES / "tools" / "restorer.yaml")
PODS = {one["metadata"]["name"]: one for one in MADE if pod_of(one)}
RUNNING = of_kind(MADE, "StatefulSet", "Deployment")
SHARED: dict[str, str] = of_kind(MADE, "ConfigMap")["peygir"]["data"]
FIXED = [topic for topic in every_topic() if PLACEHOLDER not in topic.name]
SECRETS = {"PEYGIR_DATABASE_URL", "PEYGIR_MASTER_KEY", "PEYGIR_HMAC_KEY"}


def environment(resource: Document) -> dict[str, Any]:
    (container,) = containers(resource)
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container["env"]}


def labels_of(resource: Document) -> dict[str, str]:
    template = resource["spec"].get("template", resource)
    return template["metadata"]["labels"]


def chosen(selector: dict[str, str]) -> list[str]:
    """The workloads whose pods the labels choose."""
    return [name for name, one in PODS.items() if selector.items() <= labels_of(one).items()]


@pytest.mark.parametrize(
    "resource", [*MADE, *RESTORER], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_each_resource_is_one_that_its_reader_takes(resource: Document) -> None:
    if "strimzi" in resource["apiVersion"]:
        assert mistakes(resource, schema("strimzi.json")[resource["kind"]]) == []
        return
    known = schema("kubernetes-1.35.json")
    kind = known["kinds"][resource["kind"]]

    wanted = {"$ref": f"#/$defs/{kind}", "$defs": known["$defs"]}
    assert mistakes(resource, wanted) == []


def test_every_process_runs_and_there_is_no_other() -> None:
    wanted = {worker.name: list(worker.arguments) for worker in WORKERS}

    found = {name: next(containers(one)) for name, one in RUNNING.items()}
    assert {name: one["args"] for name, one in found.items()} == wanted
    assert all(one["command"] == ["python"] for one in found.values())
    assert RUNNING["edge"]["kind"] == "Deployment"


def test_every_worker_has_a_name_of_its_own_that_stays() -> None:
    workers = [RUNNING[one.name] for one in WORKERS if one.layer != Layer.EDGE]

    assert {one["kind"] for one in workers} == {"StatefulSet"}
    assert {environment(one)["PEYGIR_INSTANCE"]["fieldRef"]["fieldPath"] for one in workers} == {
        "metadata.name"
    }
    assert {one["spec"]["serviceName"] for one in workers} <= of_kind(MADE, "Service").keys()


def test_every_process_is_given_settings_that_it_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.crt"
    authority.touch()
    for name, one in PODS.items():
        own = {key: value for key, value in environment(one).items() if isinstance(value, str)}
        secret = dict.fromkeys(environment(one).keys() - own.keys(), "a-secret")
        with monkeypatch.context() as patch:
            for key, value in (SHARED | own | secret).items():
                patch.setenv(key, str(authority) if key == "PEYGIR_KAFKA_CA" else value)
            settings = Settings()

        known = {f"PEYGIR_{field.upper()}" for field in Settings.model_fields} | {"PEYGIR_URL"}
        assert SHARED.keys() | own.keys() | secret.keys() <= known, name
        assert settings.kafka_access is not None
        assert settings.kafka_access.security == "SASL_SSL"


def test_the_two_ways_give_each_process_the_same_secrets() -> None:
    for name in (*RUNNING, "provision"):
        here = SECRETS & environment(PODS[name]).keys()

        assert here == SECRETS & composed()[name]["environment"].keys(), name


def test_ports_are_those_of_the_settings() -> None:
    for name, one in RUNNING.items():
        (container,) = containers(one)
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        wanted = {"metrics": int(SHARED["PEYGIR_METRICS_PORT"])}
        if name == "edge":
            wanted["http"] = int(SHARED["PEYGIR_PORT"])
        assert ports == wanted
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            asked = container[probe]["httpGet"]
            assert asked["port"] in ports
            ready = probe == "readinessProbe" and name == "edge"
            assert asked["path"] == ("/readyz" if ready else "/healthz")


def test_each_process_comes_as_a_user_who_exists_and_whose_secret_it_reads() -> None:
    users = of_kind(MADE, "KafkaUser")
    cluster = of_kind(MADE, "Kafka")["peygir"]

    assert users.keys() == {f"peygir-{name}" for name in USERS}
    for name, one in PODS.items():
        given = environment(one)
        user = given["PEYGIR_KAFKA_USER"]
        role = "router" if name.startswith("router-") else name
        assert user == f"peygir-{'operator' if name == 'provision' else role}"
        assert given["PEYGIR_KAFKA_PASSWORD"]["secretKeyRef"] == {"name": user, "key": "password"}
        assert user in users
        volumes = {volume["name"]: volume for volume in (pod_of(one) or {})["volumes"]}
        authority = f"{cluster['metadata']['name']}-cluster-ca-cert"
        assert volumes["kafka-ca"]["secret"]["secretName"] == authority
    assert SHARED["PEYGIR_KAFKA_CA"] == "/etc/peygir/kafka/ca.crt"


@pytest.mark.parametrize("topic", FIXED, ids=lambda topic: topic.name)
def test_each_fixed_topic_is_kept_as_the_table_says(topic: Topic) -> None:
    found = of_kind(MADE, "KafkaTopic")[topic.name]

    assert found["spec"]["partitions"] == topic.partitions
    assert found["spec"]["replicas"] == int(SHARED["PEYGIR_REPLICATION"]) == 3
    assert found["spec"]["config"] == configuration(topic)


def test_there_are_no_other_topics_and_their_days_are_the_settings() -> None:
    """Two operators would undo each other's work: Strimzi's and our provisioning."""
    days = {"PEYGIR_DEAD_LETTER_DAYS", "PEYGIR_KEYRING_DAYS"}

    assert of_kind(MADE, "KafkaTopic").keys() == {topic.name for topic in FIXED}
    assert days & SHARED.keys() == set()


def test_kafka_loses_nothing_when_one_broker_is_lost() -> None:
    spec = of_kind(MADE, "Kafka")["peygir"]["spec"]["kafka"]
    pool = of_kind(MADE, "KafkaNodePool")["brokers"]["spec"]

    assert spec["version"] == jars.KAFKA
    assert spec["config"]["default.replication.factor"] == pool["replicas"] == 3
    assert spec["config"]["min.insync.replicas"] == 2
    assert spec["config"]["auto.create.topics.enable"] is False
    assert spec["authorization"] == {"type": "simple"}
    assert all(one["tls"] and one["authentication"] for one in spec["listeners"])


def test_clients_are_pointed_at_the_listener_that_there_is() -> None:
    (listener,) = of_kind(MADE, "Kafka")["peygir"]["spec"]["kafka"]["listeners"]

    assert SHARED["PEYGIR_KAFKA"] == f"peygir-kafka-bootstrap:{listener['port']}"
    assert SHARED["PEYGIR_KAFKA_SASL"].lower() == listener["authentication"]["type"]
    let_out = of_kind(MADE, "NetworkPolicy")["names-kafka-and-postgres"]["spec"]["egress"]
    assert {"port": listener["port"]} in [port for rule in let_out for port in rule["ports"]]


@pytest.mark.parametrize("name", PODS)
def test_no_pod_may_do_more_than_it_must(name: str) -> None:
    pod = pod_of(PODS[name])
    assert pod is not None
    (container,) = containers(PODS[name])

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    # A service of the name of a setting would set it.
    assert pod["enableServiceLinks"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert labels_of(PODS[name])["app.kubernetes.io/part-of"] == "peygir"


def test_every_image_is_one_version_of_ours() -> None:
    images = {next(containers(one))["image"] for name, one in PODS.items() if name != "operator"}

    assert images == {f"registry.example/peygir:{VERSION}"}


@pytest.mark.parametrize("name", RUNNING)
def test_a_node_that_is_emptied_takes_one_pod_at_a_time(name: str) -> None:
    budget = of_kind(MADE, "PodDisruptionBudget")[name]["spec"]

    assert chosen(budget["selector"]["matchLabels"]) == [name]
    assert budget.get("maxUnavailable", budget.get("minAvailable")) == 1


def test_every_selector_chooses_somebody() -> None:
    assert [words for words, selector in _selectors() if not chosen(selector)] == []
    for name, one in RUNNING.items():
        assert chosen(one["spec"]["selector"]["matchLabels"]) == [name]


def _selectors() -> Iterator[tuple[str, dict[str, str]]]:
    for one in MADE:
        words = f"{one['kind']} {one['metadata']['name']}"
        if one["kind"] == "Service":
            yield words, one["spec"]["selector"]
        if one["kind"] == "NetworkPolicy":
            yield words, one["spec"]["podSelector"]["matchLabels"]


def test_the_world_comes_in_through_tls_alone() -> None:
    spec = of_kind(MADE, "Ingress")["edge"]["spec"]

    (tls,) = spec["tls"]
    (rule,) = spec["rules"]
    assert tls["hosts"] == [rule["host"]]
    assert tls["secretName"]
    service = rule["http"]["paths"][0]["backend"]["service"]
    found = of_kind(MADE, "Service")[service["name"]]
    assert [port["name"] for port in found["spec"]["ports"]] == [service["port"]["name"]]


def test_the_files_are_what_the_table_says() -> None:
    for path, text in kubernetes.files().items():
        assert (ROOT / path).read_text() == text, "run `peygir schemas generate`"
