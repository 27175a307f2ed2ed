"""Looks at Kafka through its own questions; writes nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from schemas.kafka import Kafka
from schemas.topics import CASE_FACTS, POLICIES, ROUTER_GROUPS
from services.doctor.seen import Away, Broker, InboxPlace, SeenTopic
from services.kafka import KafkaAwayError, admin, committed, moment_of
from services.policy.publish import versions

# The stubs at hand describe an older kafka-python: its newer questions are not in them.
Client = Any
LATEST, MAX_TIMESTAMP = -1, -3

WAIT_SECONDS = 4.0
EVERY_SETTING: dict[str, Any] = {"config_filter": "all"}
AUTHORISATION_FAILED = 29


def broker(kafka: Kafka) -> Broker | Away:
    try:
        client: Client = admin(kafka, wait_seconds=WAIT_SECONDS)
    except KafkaAwayError as error:
        return Away(why=str(error))
    try:
        return _seen(client, kafka)
    except (KafkaError, KafkaAwayError) as error:
        return Away(why=f"Kafka answered, and then failed ({type(error).__name__})")
    finally:
        client.close()


def _seen(client: Client, kafka: Kafka) -> Broker:
    cluster = client.describe_cluster()
    topics = _topics(client)
    followed = [
        TopicPartition(name, number)
        for name, topic in topics.items()
        if name == CASE_FACTS or _is_inbox(topic)
        for number in range(topic.partitions)
    ]
    readable = POLICIES in topics and not topics[POLICIES].refused
    return Broker(
        cluster_id=cluster["cluster_id"],
        brokers=len(cluster["brokers"]),
        metadata_version=_level(client.describe_features()),
        topics=topics,
        ends=_offsets(client, followed),
        committed=committed(client, [*ROUTER_GROUPS.values()], wait_seconds=WAIT_SECONDS),
        newest=_newest(client, [one for one in followed if one.topic != CASE_FACTS]),
        policies=versions(kafka) if readable else (),
    )


def _topics(client: Client) -> dict[str, SeenTopic]:
    found = {one["name"]: one for one in client.describe_topics() if not one["is_internal"]}
    allowed = [name for name, one in found.items() if not one["error_code"]]
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in allowed]
    settings = client.describe_configs(resources, **EVERY_SETTING)["topic"] if resources else {}
    return {name: _topic(one, settings.get(name, {})) for name, one in found.items()}


def _topic(described: Any, settings: Mapping[str, Any]) -> SeenTopic:  # noqa: ANN401  # any JSON
    partitions = described["partitions"]
    copies = [len(one["replica_nodes"]) for one in partitions]
    in_step = [len(one["isr_nodes"]) for one in partitions]
    return SeenTopic(
        partitions=len(partitions),
        refused=described["error_code"] == AUTHORISATION_FAILED,
        may=frozenset(described.get("authorized_operations") or ()),
        copies=min(copies, default=0),
        short_of_copies=sum(1 for all_, now in zip(copies, in_step, strict=True) if now < all_),
        settings={name: str(one["value"]) for name, one in settings.items()},
    )


def _is_inbox(topic: SeenTopic) -> bool:
    return topic.settings.get("message.timestamp.type") == "LogAppendTime"


def _offsets(client: Client, places: Iterable[TopicPartition]) -> dict[InboxPlace, int]:
    found = client.list_partition_offsets(dict.fromkeys(places, LATEST))
    return {(place.topic, place.partition): one.offset for place, one in found.items()}


def _newest(client: Client, places: Iterable[TopicPartition]) -> datetime | None:
    found = client.list_partition_offsets(dict.fromkeys(places, MAX_TIMESTAMP))
    stamps = [one.timestamp for one in found.values() if one.timestamp is not None]
    latest = max(stamps, default=-1)
    return moment_of(latest) if latest > 0 else None


def _level(features: Mapping[str, Any]) -> int:
    return int(features.get("metadata.version", {}).get("finalized", (0, 0))[1])
