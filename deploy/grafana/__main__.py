"""Writes every dashboard that is made by code; what is made by hand stays."""

from pathlib import Path

from deploy.grafana import sla
from deploy.grafana.parts import as_text

FOLDER = Path(__file__).parent / "dashboards"
MADE = {"sla.json": sla.dashboard}


def main() -> None:
    for name, make in MADE.items():
        (FOLDER / name).write_text(as_text(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
