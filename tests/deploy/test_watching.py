"""Prometheus asks every process, and the dashboards show what they have."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.__main__ import FOLDER, MADE
from deploy.grafana.parts import as_text
from schemas.metrics import ALL
from services.embedded.workers import WORKERS
from tests.deployments import ROOT, documents, services
from tests.promql import asked_of

PROMETHEUS = documents(ROOT / "deploy" / "prometheus" / "prometheus.yml")[0]
GRAFANA = ROOT / "deploy" / "grafana"
BOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
KNOWN = {metric.name: metric for metric in ALL}
GROUPED = re.compile(r"by \(([a-z_, ]+)\)")
LEGEND = re.compile(r"\{\{([a-z_]+)\}\}")
ROW_PANELS_MAX = 6


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def targets(board: dict[str, Any]) -> Iterator[dict[str, str]]:
    for panel in panels(board):
        yield from panel["targets"]


def test_every_process_is_asked_where_it_shows_its_metrics() -> None:
    port = services()["edge"]["environment"]["PEYGIR_METRICS_PORT"]
    (job,) = PROMETHEUS["scrape_configs"]
    (asked,) = [one["targets"] for one in job["static_configs"]]

    assert asked == [f"{worker.name}:{port}" for worker in WORKERS]
    assert job["job_name"] == "peygir"
    assert PROMETHEUS.keys() <= {"global", "scrape_configs", "rule_files"}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.name)
def test_a_dashboard_shows_metrics_and_labels_that_there_are(path: Path) -> None:
    board = json.loads(path.read_text())
    chosen_above = [one["query"] for one in board.get("templating", {}).get("list", ())]

    for expression in [target["expr"] for target in targets(board)] + [
        re.sub(r"label_values\((.*), (\w+)\)", r"sum by (\2) (\1)", query) for query in chosen_above
    ]:
        assert asked_of(expression), expression


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.name)
def test_a_panel_says_what_it_shows_and_in_which_unit(path: Path) -> None:
    board = json.loads(path.read_text())
    variables = {f"${one['name']}" for one in board.get("templating", {}).get("list", ())}

    for panel in panels(board):
        assert panel["title"], panel["id"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        for target in panel["targets"]:
            grouped = re.findall(GROUPED, target["expr"])
            of_series = {word for group in grouped for word in group.split(", ")}
            assert set(re.findall(LEGEND, target["legendFormat"])) <= of_series, panel["title"]
            assert set(re.findall(r"\$\w+", target["expr"])) <= variables, panel["title"]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.name)
def test_panels_lie_beside_each_other_and_have_ids_of_their_own(path: Path) -> None:
    board = json.loads(path.read_text())
    taken: set[tuple[int, int]] = set()

    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + row)
            for column in range(place["w"])
            for row in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    tops = [panel["gridPos"]["y"] for panel in panels(board)]
    assert max(tops.count(top) for top in tops) <= ROW_PANELS_MAX


def test_made_dashboards_are_as_their_code_makes_them() -> None:
    stale = [name for name, make in MADE.items() if (FOLDER / name).read_text() != as_text(make())]

    assert stale == [], "run `make dashboards`"


def test_what_is_counted_of_promises_is_shown() -> None:
    board = json.loads((FOLDER / "sla.json").read_text())
    shown = {metric.name for one in targets(board) for metric in asked_of(one["expr"])}

    of_promises = {name for name in KNOWN if name.startswith("peygir_sla_")}
    assert of_promises - shown == {"peygir_sla_timer_poll_duration_seconds"}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.name)
def test_expressions_are_promql(path: Path, tmp_path: Path) -> None:
    """By Prometheus's own parser where it is; else only that what is opened is closed."""
    expressions = [target["expr"] for target in targets(json.loads(path.read_text()))]
    for expression in expressions:
        for opening, closing in ("()", "{}", "[]"):
            assert expression.count(opening) == expression.count(closing), expression
        assert expression.count('"') % 2 == 0, expression
    promtool = shutil.which("promtool")
    if promtool is None:
        return
    rules = [
        {"record": f"panel:{number}", "expr": re.sub(r"\$\w+", ".*", expression)}
        for number, expression in enumerate(expressions)
    ]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    command = [promtool, "check", "rules", file]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_dashboards_have_names_of_their_own_and_the_source_that_is_provisioned() -> None:
    (source,) = documents(GRAFANA / "provisioning" / "datasources" / "prometheus.yaml")[0][
        "datasources"
    ]
    boards = [json.loads(path.read_text()) for path in BOARDS]

    assert len({board["uid"] for board in boards}) == len(boards) > 0
    used = {panel["datasource"]["uid"] for board in boards for panel in panels(board)}
    assert used == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"


def test_dashboards_lie_where_they_are_looked_for() -> None:
    (provider,) = documents(GRAFANA / "provisioning" / "dashboards" / "peygir.yaml")[0]["providers"]
    mounted = [volume.split(":")[:2] for volume in services()["grafana"]["volumes"]]

    assert ["./deploy/grafana/dashboards", provider["options"]["path"]] in mounted
    assert ["./deploy/grafana/provisioning", "/etc/grafana/provisioning"] in mounted
    config = [volume.split(":")[:2] for volume in services()["prometheus"]["volumes"]]
    assert ["./deploy/prometheus/prometheus.yml", "/etc/prometheus/prometheus.yml"] in config
