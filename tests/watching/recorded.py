"""What the panels showed of the day, kept for the pictures in the documentation."""

import json
from collections import defaultdict
from collections.abc import Mapping

from tests.deployments import ROOT
from tests.watching.boards import Place, Values

DAY = ROOT / "docs" / "dashboards" / "day.json"
DIGITS = 4

Recorded = dict[str, dict[str, list[tuple[str, float]]]]


def record(shown: Mapping[Place, Values]) -> None:
    """By the uid of the board and the title of the panel, each figure with its legend."""
    day: Recorded = defaultdict(dict)
    for (board, title), values in shown.items():
        day[board][title] = [(legend, _short(value)) for legend, value in values.items()]
    DAY.parent.mkdir(exist_ok=True)
    DAY.write_text(json.dumps(day, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
