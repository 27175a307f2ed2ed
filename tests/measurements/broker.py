"""A measurement's own topics on a broker: filled, watched, and read to the end."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.structs import TopicPartition

BYTES_MAX = 1_048_588
POLL_SECONDS = 0.1


class Broker:
    """Every measurement has a name; its topics are `<name>-in` and `<name>-out`."""

    def __init__(self, address: str) -> None:
        self.address = address

    def create(self, name: str, *, partitions: int, target_bytes_max: int = BYTES_MAX) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.address)
        try:
            admin.create_topics(
                [
                    NewTopic(f"{name}-in", partitions, 1),
                    NewTopic(
                        f"{name}-out",
                        partitions,
                        1,
                        topic_configs={"max.message.bytes": str(target_bytes_max)},
                    ),
                ]
            )
        finally:
            admin.close()

    def fill(self, name: str, events: Iterable[bytes]) -> None:
        """Appends the events to the source, in turn over its partitions, acknowledged."""
        producer = KafkaProducer(bootstrap_servers=self.address, acks="all", linger_ms=5)
        try:
            for number, event in enumerate(events):
                producer.send(f"{name}-in", event, partition=number % 4)
            producer.flush()
        finally:
            producer.close()

    def wait_for_commits(self, name: str, seconds_max: float) -> bool:
        """Until the group has committed the source's end, twice seen; else gives up."""
        until = time.monotonic() + seconds_max
        seen = 0
        while time.monotonic() < until and seen < 2:
            committed, end = self.positions(name)
            seen = seen + 1 if committed == end else 0
            time.sleep(POLL_SECONDS * 5)
        return seen == 2

    def positions(self, name: str) -> tuple[int, int]:
        """What the group has committed of the source, and its end; both summed."""
        with self._consumer(f"{name}-in", group=name) as (consumer, partitions):
            committed = sum(consumer.committed(one) or 0 for one in partitions)
            return committed, sum(consumer.end_offsets(partitions).values())

    def wait_for_more(self, name: str, seconds_max: float) -> bool:
        """Until the target grows."""
        until = time.monotonic() + seconds_max
        with self._consumer(f"{name}-out") as (consumer, partitions):
            before = sum(consumer.end_offsets(partitions).values())
            while time.monotonic() < until:
                if sum(consumer.end_offsets(partitions).values()) > before:
                    return True
                time.sleep(POLL_SECONDS)
        return False

    def arrived(self, name: str) -> list[int]:
        """The number of every event in the target, as often as it came."""
        found: list[int] = []
        with self._consumer(f"{name}-out") as (consumer, partitions):
            ends = consumer.end_offsets(partitions)
            consumer.seek_to_beginning(*partitions)
            while any((consumer.position(one) or 0) < ends[one] for one in partitions):
                for records in consumer.poll(timeout_ms=500).values():
                    found += [int(record.value.split()[0]) for record in records]
        return found

    @contextmanager
    def _consumer(
        self, topic: str, group: str | None = None
    ) -> Iterator[tuple[KafkaConsumer, list[TopicPartition]]]:
        consumer = KafkaConsumer(
            bootstrap_servers=self.address,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            partitions = [TopicPartition(topic, number) for number in range(4)]
            consumer.assign(partitions)
            yield consumer, partitions
        finally:
            consumer.close()
