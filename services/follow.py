"""The published policies, followed from their topic for as long as a process runs.

A thread of its own reads with kafka-python. What it knows outlives an outage of Kafka; before it
has read to the end once, nothing is known and the process is not ready.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from schemas import logs
from schemas.codec import UndecodableError, decode
from schemas.kafka import Kafka
from schemas.policy import Policy
from schemas.topics import POLICIES
from schemas.vocabulary import Municipality
from services.kafka import POLL_MS, KafkaAwayError, reader
from streams.core.in_force import in_force

RETRY_SECONDS = 1.0
HEARTBEAT_SECONDS = 2.0
ANSWER_MS_MAX = 2_000
STOP_SECONDS_MAX = 5.0

_log = logs.logger()


class PublishedPolicies:
    """Every version of every municipality, and which is in force."""

    def __init__(self, policies: Mapping[Municipality, tuple[Policy, ...]] | None = None) -> None:
        self._versions = dict(policies or {})
        self.ready = policies is not None

    def learn(self, policy: Policy) -> None:
        """One version more; the same version again replaces itself."""
        kept = self._versions.get(policy.municipality, ())
        others = [one for one in kept if one.version != policy.version]
        # Replaced as a whole, so that a reader in another thread sees the old or the new.
        self._versions[policy.municipality] = tuple(
            sorted((*others, policy), key=lambda one: one.since)
        )

    def in_force(self, municipality: str, at: datetime) -> Policy | None:
        """The version in force, none where the municipality is not served."""
        versions = self.versions(municipality)
        return in_force(versions, at) if versions else None

    def versions(self, municipality: str) -> tuple[Policy, ...]:
        """All of them, oldest first; none where the municipality is not served."""
        return self._versions.get(Municipality(municipality), ())

    @property
    def municipalities(self) -> tuple[Municipality, ...]:
        return tuple(self._versions)


class PolicyFollower:
    """Feeds `policies` from Kafka until it is closed; `heard_at` is the broker's last answer."""

    def __init__(
        self, kafka: Kafka, policies: PublishedPolicies, *, clock: Callable[[], float]
    ) -> None:
        self.policies = policies
        self.heard_at: float | None = None
        self._kafka = kafka
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="policies", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(STOP_SECONDS_MAX)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except (KafkaAwayError, KafkaError, OSError) as error:
                _log.warning("the policies cannot be followed", error=type(error).__name__)
                self._stop.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        partition = TopicPartition(POLICIES, 0)
        consumer = reader(self._kafka, [partition])
        try:
            consumer.seek_to_beginning(partition)
            end, asked_at = self._end(consumer, partition), time.monotonic()
            while not self._stop.is_set():
                self._read(consumer)
                if (consumer.position(partition) or 0) >= end:
                    self.policies.ready = True
                if time.monotonic() - asked_at > HEARTBEAT_SECONDS:
                    end, asked_at = self._end(consumer, partition), time.monotonic()
        finally:
            consumer.close()

    def _end(self, consumer: KafkaConsumer, partition: TopicPartition) -> int:
        # The stubs at hand describe an older kafka-python.
        newer: dict[str, Any] = {"timeout_ms": ANSWER_MS_MAX}
        end = consumer.end_offsets([partition], **newer)[partition]
        self.heard_at = self._clock()
        return end

    def _read(self, consumer: KafkaConsumer) -> None:
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            for record in records:
                self._learn(record.value, record.offset)

    def _learn(self, raw: bytes | None, offset: int) -> None:
        if raw is None:
            return
        try:
            policy = decode(raw, Policy)
        except UndecodableError:
            _log.exception("a policy cannot be read and is left out", offset=offset)
            return
        self.policies.learn(policy)
