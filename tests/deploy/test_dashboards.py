"""Dashboards are right without a Grafana to show them: the checks of its linter, and our own.

Of the linter's sixteen, those for LogQL have nothing to look at. Every query has a source, a unit,
words; but no choice of job and instance, since a metric with our prefix is of no other job.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.__main__ import MADE
from deploy.grafana.frame import as_text
from schemas.metrics import ALL
from tests.boards import DASHBOARDS, FIRST_ROW, PATHS, boards, expressions, panels, read, variables
from tests.deployments import ROOT, documents, services
from tests.promql import OF_PROMETHEUS, asked_of, rules
from tests.tools import needed

PROVISIONED = ROOT / "deploy" / "grafana" / "provisioning"
UIDS = {"peygir-operations", "peygir-sla", "peygir-pipeline", "peygir-api", "peygir-slo"}
FIRST_TITLE = "Is it fine now?"
ROW_PANELS_MAX = 6
WIDTH = 24
GROUPED = re.compile(r"by \(([a-z_, ]+)\)")
LEGEND = re.compile(r"\{\{([a-z_]+)\}\}")
VARIABLE = re.compile(r"\$\{?(\w+)")
# What may only grow, until its process begins anew at zero: such a fall is no fall.
COUNTERS = {
    name
    for metric in ALL
    for name in (
        [metric.name]
        if metric.kind == "counter"
        else [f"{metric.name}_{part}" for part in ("bucket", "count", "sum")]
        if metric.kind == "histogram"
        else []
    )
} | {"process_cpu_seconds_total"}
# Names that programs of others show too, in a Prometheus that is not ours alone.
OF_MANY = re.compile(r"\b(up|process_\w+|http_server_\w+)(?=[{\[ )]|$)(\{[^}]*)?")

every_board = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)


def test_there_are_the_five_dashboards_and_each_is_as_its_code_makes_it() -> None:
    stale = [name for name, make in MADE.items() if read_text(name) != as_text(make())]

    assert stale == [], "run `make dashboards`"
    assert {path.name for path in PATHS} == MADE.keys()
    assert {board["uid"] for board in boards()} == UIDS
    assert len({board["title"] for board in boards()}) == len(UIDS)


def read_text(name: str) -> str:
    return (DASHBOARDS / name).read_text(encoding="utf-8")


@every_board
def test_a_dashboard_begins_with_whether_it_is_fine_now(path: Path) -> None:
    first, *others = read(path)["panels"]

    assert (first["type"], first["title"]) == ("row", FIRST_TITLE)
    top = [one for one in others if one["gridPos"]["y"] == others[0]["gridPos"]["y"]]
    assert {one["type"] for one in top} == {"stat"}
    assert len(top) == ROW_PANELS_MAX


def test_the_wall_begins_with_the_six_figures_that_a_terminal_shows_too() -> None:
    wall = next(board for board in boards() if board["uid"] == "peygir-operations")

    assert tuple(panel["title"] for panel in panels(wall)[:6]) == FIRST_ROW


@every_board
def test_a_dashboard_asks_for_metrics_labels_and_values_that_there_are(path: Path) -> None:
    for expression in expressions(read(path)):
        assert asked_of(expression), expression


def test_every_metric_is_asked_for_or_says_why_not() -> None:
    asked = {
        metric.name
        for expression in [
            *(one for board in boards() for one in expressions(board)),
            *(rule["expr"] for rule in rules()),
        ]
        for metric in asked_of(expression)
    }
    apart = {metric.name for metric in ALL if metric.apart}
    everything = {metric.name for metric in ALL}

    assert everything - asked - apart == set(), "show it, or say why not in `apart`"
    assert apart & asked == set(), "it is shown, so it is not apart"


@every_board
def test_a_panel_says_what_it_shows_in_words_of_its_own_and_in_which_unit(path: Path) -> None:
    board = read(path)
    words = [panel["description"] for panel in panels(board)]

    for panel in panels(board):
        title = panel["title"]
        assert title, panel["id"]
        assert re.fullmatch(r"[A-Z0-9].{9,}\.", panel["description"], re.DOTALL), title
        assert panel["fieldConfig"]["defaults"]["unit"], title
        assert panel["targets"], title
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]), title
    titles = [panel["title"] for panel in panels(board)]
    assert len(set(titles)) == len(titles)
    asked = [tuple(one["expr"] for one in panel["targets"]) for panel in panels(board)]
    assert len(set(asked)) == len(asked), "two panels ask the same"
    assert not set(words) & set(titles)


@every_board
def test_a_legend_names_labels_that_its_expression_leaves(path: Path) -> None:
    for panel in panels(read(path)):
        for target in panel["targets"]:
            groups = re.findall(GROUPED, target["expr"])
            left = {word for group in groups for word in group.split(", ")}
            if not groups:
                left = {label for one in asked_of(target["expr"]) for label, _ in one.labels}
            named = set(re.findall(LEGEND, target["legendFormat"]))
            assert named <= left, panel["title"]
            is_split = re.match(r"((top|bottom)k\(10, )?\w+ by", target["expr"])
            assert not (named or is_split) or left <= named | {"le"}, panel["title"]


@every_board
def test_only_choices_that_are_above_are_asked_for(path: Path) -> None:
    board = read(path)
    above = {one["name"] for one in variables(board)} | {"__rate_interval"}

    asked = {word for text in expressions(board) for word in re.findall(VARIABLE, text)}
    assert asked <= above
    chosen = {one["name"] for one in variables(board)} - {"datasource"}
    assert chosen <= asked, "a choice that changes nothing"


def test_what_the_choice_of_a_department_does_not_change_says_so() -> None:
    choosing = [board for board in boards() if len(variables(board)) > 1]

    assert {board["uid"] for board in choosing} == {"peygir-operations", "peygir-sla"}
    for panel in (one for board in choosing for one in panels(board)):
        is_chosen = all("$department" in target["expr"] for target in panel["targets"])
        assert is_chosen != panel["description"].endswith("For all departments."), panel["title"]


@every_board
def test_choices_are_read_again_when_the_time_changes_and_begin_with_all(path: Path) -> None:
    source, *others = variables(read(path))

    assert (source["type"], source["name"], source["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )
    for one in others:
        assert (one["type"], one["refresh"]) == ("query", 2), one["name"]
        assert (one["includeAll"], one["allValue"], one["multi"]) == (True, ".*", True)
        assert one["datasource"]["uid"] == "${datasource}"


@every_board
def test_every_query_goes_to_the_prometheus_that_is_chosen(path: Path) -> None:
    board = read(path)

    asking = [*panels(board), *board["annotations"]["list"]]
    asking += [target for panel in panels(board) for target in panel["targets"]]
    assert {one["datasource"]["uid"] for one in asking} == {"${datasource}"}


@every_board
def test_no_panel_falls_when_a_process_begins_anew(path: Path) -> None:
    """A counter is only ever asked how much it grew; as it stands, a restart would be a fall."""
    bare = {"peygir_dispatcher_unknown_total"}  # What the database says, not what was counted.
    for panel in panels(read(path)):
        for expression in (target["expr"] for target in panel["targets"]):
            for name in COUNTERS - bare:
                before = [expression[: one.start()] for one in re.finditer(name, expression)]
                assert all(one.endswith(("rate(", "increase(")) for one in before), panel["title"]


@every_board
def test_a_rate_is_over_what_the_width_of_the_panel_asks_for(path: Path) -> None:
    """A number of now has no width: it says in its words over how long it looks."""
    for panel in panels(read(path)):
        for target in panel["targets"]:
            windows = re.findall(r"\brate\([^\[]*\[([^\]]+)\]", target["expr"])
            assert set(windows) <= {"$__rate_interval"}, panel["title"]
            assert target["range"] or not windows, panel["title"]


@every_board
def test_names_that_others_have_too_are_asked_of_peygir_alone(path: Path) -> None:
    for expression in expressions(read(path)):
        for found in re.finditer(OF_MANY, expression):
            assert 'job="peygir"' in (found[2] or ""), expression


@every_board
def test_panels_fill_their_row_beside_each_other_and_have_ids_of_their_own(path: Path) -> None:
    board = read(path)
    taken: set[tuple[int, int]] = set()

    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + row)
            for column in range(place["w"])
            for row in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    bottom = max(row for _, row in taken)
    assert taken == {(column, row) for column in range(WIDTH) for row in range(bottom + 1)}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    tops = [panel["gridPos"]["y"] for panel in panels(board)]
    assert max(tops.count(top) for top in tops) <= ROW_PANELS_MAX


@every_board
def test_every_dashboard_leads_to_the_others_and_cannot_be_changed_by_hand(path: Path) -> None:
    board = read(path)
    (others,) = board["links"]

    assert board["editable"] is False
    assert board["tags"] == others["tags"] == ["peygir"]
    assert (others["type"], others["includeVars"], others["keepTime"]) == ("dashboards", True, True)
    for link in (one for panel in panels(board) for one in panel.get("links", ())):
        uid = re.fullmatch(
            r"/d/([a-z-]+)\?\$\{__url_time_range\}&\$\{__all_variables\}", link["url"]
        )
        assert uid, link["url"]
        assert uid[1] in UIDS - {board["uid"]}


@every_board
def test_expressions_are_promql(path: Path, tmp_path: Path) -> None:
    """By Prometheus's own parser, which a rule has to pass."""
    checked = checked_as_rules(expressions(read(path)), tmp_path)

    assert checked.returncode == 0, checked.stderr


