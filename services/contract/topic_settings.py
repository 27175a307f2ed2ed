"""A topic's own settings in Kafka; all of them are stated, so that no broker default matters."""

from schemas.topics import Topic
from streams.core.retention import SEGMENT_DAYS

DAY_MS = 24 * 60 * 60 * 1000
DELETED_MARKERS_MS = DAY_MS  # A reader that was away for a day still sees a tombstone.


def configuration(topic: Topic) -> dict[str, str]:
    """By the names that Kafka gives them."""
    days = topic.retention_days
    kept = {
        "message.timestamp.type": "LogAppendTime" if topic.append_time else "CreateTime",
        "max.message.bytes": str(topic.bytes_max),
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": "-1" if days is None else str(days * DAY_MS),
        "retention.bytes": "-1",
    }
    if topic.append_time or days is not None:
        # What is to go goes by whole files, and none of them goes while it still grows.
        kept["segment.ms"] = str(SEGMENT_DAYS * DAY_MS)
    if topic.compacted:
        kept["delete.retention.ms"] = str(DELETED_MARKERS_MS)
    if topic.compacted_within_days is not None:
        # A record is compacted once its segment is closed: both have to come to pass in time.
        half = str(topic.compacted_within_days * DAY_MS // 2)
        kept |= {"max.compaction.lag.ms": half, "segment.ms": half}
    return kept
