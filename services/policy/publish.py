"""Puts a closed policy into the topic that keeps every version, and reads the versions again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kafka.structs import TopicPartition

from schemas.codec import UndecodableError, decode, encode, headers
from schemas.kafka import Kafka
from schemas.policy import Policy
from schemas.topics import LOG_BYTES_MAX, POLICIES
from schemas.vocabulary import Municipality, PolicyVersion
from services.kafka import append, producer, read_to_end, reader
from services.policy.changes import changed
from services.policy.close import close, same_content
from services.policy.draft import Draft
from streams.core.in_force import in_force

# A successor counts from a moment that its readers can reach in time: what arrives a little
# before it is read must not have been decided otherwise than a replay would decide it.
LEAD_SECONDS = 2
POLICY_BYTES_MAX = 4 * LOG_BYTES_MAX
_SECOND = timedelta(seconds=1)


class PublishError(ValueError):
    """The policy may not be published like this; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What counts now or will, whether anything was published for it, and what differs by it.

    `changed` names the parts that open promises rest on and that were otherwise until then.
    """

    policy: Policy
    published: bool
    changed: tuple[str, ...] = ()


def publish(
    kafka: Kafka, draft: Draft, *, now: datetime, since: datetime | None, wait_seconds: float
) -> Outcome:
    """The version with the acknowledgement of Kafka; the version in force if it says the same.

    Raises `PublishError`, `KafkaAwayError` or `TopicError`.
    """
    earlier = of_municipality(versions(kafka), draft.municipality)
    outcome = decide(draft, earlier, begins(since, now=now, first=not earlier))
    if outcome.published:
        _append(kafka, outcome.policy, now, wait_seconds)
    return outcome


def decide(draft: Draft, earlier: tuple[Policy, ...], since: datetime) -> Outcome:
    """What is to be published, if anything, after the earlier versions. Raises `PublishError`."""
    policy = close(draft, since)
    known = in_force(earlier, policy.since) if earlier else None
    if known is not None and same_content(known, policy):
        return Outcome(policy=known, published=False)
    if any(one.version == policy.version for one in earlier):
        raise PublishError(f"{policy.version} is published already, with other content")
    # Closed as of the same moment: a further year of holidays is no change of the city's.
    differs = () if known is None else changed(known, close(draft, known.since))
    return Outcome(policy=policy, published=True, changed=differs)


def begins(since: datetime | None, *, now: datetime, first: bool) -> datetime:
    """The moment from which a version counts, in whole seconds. Raises `PublishError`."""
    if since is None:
        lead = 0 if first else LEAD_SECONDS
        return now.astimezone(UTC).replace(microsecond=0) + lead * _SECOND
    if since.utcoffset() is None:
        raise PublishError(f"{since.isoformat()} has no zone; write it like 2026-12-01T00:00:00Z")
    if since < now:
        raise PublishError(f"{since.isoformat()} is past: what was decided stays decided")
    if since.microsecond:
        raise PublishError(f"{since.isoformat()}: a version counts from a whole second")
    return since.astimezone(UTC)


def versions(kafka: Kafka) -> tuple[Policy, ...]:
    """Every version of every municipality, oldest first. Raises `KafkaAwayError`."""
    partition = TopicPartition(POLICIES, 0)
    consumer = reader(kafka, [partition])
    try:
        consumer.seek_to_beginning(partition)
        values = [record.value for record in read_to_end(consumer) if record.value is not None]
    finally:
        consumer.close()
    found: dict[PolicyVersion, Policy] = {}
    for value in values:
        try:
            policy = decode(value, Policy)
        except UndecodableError:
            # A version of a later release; this one has to live without it.
            continue
        found[policy.version] = policy
    return tuple(sorted(found.values(), key=lambda one: (one.municipality, one.since)))


def of_municipality(policies: Iterable[Policy], municipality: str) -> tuple[Policy, ...]:
    """The versions of one municipality."""
    return tuple(one for one in policies if one.municipality == Municipality(municipality))


def _append(kafka: Kafka, policy: Policy, now: datetime, wait_seconds: float) -> None:
    value = encode(policy)
    if len(value) > POLICY_BYTES_MAX:
        raise PublishError(f"the policy has {len(value)} bytes, more than {POLICY_BYTES_MAX}")
    writer = producer(kafka, wait_seconds=wait_seconds, bytes_max=POLICY_BYTES_MAX + 4096)
    try:
        append(
            writer,
            POLICIES,
            key=policy.version,
            value=value,
            headers=headers(
                "peygir.policy.v1",
                event_id=policy.version,
                subject=policy.municipality,
                source="peygir policy",
                at=now,
            ),
        )
    finally:
        writer.close()
