"""All that a release promises to others, as plain JSON: types, topics, metrics, settings."""

import dataclasses
from typing import Any, get_args

from schemas import codec, contents, facts, messages, metrics, topics
from schemas.policy import Policy
from schemas.settings import Settings
from schemas.vocabulary import CaseId, Department, Municipality

Document = dict[str, Any]

# Others write these and only we read them; all other types are written by Peygir.
READ_ONLY_BY_US = frozenset({"submission.v1", "progress.v1"})

# What lies sealed in a fact stays as long as the fact; a policy version is kept for ever.
_WITHOUT_A_TYPE_FIELD: dict[str, type[object]] = {
    "content": contents.Content,
    "evidence": contents.Evidence,
    "policy": Policy,
}

# Ids whose partition is written down, so that another partitioner cannot pass unseen.
PROBES = tuple(CaseId(f"case-{number}") for number in range(16))


def types() -> dict[str, type[object]]:
    """Every type that crosses a process boundary, by the name its records carry."""
    named: tuple[type[object], ...] = (*get_args(facts.Fact), *get_args(messages.Message))
    return {_type_name(one): one for one in named} | _WITHOUT_A_TYPE_FIELD


def schema_of(name: str) -> Document:
    """The JSON Schema of one type, with its dialect."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | codec.json_schema(types()[name])


def topic_table() -> Document:
    """The topics, those of a municipality under placeholders, and probes of the partitioner."""
    every = (*topics.fixed_topics(dead_letter_days=1), *_municipal())
    return {
        "topics": {one.name: _topic(one) for one in every},
        "partition_of": {probe: topics.partition_of(probe) for probe in PROBES},
    }


def metric_table() -> Document:
    return {
        one.name: {
            "kind": one.kind,
            "labels": {label: list(values) for label, values in one.labels},
            "buckets": list(one.buckets) if one.kind == "histogram" else [],
        }
        for one in metrics.ALL
    }


def setting_table() -> Document:
    """The schema of each `PEYGIR_…` setting, without its default, which is not a promise."""
    schema = Settings.model_json_schema()
    return {
        f"PEYGIR_{name.upper()}": {key: one for key, one in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }


def promised() -> dict[str, Document]:
    """Every document that a release freezes, by its path in the release's folder."""
    return {f"json/{name}.json": schema_of(name) for name in types()} | {
        "topics.json": topic_table(),
        "metrics.json": metric_table(),
        "settings.json": setting_table(),
    }


def _type_name(kind: type[Any]) -> str:
    (field,) = (one for one in dataclasses.fields(kind) if one.name == "type")
    return str(field.default)


def _municipal() -> tuple[topics.Topic, ...]:
    return topics.municipal_topics(
        Municipality("<municipality>"),
        [Department("<department>")],
        ["<adapter>"],
        department_days=1,
    )


def _topic(topic: topics.Topic) -> Document:
    # Retention is a setting of the installation, so it is not promised here.
    fields = dataclasses.asdict(topic)
    return {key: one for key, one in fields.items() if key not in ("name", "retention_days")}
