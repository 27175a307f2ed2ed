"""A real Prometheus beside a city: the one that is shipped, in a hurry, asked as Grafana asks."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from services.embedded.ports import HOST, free_port
from tests.crash.city import City
from tests.deployments import ROOT, documents
from tests.embedded.running import wait_for
from tests.tools import needed
from tests.watching.hurried import hurried

SHIPPED = ROOT / "deploy" / "prometheus"
SCRAPE_SECONDS = 1
READY_SECONDS_MAX = 30.0
ASK_SECONDS_MAX = 10.0

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer, with its value at the moment that was asked for."""

    labels: Labels
    value: float


class Prometheus:
    """Its answers. Every process of the city is asked, under the name that the shipped one uses."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=ASK_SECONDS_MAX)

    def close(self) -> None:
        self._client.close()

    def ready(self) -> bool:
        try:
            return self._client.get("/-/ready").is_success
        except httpx.HTTPError:
            return False

    def ask(self, expression: str, moment: datetime | None = None) -> list[Series]:
        """What an instant query answers, for now unless a moment is given."""
        at = {"time": moment.timestamp()} if moment else {}
        found = self._data("/api/v1/query", query=expression, **at)
        assert found["resultType"] == "vector", expression
        return [Series(one["metric"], float(one["value"][1])) for one in found["result"]]

    def number(self, expression: str) -> float | None:
        """The one value that it answers; none where there is nothing to say."""
        answers = self.ask(expression)
        assert len(answers) <= 1, answers
        return answers[0].value if answers else None

    def over(self, expression: str, since: float, until: float) -> list[list[float]]:
        """The values of each series from one moment to another, each second."""
        found = self._data(
            "/api/v1/query_range", query=expression, start=since, end=until, step=SCRAPE_SECONDS
        )
        return [[float(value) for _, value in one["values"]] for one in found["result"]]

    def up(self) -> dict[str, bool]:
        """Which processes answered when they were last asked."""
        return {one.labels["instance"]: one.value == 1 for one in self.ask("up")}

    def ever_up(self) -> set[str]:
        """Which processes have answered so far."""
        return {one.labels["instance"] for one in self.ask("max_over_time(up[1d]) == 1")}

    def firing(self) -> dict[str, list[Labels]]:
        """The alerts that would wake somebody now, by their names."""
        found: dict[str, list[Labels]] = {}
        for alert in self._data("/api/v1/alerts")["alerts"]:
            if alert["state"] == "firing":
                found.setdefault(alert["labels"]["alertname"], []).append(alert["labels"])
        return found

    def ever_fired(self) -> set[str]:
        """The alerts that have fired at any moment so far."""
        fired = 'count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1d]))'
        return {one.labels["alertname"] for one in self.ask(fired)}

    def broken_rules(self) -> dict[str, str]:
        """Rules that could not be evaluated, with what was said of them."""
        rules = (rule for group in self._data("/api/v1/rules")["groups"] for rule in group["rules"])
        return {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")}

    def _data(self, path: str, **asked: str | float) -> Any:  # noqa: ANN401  # any JSON
        answer = self._client.get(path, params=asked)
        assert answer.is_success, answer.text
        return answer.json()["data"]


@contextmanager
def beside(city: City, folder: Path) -> Iterator[Prometheus]:
    """Runs while its block does."""
    program = needed("prometheus")
    port = free_port(f"prometheus {folder}")
    (folder / "prometheus.yml").write_text(json.dumps(_configuration(city, folder)))
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            (
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'series'}",
                f"--web.listen-address={HOST}:{port}",
                "--log.level=warn",
            ),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    prometheus = Prometheus(f"http://{HOST}:{port}")
    try:
        wait_for(lambda: prometheus.ready() or process.poll() is not None, READY_SECONDS_MAX)
        assert process.poll() is None, (folder / "prometheus.log").read_text()
        # What a process counted before it first answered is in no panel.
        wait_for(lambda: prometheus.ever_up() >= metered(city).keys(), READY_SECONDS_MAX)
        yield prometheus
    finally:
        prometheus.close()
        process.terminate()
        process.wait(READY_SECONDS_MAX)


def metered(city: City) -> dict[str, int]:
    """The processes that have metrics, by name, and the port of each."""
    processes = city.run()["processes"].items()
    return {name: one["metrics_port"] for name, one in processes if one["metrics_port"]}


def _configuration(city: City, folder: Path) -> dict[str, Any]:
    """What is shipped, with the city's addresses and rules whose times are short.

    JSON is YAML too.
    """
    (shipped,) = documents(SHIPPED / "prometheus.yml")
    (job,) = shipped["scrape_configs"]
    targets = [
        {"targets": [f"{HOST}:{port}"], "labels": {"instance": name}}
        for name, port in metered(city).items()
    ]
    every = f"{SCRAPE_SECONDS}s"
    times = {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every}
    return {
        "global": times,
        "rule_files": [str(path) for path in _rules(folder)],
        "scrape_configs": [{**job, "static_configs": targets}],
    }


def _rules(folder: Path) -> Iterator[Path]:
    for path in sorted((SHIPPED / "rules").glob("*.yml")):
        made = folder / f"hurried-{path.name}"
        made.write_text(json.dumps(hurried(documents(path)[0])))
        yield made
