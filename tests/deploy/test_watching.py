"""Prometheus asks every process where it shows its metrics."""

from services.embedded.workers import WORKERS
from tests.deployments import ROOT, documents, services

PROMETHEUS = documents(ROOT / "deploy" / "prometheus" / "prometheus.yml")[0]


def test_every_process_is_asked_where_it_shows_its_metrics() -> None:
    port = services()["edge"]["environment"]["PEYGIR_METRICS_PORT"]
    (job,) = PROMETHEUS["scrape_configs"]
    (asked,) = [one["targets"] for one in job["static_configs"]]

    assert asked == [f"{worker.name}:{port}" for worker in WORKERS]
    assert job["job_name"] == "peygir"
    assert PROMETHEUS.keys() == {"global", "scrape_configs", "rule_files", "alerting"}


def test_prometheus_reads_the_configuration_that_is_shipped() -> None:
    config = [volume.split(":")[:2] for volume in services()["prometheus"]["volumes"]]

    assert ["./deploy/prometheus/prometheus.yml", "/etc/prometheus/prometheus.yml"] in config