def test_what_is_not_promql_is_found(tmp_path: Path) -> None:
    assert checked_as_rules(["sum(up"], tmp_path).returncode != 0
    assert checked_as_rules(["rate(up)"], tmp_path).returncode != 0


def checked_as_rules(asked: Any, folder: Path) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
    whole = [re.sub(r"\$\w+", ".*", one.replace("$__rate_interval", "5m")) for one in asked]
    made = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(whole)]
    file = folder / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": made}]}))
    command = [needed("promtool"), "check", "rules", file]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_dashboards_lie_where_grafana_looks_and_ask_the_source_that_is_provisioned() -> None:
    (provider,) = documents(PROVISIONED / "dashboards" / "peygir.yaml")[0]["providers"]
    (source,) = documents(PROVISIONED / "datasources" / "prometheus.yaml")[0]["datasources"]
    mounted = [volume.split(":")[:2] for volume in services()["grafana"]["volumes"]]
    (scraping,) = documents(ROOT / "deploy" / "prometheus" / "prometheus.yml")

    assert ["./deploy/grafana/dashboards", provider["options"]["path"]] in mounted
    assert ["./deploy/grafana/provisioning", "/etc/grafana/provisioning"] in mounted
    assert source["url"] == "http://prometheus:9090"
    assert source["jsonData"]["timeInterval"] == scraping["global"]["scrape_interval"]
    first = {variables(board)[0]["current"]["value"] for board in boards()}
    assert first == {source["uid"]}


def test_the_traces_that_panels_lead_to_are_kept() -> None:
    leading = [
        panel["title"]
        for board in boards()
        for panel in panels(board)
        if any(target.get("exemplar") for target in panel["targets"])
    ]

    assert "From a fact to its being readable" in leading
    assert "--enable-feature=exemplar-storage" in services()["prometheus"]["command"]


def test_metrics_of_prometheus_itself_are_few() -> None:
    """What no process of ours shows is no way to see how a city is."""
    assert {metric.name.split("_")[0] for metric in OF_PROMETHEUS} <= {"up", "ALERTS", "process"}
