"""What a cluster with the Prometheus operator is given: targets, rules and dashboards."""

import json

import pytest

from deploy.prometheus.__main__ import files
from tests.deployments import (
    KUBERNETES,
    ROOT,
    Document,
    containers,
    documents,
    kustomized,
    mistakes,
    of_kind,
    schema,
)

MADE = kustomized((KUBERNETES / "monitoring").resolve())
PRODUCTION = kustomized((KUBERNETES / "overlays" / "production").resolve())
RUNNING = of_kind(PRODUCTION, "StatefulSet", "Deployment")
JOBS = of_kind(PRODUCTION, "Job")
TOOLS = of_kind(tuple(documents(KUBERNETES / "tools" / "operator.yaml")), "Pod")
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
CONFIG_MAP_BYTES_MAX = 1_048_576


@pytest.mark.parametrize("resource", MADE, ids=lambda one: one["kind"])
def test_each_resource_is_one_that_its_reader_takes(resource: Document) -> None:
    if resource["kind"] == "ConfigMap":
        known = schema("kubernetes-1.35.json")
        wanted = {"$ref": f"#/$defs/{known['kinds']['ConfigMap']}", "$defs": known["$defs"]}
    else:
        known = schema("prometheus-operator.json")
        wanted = {**known[resource["kind"]], "$defs": known["$defs"]}

    assert mistakes(resource, wanted) == []


def test_every_process_is_asked_and_nothing_else() -> None:
    spec = of_kind(MADE, "PodMonitor")["peygir"]["spec"]
    (left_out,) = spec["selector"]["matchExpressions"]
    (endpoint,) = spec["podMetricsEndpoints"]

    for name, one in RUNNING.items():
        labels = one["spec"]["template"]["metadata"]["labels"]
        (container,) = containers(one)
        assert spec["selector"]["matchLabels"].items() <= labels.items(), name
        assert labels[left_out["key"]] not in left_out["values"]
        assert labels[spec["jobLabel"]] == "peygir"
        assert endpoint["port"] in {port["name"] for port in container["ports"]}
    others = {labels_of(one)[left_out["key"]] for one in (*JOBS.values(), *TOOLS.values())}
    assert others == set(left_out["values"])


def labels_of(resource: Document) -> dict[str, str]:
    return resource["spec"].get("template", resource)["metadata"]["labels"]


def test_the_cluster_has_the_rules_that_compose_has() -> None:
    groups = of_kind(MADE, "PrometheusRule")["peygir"]["spec"]["groups"]
    paths = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))

    by_name = {group["name"]: group for group in groups}
    assert len(by_name) == len(groups)
    assert by_name == {one["name"]: one for path in paths for one in documents(path)[0]["groups"]}


def test_what_is_made_is_as_its_code_makes_it() -> None:
    stale = [path for path, text in files().items() if (ROOT / path).read_text() != text]

    assert stale == [], "run `make dashboards`"


def test_every_dashboard_is_in_the_config_map() -> None:
    found = of_kind(MADE, "ConfigMap")["peygir-dashboards"]

    assert found["data"].keys() == {path.name for path in DASHBOARDS.glob("*.json")}
    assert found["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert len(json.dumps(found)) < CONFIG_MAP_BYTES_MAX
