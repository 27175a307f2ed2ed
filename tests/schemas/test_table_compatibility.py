"""What breaks the released tables of topics, metrics and settings."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from schemas import inventory
from schemas.table_compatibility import metric_breaks, setting_breaks, topic_breaks

Table = dict[str, Any]
Change = Callable[[Table], object]


def rename(table: Table, name: str, new_name: str) -> None:
    table[new_name] = table.pop(name)


ROUTED = "peygir_routing_decisions_total"
DELAY = "peygir_delivery_delay_seconds"

BAD_TOPICS: list[tuple[str, Change, str]] = [
    ("removed", lambda t: t["topics"].pop("repairs"), "repairs"),
    ("renamed", lambda t: rename(t["topics"], "case-facts", "facts"), "case-facts"),
    (
        "a municipality's renamed",
        lambda t: rename(
            t["topics"], "department-<municipality>-<department>", "to-<municipality>-<department>"
        ),
        "department-<municipality>-<department>",
    ),
    ("repartitioned", lambda t: t["topics"]["case-facts"].update(partitions=16), "case-facts"),
    ("keyed otherwise", lambda t: t["topics"]["keyring"].update(key="kid"), "keyring"),
    ("compacted", lambda t: t["topics"]["case-facts"].update(compacted=True), "case-facts"),
    ("the writer's time", lambda t: t["topics"]["intake-sms"].update(append_time=False), "intake-"),
    ("smaller records", lambda t: t["topics"]["intake-sms"].update(bytes_max=1_000), "intake-sms"),
    ("another partitioner", lambda t: t["partition_of"].update({"case-0": 99}), "partition_of"),
]
BAD_METRICS: list[tuple[str, Change, str]] = [
    ("removed", lambda t: t.pop(ROUTED), ROUTED),
    ("renamed", lambda t: rename(t, ROUTED, "peygir_routed_total"), ROUTED),
    ("another kind", lambda t: t[ROUTED].update(kind="gauge"), ROUTED),
    ("a label renamed", lambda t: rename(t[ROUTED]["labels"], "by", "why"), ROUTED),
    ("a label added", lambda t: t[ROUTED]["labels"].update(city=[]), ROUTED),
    ("a label's value removed", lambda t: t[ROUTED]["labels"]["by"].remove("centre"), ROUTED),
    ("a bucket removed", lambda t: t[DELAY]["buckets"].remove(1.0), DELAY),
]
BAD_SETTINGS: list[tuple[str, Change, str]] = [
    ("removed", lambda t: t.pop("PEYGIR_PORT"), "PEYGIR_PORT"),
    ("renamed", lambda t: rename(t, "PEYGIR_PORT", "PEYGIR_HTTP_PORT"), "PEYGIR_PORT"),
    ("another type", lambda t: t["PEYGIR_PORT"].update(type="string"), "PEYGIR_PORT"),
    ("a lower upper bound", lambda t: t["PEYGIR_PORT"].update(maximum=1_024), "PEYGIR_PORT"),
    ("a higher lower bound", lambda t: t["PEYGIR_PORT"].update(minimum=1_024), "PEYGIR_PORT"),
    ("listed values", lambda t: t["PEYGIR_METRICS_HOST"].update(enum=["::1"]), "PEYGIR_METRICS_H"),
    (
        "no longer to be left out",
        lambda t: t["PEYGIR_KAFKA"].update(anyOf=[{"type": "string"}]),
        "PEYGIR_KAFKA",
    ),
]
GOOD: list[tuple[str, str, Change]] = [
    (
        "a new topic",
        "topics",
        lambda t: t["topics"].update(notices=copy.deepcopy(t["topics"]["repairs"])),
    ),
    ("larger records", "topics", lambda t: t["topics"]["repairs"].update(bytes_max=2**30)),
    ("another reader", "topics", lambda t: t["topics"]["case-facts"].update(readers=["x"])),
    ("a new metric", "metrics", lambda t: t.update(peygir_new=t[ROUTED])),
    ("a new value", "metrics", lambda t: t[ROUTED]["labels"]["by"].append("model")),
    ("a new bucket", "metrics", lambda t: t[DELAY]["buckets"].append(3_600.0)),
    ("a new setting", "settings", lambda t: t.update(PEYGIR_NEW={"type": "string"})),
    (
        "bounds further apart",
        "settings",
        lambda t: t["PEYGIR_PORT"].update(minimum=-1, maximum=70_000),
    ),
    ("a bound less", "settings", lambda t: t["PEYGIR_LEASE_SECONDS"].pop("minimum")),
    ("other words", "settings", lambda t: t["PEYGIR_PORT"].update(description="other")),
]

TABLES: dict[str, tuple[Callable[[], Table], Callable[[Table, Table], list[str]]]] = {
    "topics": (inventory.topic_table, topic_breaks),
    "metrics": (inventory.metric_table, metric_breaks),
    "settings": (inventory.setting_table, setting_breaks),
}
BAD = [
    *(("topics", *one) for one in BAD_TOPICS),
    *(("metrics", *one) for one in BAD_METRICS),
    *(("settings", *one) for one in BAD_SETTINGS),
]


@pytest.mark.parametrize(
    ("table", "change", "name"),
    [(one[0], one[2], one[3]) for one in BAD],
    ids=[f"{one[0]}: {one[1]}" for one in BAD],
)
def test_a_bad_change_is_named(table: str, change: Change, name: str) -> None:
    found = _after(table, change)

    assert found
    assert all(words.startswith(name) for words in found)


@pytest.mark.parametrize(
    ("table", "change"), [one[1:] for one in GOOD], ids=[f"{one[1]}: {one[0]}" for one in GOOD]
)
def test_a_good_change_passes(table: str, change: Change) -> None:
    assert _after(table, change) == []


@pytest.mark.parametrize("table", TABLES)
def test_a_table_does_not_break_itself(table: str) -> None:
    present, breaks = TABLES[table]

    assert breaks(present(), present()) == []


def test_a_default_is_not_promised() -> None:
    assert not any("default" in one for one in inventory.setting_table().values())


def _after(table: str, change: Change) -> list[str]:
    present, breaks = TABLES[table]
    changed = copy.deepcopy(present())
    change(changed)
    assert changed != present(), "the change must change something"
    return breaks(present(), changed)
