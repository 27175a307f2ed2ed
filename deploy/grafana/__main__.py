"""Writes every dashboard, and the picture of its layout that the documentation shows."""

import json
from collections.abc import Iterator
from pathlib import Path

from deploy.grafana import api, operations, pipeline, sla, slo
from deploy.grafana.frame import as_text
from deploy.grafana.picture import Shown, picture

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
PICTURES = ROOT / "docs" / "dashboards"
DAY = PICTURES / "day.json"
MADE = {
    "operations.json": operations.dashboard,
    "sla.json": sla.dashboard,
    "pipeline.json": pipeline.dashboard,
    "api.json": api.dashboard,
    "slo.json": slo.dashboard,
}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for path, words in files():
        path.write_text(words, encoding="utf-8")


def files() -> Iterator[tuple[Path, str]]:
    """Each dashboard's JSON and its picture, with where they lie."""
    values = day()
    for name, make in MADE.items():
        words = as_text(make())
        board = json.loads(words)
        yield FOLDER / name, words
        yield PICTURES / f"{Path(name).stem}.svg", picture(board, values.get(board["uid"], {}))


def day() -> dict[str, Shown]:
    """What the panels showed of the day that a test records, by their board's uid."""
    return json.loads(DAY.read_text(encoding="utf-8")) if DAY.exists() else {}


if __name__ == "__main__":
    main()
