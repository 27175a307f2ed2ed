"""Each process shows the metrics that its own code has figures of: all of those, and no other."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from schemas import city_metrics, linker_metrics, metrics
from schemas.exposition import Meters
from schemas.metric import Metric
from schemas.shown import EDGE, WORKERS

ROOT = Path(__file__).parents[2]
NAMES = {
    name: value
    for module in (metrics, city_metrics, linker_metrics)
    for name, value in vars(module).items()
    if isinstance(value, Metric)
}
NAMED = re.compile(
    r"metrics\.[A-Z_]+|from schemas\.(?:city_|linker_)?metrics import (?:\([^)]*\)|.*)"
)
CODE_OF_AN_EDGE = ("edge", "http", "intake", "api")


def named(folders: Iterable[Path]) -> set[str]:
    """The metrics that the code in these folders names, and the one that all show."""
    words = {
        word
        for folder in folders
        for path in folder.rglob("*.py")
        for said in NAMED.findall(path.read_text())
        for word in re.findall(r"[A-Z_]+", said)
    }
    return {metrics.BUILD_INFO.name, *(NAMES[word].name for word in words & NAMES.keys())}


@pytest.mark.parametrize("worker", sorted(WORKERS))
def test_a_worker_shows_what_its_code_counts(worker: str) -> None:
    package = "router" if worker in metrics.PROCESSORS else worker.replace("-", "_")

    assert {one.name for one in WORKERS[worker]} == named([ROOT / "streams" / package])


def test_an_edge_shows_what_its_code_counts() -> None:
    folders = [ROOT / "services" / one for one in CODE_OF_AN_EDGE]

    assert {one.name for one in EDGE} == named(folders)


def test_every_metric_is_shown_by_some_process() -> None:
    shown = {one.name for its in (EDGE, *WORKERS.values()) for one in its}

    assert shown == {one.name for one in metrics.ALL}


@pytest.mark.parametrize("worker", sorted(WORKERS))
def test_a_worker_shows_no_series_of_another(worker: str) -> None:
    shown = Meters(WORKERS[worker])

    whose = {
        sample.labels[label]
        for family in shown.registry.collect()
        for sample in family.samples
        for label in ("processor", "role")
        if label in sample.labels
    }
    assert whose == {worker}
