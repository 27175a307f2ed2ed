"""How much of what is counted comes in a minute, also where a process begins anew at 0."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping

from schemas import metrics
from schemas.metric import Metric
from services.watching.seen import Process

WINDOW_SECONDS = 60.0
COUNTED = (
    metrics.INTAKE_EVENTS,
    metrics.DISPATCHER_DELIVERIES,
    metrics.DISPATCHER_FAILURES,
    metrics.DEAD_LETTERS,
)
Series = tuple[str, frozenset[tuple[str, str]]]


class Pace:
    """Learns from one look after the other; a first look says nothing of a pace."""

    def __init__(self) -> None:
        self._last: dict[str, Mapping[Series, float]] = {}
        self._last_at: float | None = None
        self._steps: deque[tuple[float, float, Counter[Series]]] = deque()

    def learn(self, processes: Iterable[Process], at: float) -> None:
        """`at`: a monotonic moment."""
        came: Counter[Series] = Counter()
        for process in processes:
            if process.condition == "down":
                continue
            counted = _counted(process)
            before = self._last.get(process.name)
            if before is not None:
                came.update(_increase(before, counted))
            self._last[process.name] = counted
        if self._last_at is not None:
            self._steps.append((at, at - self._last_at, came))
        self._last_at = at
        # The last step counts however long ago it began.
        while len(self._steps) > 1 and self._steps[0][0] <= at - WINDOW_SECONDS:
            self._steps.popleft()

    def a_minute(self, metric: Metric, **labels: str) -> float | None:
        """Nothing before two looks."""
        seconds = sum(took for _, took, _ in self._steps)
        if seconds <= 0:
            return None
        came = sum(
            amount
            for _, _, step in self._steps
            for (name, values), amount in step.items()
            if name == metric.name and labels.items() <= set(values)
        )
        return came * 60.0 / seconds


def _counted(process: Process) -> dict[Series, float]:
    return {
        (metric.name, frozenset(sample.labels.items())): sample.value
        for metric in COUNTED
        for sample in process.series.get(metric.name, ())
    }


def _increase(before: Mapping[Series, float], now: Mapping[Series, float]) -> dict[Series, float]:
    """A counter that went back was begun anew, so that all of it came since."""
    found: dict[Series, float] = {}
    for series, value in now.items():
        earlier = before.get(series, 0.0)
        found[series] = value - earlier if value >= earlier else value
    return found
