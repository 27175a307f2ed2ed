"""The rows of the benchmark table, each with its floor and its aim."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement. `detail` says what the figure was made of."""

    what: str
    measured: float
    unit: str
    floor: float
    aim: float
    at_most: bool
    detail: str

    @property
    def floor_reached(self) -> bool:
        return self.measured <= self.floor if self.at_most else self.measured >= self.floor

    @property
    def aim_reached(self) -> bool:
        return self.measured <= self.aim if self.at_most else self.measured >= self.aim

    def verdict(self) -> str:
        if self.aim_reached:
            return "aim"
        return "floor" if self.floor_reached else "BELOW THE FLOOR"


def show(rows: Iterable[Row]) -> None:
    table = Table("what", "measured", "floor", "aim", "reached", "made of")
    for row in rows:
        sign = "≤" if row.at_most else "≥"
        table.add_row(
            row.what,
            f"{row.measured:.3g}{row.unit}",
            f"{sign} {row.floor:g}{row.unit}",
            f"{sign} {row.aim:g}{row.unit}",
            row.verdict(),
            row.detail,
        )
    Console(width=160).print(table)


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
