"""What a person is shown of what was seen: the first row, the departments, what waits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from schemas import city_metrics, metrics
from schemas.metric import Metric
from services.watching.pace import Pace
from services.watching.seen import Process, series_of, total, total_by

State = Literal["fine", "look", "act", "unknown"]
Seen = Sequence[Process]

OPEN_CASES = "open_cases"
OVERDUE = "overdue_promises"
URGENT_OVERDUE = "urgent_and_overdue"
DUE_SOON = "due_within_an_hour"
AT_CENTRE = "at_the_137_centre"
BLOCKED = "line_blocked_for"
OF_DEPARTMENT = ("municipality", "department")
GAPS = "open_gaps"
PARKED = "parked_deliveries"
HELD = "held_notices"

# From which value somebody should look, and from which somebody should act.
NEVER = float("inf")
LIMITS: Mapping[str, tuple[float, float]] = {
    OPEN_CASES: (NEVER, NEVER),
    OVERDUE: (1, NEVER),
    URGENT_OVERDUE: (1, 1),
    DUE_SOON: (1, NEVER),
    AT_CENTRE: (1, NEVER),
    BLOCKED: (30, 60),
    GAPS: (1, NEVER),
    PARKED: (1, NEVER),
    HELD: (1, NEVER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    value: float | None
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """One department's part; nothing where nobody shows it."""

    municipality: str
    department: str
    open_cases: float | None
    overdue: float | None
    urgent_overdue: float | None
    due_soon: float | None
    oldest_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What one consumer has still to handle at one place."""

    consumer: str
    source: str
    messages: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that is shown, of one moment."""

    at: datetime
    now: tuple[Figure, ...]
    also: tuple[Figure, ...]
    a_minute: Mapping[str, float | None]
    departments: tuple[Department, ...]
    waiting: tuple[Waiting, ...]
    processes: tuple[Process, ...]

    @property
    def fine(self) -> bool:
        """Whether nobody has to act: what is unknown may be anything."""
        known = all(one.state in ("fine", "look") for one in (*self.now, *self.also))
        return known and all(one.condition == "well" for one in self.processes)


def view(seen: Seen, pace: Pace, at: datetime, municipality: str | None = None) -> View:
    """Of one municipality, if one is named; the line itself is everybody's."""
    of_city = seen if municipality is None else [_only(one, municipality) for one in seen]
    return View(
        at=at,
        now=_figures(of_city, _NOW),
        also=_figures(seen, _ALSO),
        a_minute={
            "accepted": pace.a_minute(metrics.INTAKE_EVENTS, result="accepted"),
            "refused": pace.a_minute(metrics.INTAKE_EVENTS, result="refused"),
            "unavailable": pace.a_minute(metrics.INTAKE_EVENTS, result="unavailable"),
            "delivered": pace.a_minute(metrics.DISPATCHER_DELIVERIES),
            "not_taken": pace.a_minute(metrics.DISPATCHER_FAILURES),
            "set_aside": pace.a_minute(metrics.DEAD_LETTERS),
        },
        departments=tuple(_departments(of_city, at)),
        waiting=tuple(_waiting(seen)),
        processes=tuple(seen),
    )


def _overdue(seen: Seen, **labels: str) -> float | None:
    return total(seen, city_metrics.SLA_OPEN, state="overdue", **labels)


def _blocked(seen: Seen) -> float | None:
    return max((one.value for one in series_of(seen, metrics.LAG_SECONDS)), default=None)


_NOW: Mapping[str, Callable[[Seen], float | None]] = {
    OPEN_CASES: lambda seen: total(seen, city_metrics.CASES_OPEN),
    OVERDUE: _overdue,
    URGENT_OVERDUE: lambda seen: _overdue(seen, priority="urgent"),
    DUE_SOON: lambda seen: total(seen, city_metrics.SLA_DUE, within="1h"),
    AT_CENTRE: lambda seen: total(seen, city_metrics.CASES_AT_CENTRE),
    BLOCKED: _blocked,
}
_ALSO: Mapping[str, Callable[[Seen], float | None]] = {
    GAPS: lambda seen: total(seen, metrics.ACCOUNTING_OPEN),
    PARKED: lambda seen: total(seen, metrics.DISPATCHER_PARKED),
    HELD: lambda seen: total(seen, metrics.TIMER_HELD),
}


def _figures(seen: Seen, asked: Mapping[str, Callable[[Seen], float | None]]) -> tuple[Figure, ...]:
    found = ((name, value(seen)) for name, value in asked.items())
    return tuple(Figure(name=name, value=value, state=state(name, value)) for name, value in found)


def state(name: str, value: float | None) -> State:
    if value is None:
        return "unknown"
    look, act = LIMITS[name]
    if value >= act:
        return "act"
    return "look" if value >= look else "fine"


def _departments(seen: Seen, at: datetime) -> list[Department]:
    """Whoever has the most that is urgent and late, then late, then soon due, comes first."""
    open_cases = total_by(seen, city_metrics.CASES_OPEN, *OF_DEPARTMENT)
    overdue = total_by(seen, city_metrics.SLA_OPEN, *OF_DEPARTMENT, state="overdue")
    urgent = total_by(
        seen, city_metrics.SLA_OPEN, *OF_DEPARTMENT, state="overdue", priority="urgent"
    )
    due_soon = total_by(seen, city_metrics.SLA_DUE, *OF_DEPARTMENT, within="1h")
    oldest = _oldest(seen)
    found = [
        Department(
            municipality=whose[0],
            department=whose[1],
            open_cases=open_cases.get(whose),
            overdue=overdue.get(whose),
            urgent_overdue=urgent.get(whose),
            due_soon=due_soon.get(whose),
            # A clock that was set back makes nothing younger than now.
            oldest_seconds=max(0.0, at.timestamp() - oldest[whose]) if whose in oldest else None,
        )
        for whose in open_cases.keys() | overdue.keys()
    ]
    return sorted(found, key=_worst_first)


def _oldest(seen: Seen) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for one in series_of(seen, city_metrics.CASES_OLDEST):
        whose = tuple(one.labels[name] for name in OF_DEPARTMENT)
        found[whose] = min(one.value, found.get(whose, one.value))
    return found


def _worst_first(one: Department) -> tuple[float | str, ...]:
    figures = (one.urgent_overdue, one.overdue, one.due_soon, one.open_cases)
    return (*(-(value or 0) for value in figures), one.municipality, one.department)


def _waiting(seen: Seen) -> list[Waiting]:
    """What waits longest comes first; where nothing waits is not said."""
    seconds = _by_place(seen, metrics.LAG_SECONDS)
    messages = _by_place(seen, metrics.LAG_MESSAGES)
    found = [
        Waiting(
            consumer=consumer,
            source=source,
            messages=messages.get((consumer, source), 0.0),
            seconds=seconds.get((consumer, source), 0.0),
        )
        for consumer, source in messages.keys() | seconds.keys()
    ]
    waiting = [one for one in found if one.messages or one.seconds]
    return sorted(waiting, key=lambda one: (-one.seconds, -one.messages, one.consumer, one.source))


def _by_place(seen: Seen, metric: Metric) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for one in series_of(seen, metric):
        place = (one.labels["consumer"], one.labels["source"])
        found[place] = max(one.value, found.get(place, 0.0))
    return found


def _only(process: Process, municipality: str) -> Process:
    kept = {
        name: [one for one in some if one.labels.get("municipality", municipality) == municipality]
        for name, some in process.series.items()
    }
    return replace(process, series=kept)


def not_well(processes: Iterable[Process]) -> list[Process]:
    return [one for one in processes if one.condition != "well"]
