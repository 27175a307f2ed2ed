"""The panels of the dashboards as they are checked in, with every choice above them on "All"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from tests.boards import boards
from tests.boards import panels as of_board
from tests.watching.prometheus import Prometheus

# What Grafana puts in, where the view is as long as the known day.
PUT_IN = {"__rate_interval": "5m", "__range": "1d"}
VARIABLE = re.compile(r"\$\{?([a-z_]+)(?::\w+)?\}?")
LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")

Place = tuple[str, str]
"""A panel, by the uid of its board and its title."""

Values = dict[str, float]
"""What a panel shows: each of its figures by its legend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What one panel asks: its expressions with their legends."""

    board: str
    title: str
    queries: tuple[tuple[str, str], ...]

    def shown(self, prometheus: Prometheus, moment: datetime) -> Values:
        """Its figures at the moment; what is not a number is not drawn."""
        return {
            legend: value
            for legend, value in self._series(prometheus, moment)
            if value == value  # noqa: PLR0124  # nothing else is unlike itself
        }

    def _series(self, prometheus: Prometheus, moment: datetime) -> Iterator[tuple[str, float]]:
        for legend, expression in self.queries:
            for one in prometheus.ask(expression, moment):
                labels = one.labels
                yield LEGEND.sub(lambda found, of=labels: of.get(found[1], ""), legend), one.value


@cache
def panels() -> dict[Place, Panel]:
    """All of them, by the uid of their board and their title."""
    found = [_panel(board["uid"], panel) for board in boards() for panel in of_board(board)]
    placed = {(one.board, one.title): one for one in found}
    assert len(placed) == len(found), "two panels of a board have the same title"
    return placed


def _panel(board: str, panel: dict[str, Any]) -> Panel:
    queries = [
        (target.get("legendFormat") or panel["title"], filled(target["expr"]))
        for target in panel["targets"]
    ]
    return Panel(board=board, title=panel["title"], queries=tuple(queries))


def filled(expression: str) -> str:
    """With what Grafana puts in for the variables."""
    return VARIABLE.sub(lambda found: PUT_IN.get(found[1], ".*"), expression)
