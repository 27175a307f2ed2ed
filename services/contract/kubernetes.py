"""The topics and users of a Kafka on Kubernetes, as resources of the Strimzi operator."""

from collections.abc import Iterable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from schemas.topics import Topic, adapter_intake_of, department_of
from schemas.vocabulary import Department, Municipality
from services.contract.picture import every_topic
from services.contract.rights import PLACEHOLDER, USERS, Right, of_adapter, of_department, of_user
from services.contract.topic_settings import configuration

VERSION = "kafka.strimzi.io/v1"
CLUSTER = "peygir"
REPLICAS = 3
TOPICS = "deploy/kubernetes/base/kafka/topics.yaml"
RIGHTS = "deploy/kubernetes/base/kafka/users.yaml"
_HEAD = "# Generated from the topic table: `peygir schemas generate` writes it.\n"

Resource = dict[str, Any]


def files() -> dict[str, str]:
    """Their texts by their paths in a checkout."""
    # A municipality's topics are made when its policy is: the operator leaves those alone.
    fixed = [topic for topic in every_topic() if PLACEHOLDER not in topic.name]
    return {
        TOPICS: _HEAD + as_yaml(_topic(topic) for topic in fixed),
        RIGHTS: _HEAD + as_yaml(user(name, of_user(name)) for name in USERS),
    }


def of_city(
    municipality: Municipality, departments: Iterable[Department], adapters: Iterable[str]
) -> str:
    """The users of the systems outside: each of its own, since the topic is the author."""
    channels = {
        adapter_intake_of(municipality, one): of_adapter(municipality, one) for one in adapters
    }
    systems = {
        department_of(municipality, one): of_department(municipality, one) for one in departments
    }
    return as_yaml(user(name, rights) for name, rights in (channels | systems).items())


def user(name: str, rights: Iterable[Right]) -> Resource:
    """Its password is made by the operator, into a secret of the same name."""
    return {
        **_resource("KafkaUser", f"peygir-{name}"),
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": [_acl(right) for right in rights]},
        },
    }


def as_yaml(resources: Iterable[Resource]) -> str:
    """One document each."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.explicit_start = True
    out = StringIO()
    yaml.dump_all(list(resources), out)
    return out.getvalue()


def _topic(topic: Topic) -> Resource:
    return {
        **_resource("KafkaTopic", topic.name),
        "spec": {
            "partitions": topic.partitions,
            "replicas": REPLICAS,
            "config": configuration(topic),
        },
    }


def _acl(right: Right) -> Resource:
    pattern = "prefix" if right.prefix else "literal"
    return {
        "resource": {"type": right.resource, "name": right.name, "patternType": pattern},
        "operations": list(right.operations),
    }


def _resource(kind: str, name: str) -> Resource:
    labels = {"strimzi.io/cluster": CLUSTER}
    return {"apiVersion": VERSION, "kind": kind, "metadata": {"name": name, "labels": labels}}
