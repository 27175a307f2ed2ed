"""What a change of the tables of topics, metrics and settings breaks, in words."""

from collections.abc import Iterator
from typing import Any

from schemas.compatibility import breaks

Table = dict[str, Any]

# Partition counts and keys decide in which order a case's records are read: fixed for ever.
_TOPIC_FIXED = ("key", "partitions", "append_time", "compacted")


def topic_breaks(old: Table, new: Table) -> list[str]:
    """Topics may be added and may take larger records; the rest of a released topic stays."""
    return [*_topics(old["topics"], new["topics"]), *_partitioner(old, new)]


def metric_breaks(old: Table, new: Table) -> list[str]:
    """Metrics and label values may be added: dashboards and alerts name what there was."""
    return list(_metrics(old, new))


def setting_breaks(old: Table, new: Table) -> list[str]:
    """Settings may be added and become more lenient. A default is not a promise."""
    return list(_settings(old, new))


def _topics(old: Table, new: Table) -> Iterator[str]:
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield f"{name}: the topic was removed or renamed"
            continue
        for field in _TOPIC_FIXED:
            if before[field] != after[field]:
                yield f"{name}: {field} changed from {before[field]} to {after[field]}"
        if after["bytes_max"] < before["bytes_max"]:
            yield f"{name}: records of {before['bytes_max']} bytes no longer fit"


def _settings(old: Table, new: Table) -> Iterator[str]:
    for name, before in old.items():
        if name not in new:
            yield f"{name}: the setting was removed or renamed"
            continue
        for words in breaks(before, new[name], read_only_by_us=True):
            yield f"{name}{words.removeprefix('$')}"


def _partitioner(old: Table, new: Table) -> Iterator[str]:
    for case_id, partition in old["partition_of"].items():
        moved = new["partition_of"].get(case_id)
        if moved != partition:
            yield f"partition_of: {case_id} moved from partition {partition} to {moved}"


def _metrics(old: Table, new: Table) -> Iterator[str]:
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield f"{name}: the metric was removed or renamed"
            continue
        if before["kind"] != after["kind"]:
            yield f"{name}: the kind changed from {before['kind']} to {after['kind']}"
        if list(before["labels"]) != list(after["labels"]):
            words = f"{', '.join(before['labels'])} to {', '.join(after['labels'])}"
            yield f"{name}: the labels changed from {words}"
            continue
        yield from _label_values(name, before["labels"], after["labels"])
        gone = [bound for bound in before["buckets"] if bound not in after["buckets"]]
        if gone:
            yield f"{name}: buckets removed: {gone}"


def _label_values(name: str, before: Table, after: Table) -> Iterator[str]:
    for label, values in before.items():
        for value in (one for one in values if one not in after[label]):
            yield f"{name}: {label}={value!r} is no longer counted"
