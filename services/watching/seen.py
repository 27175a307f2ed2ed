"""What was seen when every process was asked once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from schemas.metric import Metric

Condition = Literal["well", "ill", "down"]
"""Ill: it answers, and says that something is wrong with it. Down: it does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One series of one process at one moment."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`series`: what it shows, by the name of the metric."""

    name: str
    address: str
    condition: Condition
    wrong: str = ""
    series: Mapping[str, Sequence[Sample]] = field(default_factory=dict)


def series_of(processes: Iterable[Process], metric: Metric, **labels: str) -> Iterator[Sample]:
    """The series of a metric over all processes, where these labels have these values."""
    for process in processes:
        for sample in process.series.get(metric.name, ()):
            if labels.items() <= sample.labels.items():
                yield sample


def total(processes: Iterable[Process], metric: Metric, **labels: str) -> float | None:
    """The sum of those series; nothing where nobody shows one, which is not the same as 0."""
    values = [sample.value for sample in series_of(processes, metric, **labels)]
    return sum(values) if values else None


def total_by(
    processes: Iterable[Process], metric: Metric, *by: str, **labels: str
) -> dict[tuple[str, ...], float]:
    """The sums for each combination of some labels' values."""
    found: dict[tuple[str, ...], float] = {}
    for sample in series_of(processes, metric, **labels):
        of = tuple(sample.labels[one] for one in by)
        found[of] = found.get(of, 0.0) + sample.value
    return found
