"""What a metric is: name, kind, help, labels as closed sets."""

from dataclasses import dataclass
from typing import Literal

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. A label without listed values is bounded by the installation's own data.

    Where there is such a label, the series begin when the data is known (`Meters.expect`).
    `apart`: why neither a dashboard nor a rule asks for it; empty where one does.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    buckets: tuple[float, ...] = SECONDS
    apart: str = ""
