"""How much of what stands in the log: counted record by record, holding nothing of them."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from schemas.topics import CASE_FACTS, DEAD_LETTERS, HEARTBEAT, KEYRING, LOG_PARTITIONS
from services.command.long_progress import LongProgress
from services.kafka import moment_of

LOG_TOPICS = (CASE_FACTS, KEYRING, DEAD_LETTERS)
POLL_MS = 250
TYPE = "ce_type"
TYPE_WITHIN = re.compile(rb'[{,]"type":"([a-z0-9.-]{1,60})"')


@dataclass(slots=True)
class Stats:
    """One topic. Bytes are those of keys, values and headers, before compression.

    `types`: records and bytes of each type.
    """

    records: int = 0
    bytes: int = 0
    first: str = "-"
    last: str = "-"
    partitions: list[int] = field(default_factory=lambda: [0] * LOG_PARTITIONS)
    types: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def add(self, record: Any, kind: str) -> None:  # noqa: ANN401
        headers = sum(len(name) + len(value or b"") for name, value in record.headers)
        size = len(record.key or b"") + len(record.value or b"") + headers
        at = moment_of(record.timestamp).isoformat(timespec="seconds")
        self.first = at if self.first == "-" else min(self.first, at)
        self.last = at if self.last == "-" else max(self.last, at)
        self.records += 1
        self.bytes += size
        self.partitions[record.partition] += 1
        records, known = self.types.get(kind, (0, 0))
        self.types[kind] = (records + 1, known + size)

    def as_json(self) -> dict[str, Any]:
        types = {kind: {"records": one, "bytes": size} for kind, (one, size) in self.types.items()}
        return {**asdict(self), "types": types}


def count(
    consumer: KafkaConsumer, places: Sequence[TopicPartition], progress: LongProgress
) -> Mapping[str, Stats]:
    """Everything up to the ends seen now."""
    found = {topic: Stats() for topic in LOG_TOPICS}
    starts, ends = consumer.beginning_offsets(list(places)), consumer.end_offsets(list(places))
    of, done, began = sum(ends.values()) - sum(starts.values()), 0, time.monotonic()
    for place in places:
        consumer.seek(place, starts[place])
    while any((consumer.position(one) or 0) < end for one, end in ends.items()):
        for place, records in consumer.poll(timeout_ms=POLL_MS).items():
            for record in records:
                if record.offset < ends[place]:
                    found[place.topic].add(record, _kind(record))
            done += len(records)
        progress.at("records", done, of, time.monotonic() - began)
    return found


def _kind(record: Any) -> str:  # noqa: ANN401
    if (record.key or b"").startswith(HEARTBEAT.encode()):
        return "heartbeat"
    if record.value is None:
        return "tombstone"
    named = next((value for name, value in record.headers if name == TYPE), None)
    if named is None:
        found = TYPE_WITHIN.search(record.value)
        named = found.group(1) if found else b"unnamed"
    return named.decode("utf-8", "replace")
