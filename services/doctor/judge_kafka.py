"""How Kafka is, and whether its topics are those of the table."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from schemas.topics import Topic
from services.contract.topic_settings import configuration
from services.doctor.check import Check, ok, some, unless, warning, wrong
from services.doctor.seen import Away, Broker, SeenTopic

# The level of `metadata.version` that Kafka 4.0 brought.
METADATA_MIN = 22
AHEAD_MAX = timedelta(seconds=2)
PROVISION = "`peygir up`, or `python -m services provision`"


def judge(
    seen: Broker | Away, wanted: Mapping[str, Topic], *, replication: int, now: datetime
) -> Iterator[Check]:
    if isinstance(seen, Away):
        yield wrong("kafka", seen.why, "start it, or correct PEYGIR_KAFKA; see logs/kafka.log")
        return
    yield _version(seen)
    yield from unless(_rights(seen, wanted), ok("rights", "what an operator needs"))
    yield from unless(
        _topics(seen.topics, wanted), ok("topics", f"all {len(wanted)} are as the table has them")
    )
    yield from unless(
        _copies(seen, wanted, replication), ok("copies", f"{replication} of each topic, all there")
    )
    yield _clock(seen, now)


def _version(seen: Broker) -> Check:
    says = f"brokers: {seen.brokers}, of the cluster {seen.cluster_id}"
    if seen.metadata_version < METADATA_MIN:
        return warning("kafka", f"{says}, older than 4.0", "it was tried with Kafka 4.3: upgrade")
    return ok("kafka", says)


def _rights(seen: Broker, wanted: Mapping[str, Topic]) -> Iterator[Check]:
    do = "examine as the user `operator`, and give it its rights: docs/tls.md"
    refused = [name for name, topic in seen.topics.items() if topic.refused]
    if refused:
        yield wrong("rights", f"this user may not see {some(refused)}", do)
    written = [name for name, topic in wanted.items() if "operator" in topic.writers]
    closed = [one for one in written if one in seen.topics and "WRITE" not in seen.topics[one].may]
    if closed:
        yield warning("rights", f"this user may not write to {some(closed)}", do)


def _topics(there: Mapping[str, SeenTopic], wanted: Mapping[str, Topic]) -> Iterator[Check]:
    missing = wanted.keys() - there.keys()
    if missing:
        yield wrong("topics", f"missing, or hidden from this user: {some(missing)}", PROVISION)
    seen = {name: topic for name, topic in there.items() if name in wanted and not topic.refused}
    for name, topic in sorted(seen.items()):
        if topic.partitions != wanted[name].partitions:
            yield wrong(
                "topics",
                f"{name} has {topic.partitions} partitions, not {wanted[name].partitions}",
                "nothing may start like this: point PEYGIR_KAFKA at the right cluster",
            )
    other = {name for name, topic in seen.items() if _differs(topic, wanted[name])}
    if other:
        yield warning("topics", f"other settings than the table's: {some(other)}", PROVISION)


def _differs(seen: SeenTopic, wanted: Topic) -> bool:
    return any(seen.settings.get(name) != value for name, value in configuration(wanted).items())


def _copies(seen: Broker, wanted: Mapping[str, Topic], replication: int) -> Iterator[Check]:
    ours = {name: topic for name, topic in seen.topics.items() if name in wanted}
    short = [name for name, topic in ours.items() if topic.short_of_copies]
    if short:
        yield wrong("copies", f"not all in step: {some(short)}", "bring the missing broker back")
    few = [name for name, topic in ours.items() if topic.partitions and topic.copies < replication]
    if few:
        says = f"fewer than PEYGIR_REPLICATION={replication}: {some(few)}"
        yield warning("copies", says, "reassign their partitions with kafka-reassign-partitions")
    if seen.brokers > 1 and replication == 1:
        says = "one of each topic, though there are several brokers"
        yield warning("copies", says, "set PEYGIR_REPLICATION=3 before the topics are made")


def _clock(seen: Broker, now: datetime) -> Check:
    """A broker does not tell the time; the newest record that it stamped was not in the future."""
    if seen.newest is not None and seen.newest > now + AHEAD_MAX:
        ahead = (seen.newest - now).total_seconds()
        return wrong(
            "broker's clock",
            f"it stamped a record {ahead:.0f} s ahead of this machine",
            "set both clocks (NTP): promises are counted from the broker's time",
        )
    return ok("broker's clock", "not ahead of this machine")
