"""Writes every dashboard, and the picture of its layout that the documentation shows."""

from pathlib import Path

from deploy.grafana import api, operations, pipeline, sla, slo
from deploy.grafana.frame import as_text

FOLDER = Path(__file__).parent / "dashboards"
MADE = {
    "operations.json": operations.dashboard,
    "sla.json": sla.dashboard,
    "pipeline.json": pipeline.dashboard,
    "api.json": api.dashboard,
    "slo.json": slo.dashboard,
}


def main() -> None:
    for name, make in MADE.items():
        (FOLDER / name).write_text(as_text(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
