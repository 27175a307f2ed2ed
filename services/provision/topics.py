"""Makes the topics that are missing, and holds those that exist against the table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.topics import Topic
from services.contract.topic_settings import configuration
from services.kafka import TopicError, in_words

# The stubs at hand describe an older kafka-python.
AND_WAIT: dict[str, Any] = {"wait_for_metadata": True}
EVERY_SETTING: dict[str, Any] = {"config_filter": "all"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What was done."""

    made: tuple[str, ...]
    altered: tuple[str, ...]


def bring_about(client: KafkaAdminClient, wanted: Iterable[Topic], *, replication: int) -> Changes:
    """Makes and alters. Raises `TopicError` where the partitions are not those of the table."""
    topics = {topic.name: topic for topic in wanted}
    try:
        there = _partition_counts(client, topics)
        _check_partitions(topics, there)
        made = [topic for name, topic in topics.items() if name not in there]
        _make(client, made, replication)
        altered = _alter(client, [topic for name, topic in topics.items() if name in there])
    except KafkaError as error:
        raise in_words(error, "a topic") from error
    return Changes(made=tuple(one.name for one in made), altered=altered)


def _partition_counts(client: KafkaAdminClient, topics: Mapping[str, Topic]) -> dict[str, int]:
    names = sorted(set(client.list_topics()) & topics.keys())
    found = client.describe_topics(names) if names else []
    return {one["name"]: len(one["partitions"]) for one in found}


def _check_partitions(topics: Mapping[str, Topic], there: Mapping[str, int]) -> None:
    wrong = [
        f"{name} has {count} partitions and must have {topics[name].partitions}"
        for name, count in sorted(there.items())
        if count != topics[name].partitions
    ]
    if wrong:
        # A case's facts would stand in two partitions: nothing may start like this.
        raise TopicError(f"{'; '.join(wrong)}: a topic's partitions are fixed for ever")


def _make(client: KafkaAdminClient, topics: list[Topic], replication: int) -> None:
    if not topics:
        return
    # The stubs at hand know topics as a list alone.
    wanted: Any = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replication,
            "configs": configuration(topic),
        }
        for topic in topics
    }
    try:
        client.create_topics(wanted, **AND_WAIT)
    except TopicAlreadyExistsError:
        # Another provisioning was quicker with one of them; what it left is made by itself.
        for name, how in wanted.items():
            _make_one(client, name, how)


def _make_one(client: KafkaAdminClient, name: str, how: Any) -> None:  # noqa: ANN401
    try:
        client.create_topics(_only(name, how), **AND_WAIT)
    except TopicAlreadyExistsError:
        return


def _only(name: str, how: Any) -> Any:  # noqa: ANN401
    return {name: how}


def _alter(client: KafkaAdminClient, topics: list[Topic]) -> tuple[str, ...]:
    if not topics:
        return ()
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    found = client.describe_configs(resources, **EVERY_SETTING)["topic"]
    changes = {
        topic.name: {
            name: value
            for name, value in configuration(topic).items()
            if found[topic.name][name]["value"] != value
        }
        for topic in topics
    }
    different = {name: changed for name, changed in changes.items() if changed}
    if different:
        client.alter_configs(
            [
                ConfigResource(ConfigResourceType.TOPIC, name, configs=changed)
                for name, changed in different.items()
            ]
        )
    return tuple(different)
