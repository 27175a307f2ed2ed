"""Which panels are held against `/api/v1`, each with its figures as the API tells them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from tests.watching.answers import AN_HOUR, Answers, Case, by
from tests.watching.boards import Place, Values

Figures = Callable[[Answers], Mapping[str, float]]

WHOSE = ("municipality", "department")
EVENTS = {
    "case.routed.v1": "routed",
    "case.acknowledged.v1": "acknowledged",
    "case.resolved.v1": "resolved",
    "case.closed-without-action.v1": "closed",
    "case.reopened.v1": "reopened",
    "case.transfer-requested.v1": "passed-on",
    "case.escalated.v1": "escalated",
    "case.handed-over.v1": "handed-over",
    "case.split.v1": "split",
    "case.confirmed.v1": "confirmed",
    "case.disputed.v1": "disputed",
    "case.undisputed.v1": "undisputed",
}
FAR = 24 * 3_660 * AN_HOUR
COMING, DONE = ("routed", "reopened", "disputed"), ("resolved", "closed")
VERDICTS = ("confirmed", "disputed", "undisputed")
AGAIN = ("passed-on", "reopened", "escalated")


def events(told: Answers, *names: str) -> Counter[str]:
    """How often each of these happened, or each that there is."""
    found = Counter(EVENTS[fact["type"]] for fact in told.effective() if fact["type"] in EVENTS)
    return Counter({name: found[name] for name in names}) if names else found


def kept(told: Answers, *names: str) -> dict[str, float]:
    """The share of promises that were met, of those that were decided, by whose they were."""
    met, broken = (by(told.of(*states), *names) for states in (("met",), ("breached", "missed")))
    decided = met + broken
    return {legend: met[legend] / decided[legend] for legend in decided}


def left(told: Answers) -> Counter[str]:
    """Promises by the shortest time that their deadline is within."""
    within = {"1h": AN_HOUR, "4h": 4 * AN_HOUR, "24h": 24 * AN_HOUR, "later": FAR}
    found = Counter({"overdue": len(told.overdue())})
    nearer = 0
    for name, time in within.items():
        found[f"within {name}"] = len(told.due(time)) - nearer
        nearer = len(told.due(time))
    return found


def oldest(told: Answers, *names: str) -> dict[str, float]:
    """How many seconds ago the first of the open cases was submitted."""
    found: dict[str, float] = {}
    for case in told.open:
        age = (told.now - datetime.fromisoformat(case["submitted_at"])).total_seconds()
        legend = ", ".join(case[name] for name in names)
        found[legend] = max(age, found.get(legend, 0))
    return found


def one(title: str, count: Callable[[Answers], Iterable[Case]]) -> tuple[str, Figures]:
    """A panel of one number: of how many cases, or of how many cases' promises."""
    return title, lambda told: {title: sum(1 for _ in count(told))}


URGENT = {"urgent"}
OF_OPERATIONS: dict[str, Figures] = dict(
    (
        one("Open cases", lambda told: told.open),
        one("Overdue promises", Answers.overdue),
        one(
            "Urgent and overdue",
            lambda told: [case for case in told.overdue() if case["priority"] in URGENT],
        ),
        one("Due within an hour", Answers.due),
        one("At the 137 centre", Answers.at_centre),
    )
) | {
    "Submissions each hour": lambda told: by(told.cases, "channel"),
    "What happens to cases each hour": events,
    "Open cases, by how far they are": lambda told: by(told.open, "state"),
    "Most overdue": lambda told: by(told.overdue(), *WHOSE),
}
OF_PROMISES: dict[str, Figures] = dict(
    (
        one("Overdue", Answers.overdue),
        one("Due within an hour", Answers.due),
        one("Stand still", lambda told: told.of("paused")),
    )
) | {
    "What became of promises": Answers.outcomes,
    "Broken, by department": lambda told: by(told.of("breached", "missed"), *WHOSE),
    "Time that is left": left,
    "Overdue, by department": lambda told: by(told.overdue(), *WHOSE),
    "Overdue, by priority": lambda told: by(told.overdue(), "priority"),
    "Not running": lambda told: {state: len(told.of(state)) for state in ("paused", "linked")},
    "What cases wait for": lambda told: told.waiting(),
    "Passed on, reopened, escalated": lambda told: events(told, *AGAIN),
    "Fixed, and closed without action": lambda told: events(told, *DONE),
    "What citizens say of it": lambda told: events(told, *VERDICTS),
    "Coming and done": lambda told: {
        "coming": events(told, *COMING).total(),
        "done": events(told, *DONE).total(),
    },
    "Open cases, by department": lambda told: by(told.open, *WHOSE),
    "Open cases, by priority": lambda told: by(told.open, "priority"),
}
COUNTED: dict[Place, Figures] = {
    **{("peygir-operations", title): figures for title, figures in OF_OPERATIONS.items()},
    **{("peygir-sla", title): figures for title, figures in OF_PROMISES.items()},
}
SHARES: dict[Place, Figures] = {
    ("peygir-sla", "Kept in a day, by department"): lambda told: kept(told, *WHOSE),
    ("peygir-sla", "Kept in a day, by priority"): lambda told: kept(told, "priority"),
    ("peygir-operations", "Kept least in a day"): lambda told: kept(told, *WHOSE),
}
AGES: dict[Place, Figures] = {
    ("peygir-operations", "Oldest open case"): lambda told: oldest(told, *WHOSE),
    ("peygir-sla", "Oldest open case, by department"): lambda told: oldest(told, *WHOSE),
}


def whole(values: Mapping[str, float]) -> Values:
    """In whole numbers, without the zeros: what lies between two looks is reckoned."""
    return {legend: round(value) for legend, value in values.items() if round(value)}
