"""The dashboards as they are checked in, and what each of them asks."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.deployments import ROOT

DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
PATHS = sorted(DASHBOARDS.glob("*.json"))

FIRST_ROW = (
    "Open cases",
    "Overdue promises",
    "Urgent and overdue",
    "Due within an hour",
    "At the 137 centre",
    "Line blocked for",
)
"""What the operations wall and `peygir watch` begin with."""

Board = dict[str, Any]


def read(path: Path) -> Board:
    return json.loads(path.read_text(encoding="utf-8"))


def boards() -> list[Board]:
    return [read(path) for path in PATHS]


def panels(board: Board) -> list[dict[str, Any]]:
    """All but the titles of rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board: Board) -> list[dict[str, Any]]:
    return board["templating"]["list"]


def expressions(board: Board) -> Iterator[str]:
    """Of panels, of notes across them, and of the choices above, these as a sum by their label."""
    for panel in panels(board):
        yield from (target["expr"] for target in panel["targets"])
    yield from (note["expr"] for note in board["annotations"]["list"])
    for variable in variables(board):
        if variable["type"] == "query":
            yield re.sub(r"label_values\((.*), (\w+)\)", r"sum by (\2) (\1)", variable["query"])
