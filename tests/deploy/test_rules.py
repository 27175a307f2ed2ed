"""Each rule asks for what there is, and each alert is tried, explained, and told to somebody."""

import re
import subprocess
from pathlib import Path

import pytest

from deploy.prometheus.slo import OBJECTIVES
from schemas.city_metrics import CITY
from schemas.metrics import LEASE_ROLES
from schemas.topics import LOG_PARTITIONS
from tests.deployments import ROOT, Document, compose, documents, services
from tests.mutated import TESTS, outcomes
from tests.promql import ON_EVERY_SERIES, asked_of, rules
from tests.tools import needed

PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
BASE = "https://peygir.example/docs/runbook.md#"
AUDIENCES = {"platform", "call-centre", "department", "privacy"}
FILES = sorted(TESTS.glob("*.yml"))


@pytest.mark.parametrize("rule", list(rules()), ids=lambda one: one.get("alert") or one["record"])
def test_a_rule_asks_for_metrics_and_labels_that_there_are(rule: Document) -> None:
    constant = rule["expr"].startswith("vector(") and "record" in rule

    assert constant or asked_of(rule["expr"])


def test_prometheus_takes_the_rules_and_looks_for_them_where_they_are() -> None:
    command = [needed("promtool"), "check", "config", PROMETHEUS / "prometheus.yml"]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    mounted = [volume.rsplit(":", 1)[0] for volume in services()["prometheus"]["volumes"]]

    assert checked.returncode == 0, checked.stderr
    assert "3 rule files found" in checked.stdout
    assert "./deploy/prometheus/rules:/etc/prometheus/rules" in mounted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_rules_pass_their_tests(path: Path) -> None:
    command = [needed("promtool"), "test", "rules", path]
    tried = subprocess.run(command, check=False, capture_output=True, text=True)

    assert tried.returncode == 0, tried.stdout + tried.stderr


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_tried_silent_firing_and_silent_again(name: str) -> None:
    courses = [list(outcomes(test, name)) for path in FILES for test in documents(path)[0]["tests"]]

    # It fires somewhere after silence, and is silent somewhere after that.
    assert any(re.search("a+b+a+", "".join("ab"[one] for one in course)) for course in courses)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_whose_it_is_and_what_to_do(name: str) -> None:
    rule = ALERTS[name]
    heading = rf"^### {name}$(?P<text>.*?)(?=^##|\Z)"
    explained = re.search(heading, RUNBOOK, re.MULTILINE | re.DOTALL)

    assert rule["labels"].keys() == {"severity", "audience"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["labels"]["audience"] in AUDIENCES
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == BASE + name.lower()
    assert all(rule["annotations"][one].endswith(".") for one in ("summary", "description"))
    assert explained is not None, name
    for part in ("**Look**", "**Do**", "**Not over?**"):
        assert part in explained["text"], part


def test_the_runbook_explains_no_alert_that_is_gone() -> None:
    assert set(re.findall(r"^### (Peygir\w+)$", RUNBOOK, re.MULTILINE)) == ALERTS.keys()


@pytest.mark.parametrize("name", ALERTS)
def test_the_words_of_an_alert_name_labels_that_it_has(name: str) -> None:
    rule = ALERTS[name]
    named = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    left = {
        word for group in re.findall(r"by \(([^)]*)\)", rule["expr"]) for word in group.split(", ")
    }
    of_recorded = {
        label
        for metric in asked_of(rule["expr"])
        for label, _ in metric.labels
        if ":" in metric.name
    }

    is_raw = " by (" not in rule["expr"] and ":" not in rule["expr"].split("{")[0]
    assert named <= left | of_recorded | (set(ON_EVERY_SERIES) if is_raw else set())


def test_the_city_is_never_judged_by_a_share_of_few_cases() -> None:
    """Where an alert divides counts of cases, it also asks for at least 20 of them."""
    names = {metric.name for metric in CITY if metric.kind == "counter"}
    shares = [
        one
        for one in ALERTS.values()
        if re.search(r"increase7d.*/|^/ sum", one["expr"], re.MULTILINE)
    ]

    assert {one["alert"] for one in shares} == {
        "PeygirComplianceLow",
        "PeygirMisrouteRateHigh",
        "PeygirReopeningRateHigh",
    }
    assert all("> 19.5" in one["expr"] for one in shares)
    assert not any(
        "Burn" in one["alert"] and name in one["expr"] for one in ALERTS.values() for name in names
    )


def test_objectives_stand_once() -> None:
    for one in OBJECTIVES:
        assert round(1 - float(one.share), 6) == float(one.allowed), one.slo


def test_every_partition_of_every_role_is_to_have_an_owner() -> None:
    expression = ALERTS["PeygirLeasesUnowned"]["expr"]
    found = dict(re.findall(r'role="([a-z-]+)"\}\) >= (\d+)', expression))

    whole = {"accountant": "1", "linker": "1", "janitor": "1"}
    assert found == dict.fromkeys(LEASE_ROLES, str(LOG_PARTITIONS)) | whole
    for role, count in found.items():
        assert f'label_replace(vector({count}), "role", "{role}"' in expression


def test_alertmanager_takes_its_example_and_is_asked_where_it_is() -> None:
    command = [needed("amtool"), "check-config", PROMETHEUS / "alertmanager.yml"]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    (asked,) = documents(PROMETHEUS / "prometheus.yml")[0]["alerting"]["alertmanagers"]
    (one,) = asked["static_configs"]

    assert checked.returncode == 0, checked.stderr
    assert one["targets"] == ["alertmanager:9093"]
    mounted = [volume.split(":")[:2] for volume in services()["alertmanager"]["volumes"]]
    assert ["./deploy/prometheus/alertmanager.yml", "/etc/alertmanager/alertmanager.yml"] in mounted
    assert "alertmanager" in compose()["volumes"]


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_reaches_whom_it_concerns(name: str) -> None:
    labels = ALERTS[name]["labels"]
    told = [f"{label}={value}" for label, value in labels.items()]
    file = f"--config.file={PROMETHEUS / 'alertmanager.yml'}"
    command = [needed("amtool"), "config", "routes", "test", file, *told]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    of_all = labels["audience"] == "call-centre"
    wanted = labels["audience"] if of_all else f"{labels['audience']}-{labels['severity']}"
    assert found == [wanted]
