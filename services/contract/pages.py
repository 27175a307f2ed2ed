"""The tables of topics, settings and metrics that stand in the documentation."""

from collections.abc import Iterable

from schemas.metric import Metric
from schemas.metrics import ALL
from schemas.settings import Settings
from schemas.topics import Topic
from services.contract.picture import every_topic


def topics() -> str:
    head = ("topic", "what", "key", "partitions", "kept", "written by", "read by")
    return table(head, (_topic(topic) for topic in every_topic()))


def settings() -> str:
    fields = Settings.model_json_schema()["properties"]
    rows = (
        (f"`PEYGIR_{name.upper()}`", _default(field), field.get("description", ""))
        for name, field in fields.items()
    )
    return table(("setting", "default", "what it does"), rows)


def metrics() -> str:
    return table(("metric", "kind", "labels", "what it says"), (_metric(one) for one in ALL))


def _topic(topic: Topic) -> tuple[str, ...]:
    return (
        f"`{topic.name}`",
        topic.purpose,
        topic.key,
        str(topic.partitions),
        _kept(topic),
        ", ".join(topic.writers),
        ", ".join(topic.readers),
    )


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "the last of each key"
    return "for ever" if topic.retention_days is None else f"{topic.retention_days} days"


def _default(field: dict[str, object]) -> str:
    default = field.get("default")
    return "none" if default is None else f"`{default}`"


def _metric(metric: Metric) -> tuple[str, ...]:
    labels = "; ".join(f"{name}: {', '.join(values) or 'any'}" for name, values in metric.labels)
    return (f"`{metric.name}`", metric.kind, labels, metric.help)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
