"""Prometheus asks every process, and the dashboard shows what they have."""

import json
import re
from pathlib import Path

import pytest

from schemas.metrics import ALL
from services.embedded.workers import WORKERS
from tests.deployments import ROOT, documents, services

PROMETHEUS = documents(ROOT / "deploy" / "prometheus" / "prometheus.yml")[0]
GRAFANA = ROOT / "deploy" / "grafana"
BOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
KNOWN = {metric.name: metric for metric in ALL}
OF_PROMETHEUS = {"up"}
SERIES = re.compile(r"\b(?P<name>[a-z_]+)(?:\{(?P<chosen>[^}]*)\}|\[|\)|$)")
GROUPED = re.compile(r"by \(([a-z_, ]+)\)")


def asked(board: dict[str, object]) -> list[str]:
    panels = board["panels"]
    assert isinstance(panels, list)
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_every_process_is_asked_where_it_shows_its_metrics() -> None:
    port = services()["edge"]["environment"]["PEYGIR_METRICS_PORT"]
    (job,) = PROMETHEUS["scrape_configs"]
    (targets,) = [one["targets"] for one in job["static_configs"]]

    assert targets == [f"{worker.name}:{port}" for worker in WORKERS]
    assert job["job_name"] == "peygir"
    assert PROMETHEUS.keys() <= {"global", "scrape_configs", "rule_files"}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.name)
def test_a_dashboard_shows_metrics_and_labels_that_there_are(path: Path) -> None:
    board = json.loads(path.read_text())

    for expression in asked(board):
        grouped = set(re.findall(GROUPED, expression))
        found = [*SERIES.finditer(re.sub(GROUPED, "", expression))]
        assert found, expression
        for one in found:
            name = re.sub(r"_(bucket|count|sum)$", "", one["name"])
            if one["name"] in OF_PROMETHEUS:
                continue
            metric = KNOWN.get(one["name"]) or KNOWN.get(name)
            assert metric is not None, f"{one['name']} in {expression}"
            assert one["name"] == metric.name or metric.kind == "histogram"
            labels = dict(metric.labels)
            for label, value in re.findall(r'([a-z_]+)!?=~?"([^"]*)"', one["chosen"] or ""):
                assert value in labels[label], expression
            assert {word for group in grouped for word in group.split(", ")} <= {*labels, "le"}


def test_dashboards_have_names_of_their_own_and_the_source_that_is_provisioned() -> None:
    (source,) = documents(GRAFANA / "provisioning" / "datasources" / "prometheus.yaml")[0][
        "datasources"
    ]
    boards = [json.loads(path.read_text()) for path in BOARDS]

    assert len({board["uid"] for board in boards}) == len(boards) > 0
    used = {panel["datasource"]["uid"] for board in boards for panel in board["panels"]}
    assert used == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"


def test_dashboards_lie_where_they_are_looked_for() -> None:
    (provider,) = documents(GRAFANA / "provisioning" / "dashboards" / "peygir.yaml")[0]["providers"]
    mounted = [volume.split(":")[:2] for volume in services()["grafana"]["volumes"]]

    assert ["./deploy/grafana/dashboards", provider["options"]["path"]] in mounted
    assert ["./deploy/grafana/provisioning", "/etc/grafana/provisioning"] in mounted
    config = [volume.split(":")[:2] for volume in services()["prometheus"]["volumes"]]
    assert ["./deploy/prometheus/prometheus.yml", "/etc/prometheus/prometheus.yml"] in config
