"""Who may do what in Kafka: the topic table's writers write, its readers read, and nobody else."""

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from schemas.topics import Topic
from schemas.vocabulary import Department, Municipality
from services.command.policy import app
from services.contract.picture import every_topic
from services.contract.rights import USERS, Right, of_adapter, of_department, of_user
from tests.deployments import ROOT, mistakes, schema

CITY, PARKS = Municipality("hashtgerd"), Department("parks")
TOPICS = every_topic()
# Everything that an operator's commands show and prove lies in some topic.
READS_EVERYTHING = "operator"


def may(rights: tuple[Right, ...], operation: str, topic: str) -> bool:
    return any(
        operation in right.operations
        and right.resource == "topic"
        and (right.name in ("*", topic) or (right.prefix and topic.startswith(right.name)))
        for right in rights
    )


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_only_its_writers_may_write_to_a_topic(topic: Topic) -> None:
    writers = {user for user in USERS if may(of_user(user), "Write", topic.name)}

    assert writers == {user for user, name in USERS.items() if name in topic.writers}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_its_readers_may_read_a_topic(topic: Topic) -> None:
    readers = {user for user in USERS if may(of_user(user), "Read", topic.name)}
    words = {reader.split()[0] for reader in topic.readers}
    named = {user for user, name in USERS.items() if words & {user, name}}

    gaps = {"accountant"} if topic.append_time else set[str]()
    assert readers == named | gaps | {READS_EVERYTHING}


def test_only_the_janitor_deletes_and_only_from_inboxes() -> None:
    deletes = {
        (user, topic.name)
        for user in USERS
        for topic in TOPICS
        if may(of_user(user), "Delete", topic.name)
    }

    assert deletes == {("janitor", topic.name) for topic in TOPICS if topic.append_time}


def test_only_the_operator_makes_and_alters_topics() -> None:
    for operation in ("Create", "AlterConfigs"):
        assert {user for user in USERS if may(of_user(user), operation, "policies")} == {"operator"}


def test_a_channel_outside_sees_its_own_inbox_alone() -> None:
    rights = of_adapter(CITY, "bale")

    assert [right.name for right in rights] == ["intake-hashtgerd-bale"]
    assert may(rights, "Write", "intake-hashtgerd-bale")
    assert not may(rights, "Read", "intake-hashtgerd-bale")


def test_a_departments_system_sees_its_own_two_topics_alone() -> None:
    rights = of_department(CITY, PARKS)

    named = {right.name for right in rights if right.resource == "topic"}
    assert named == {"department-hashtgerd-parks", "progress-hashtgerd-parks"}
    assert not any(right.prefix for right in rights)
    assert not may(rights, "Write", "department-hashtgerd-parks")
    assert not may(rights, "Read", "progress-hashtgerd-parks")


def test_a_citys_users_are_printed_for_the_cluster() -> None:
    folder = ROOT / "deploy" / "policies" / "hashtgerd"

    said = CliRunner().invoke(app, ["users", str(folder)])

    assert said.exit_code == 0, said.output
    users = list(YAML(typ="safe").load_all(said.output))
    assert "peygir-intake-hashtgerd-sms-gateway" in {one["metadata"]["name"] for one in users}
    assert [
        words for one in users for words in mistakes(one, schema("strimzi.json")["KafkaUser"])
    ] == []
