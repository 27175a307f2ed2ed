"""The metrics of what the city promised, and of the cases that its departments have."""

from typing import Literal, get_args

from schemas.metric import Metric
from schemas.vocabulary import CALL_OUTCOMES, CLOCK_KINDS, PRIORITIES, STARS_MAX

PromiseOutcome = Literal["made", "met", "breached", "voided"]
PROMISE_OUTCOMES: tuple[PromiseOutcome, ...] = get_args(PromiseOutcome)
OPEN_STATES = ("running", "paused", "overdue", "linked")
DUE_WITHIN = ("1h", "4h", "24h", "later")
CaseEvent = Literal[
    "routed",
    "acknowledged",
    "resolved",
    "closed",
    "reopened",
    "passed-on",
    "escalated",
    "handed-over",
    "split",
    "confirmed",
    "disputed",
    "undisputed",
]
"""*resolved* is fixed, *closed* is not; *confirmed* is what the citizen said, and *undisputed* that
they said nothing. None of them is ever counted as another."""
CASE_EVENTS_SHOWN: tuple[CaseEvent, ...] = get_args(CaseEvent)
OPEN_CASE_STATES = ("routed", "acknowledged", "started", "handed-over", "linked")
STARS = tuple(str(one) for one in range(1, STARS_MAX + 1))
# By installation: its cities, and the departments of their policies.
_PLACE = (("municipality", ()), ("department", ()))
_WHOSE = (*_PLACE, ("priority", PRIORITIES))

CASE_EVENTS = Metric(
    name="peygir_case_events_total",
    kind="counter",
    help=(
        "What happened to cases, each once, by who had the case then (passed on: who gave it "
        "away) and how urgent it was. Imported cases are not counted."
    ),
    labels=(*_WHOSE, ("event", CASE_EVENTS_SHOWN)),
)
CASE_RATINGS = Metric(
    name="peygir_case_ratings_total",
    kind="counter",
    help=(
        "Ratings by citizens of how they were treated, from 1 to 5 stars, by who had the case "
        "then. One who rates again is counted again. Imported cases are not counted."
    ),
    labels=(*_PLACE, ("stars", STARS)),
)
CASES_OPEN = Metric(
    name="peygir_open_cases",
    kind="gauge",
    help=(
        "Cases that are open now, by who has them and how far they are. Imported cases are not "
        "counted. Shown by the accountant at work alone."
    ),
    labels=(*_WHOSE, ("state", OPEN_CASE_STATES)),
)
CASES_OLDEST = Metric(
    name="peygir_oldest_open_case_timestamp_seconds",
    kind="gauge",
    help=(
        "When the oldest open case of a department was submitted; absent where none is open. "
        "Imported cases do not count. Shown by the accountant at work alone."
    ),
    labels=_PLACE,
)
CASES_WAITING = Metric(
    name="peygir_waiting_cases",
    kind="gauge",
    help=(
        "Open cases that wait for somebody else, by the reason that the policy names. "
        "Shown by the accountant at work alone."
    ),
    labels=(*_PLACE, ("reason", ())),
)
CASES_AT_CENTRE = Metric(
    name="peygir_cases_at_centre",
    kind="gauge",
    help=(
        "Open cases that the 137 centre itself has: nobody could say by rule whose they are. "
        "Shown by the accountant at work alone."
    ),
    labels=(("municipality", ()),),
)
SLA_PROMISES = Metric(
    name="peygir_sla_promises_total",
    kind="counter",
    help=(
        "What became of promises, each once, by who held the case and how urgent it was then: "
        "made when a clock begins, met in time, breached when it was announced or ended too late, "
        "voided when a breach was shown wrong. Imported cases are not counted."
    ),
    labels=(*_WHOSE, ("clock", CLOCK_KINDS), ("outcome", PROMISE_OUTCOMES)),
)
SLA_OPEN = Metric(
    name="peygir_sla_open_promises",
    kind="gauge",
    help=(
        "Promises still to be kept, by who holds the case: running, paused, overdue, or linked "
        "to another case. Shown by the accountant at work alone."
    ),
    labels=(*_WHOSE, ("state", OPEN_STATES)),
)
SLA_DUE = Metric(
    name="peygir_sla_due_promises",
    kind="gauge",
    help=(
        "Running promises that are not overdue, each once, by the shortest time that its deadline "
        "is within. Shown by the accountant at work alone."
    ),
    labels=(*_WHOSE, ("within", DUE_WITHIN)),
)
SLA_LOOK_SECONDS = Metric(
    name="peygir_sla_open_promises_look_duration_seconds",
    kind="histogram",
    help="One count of the open cases and promises.",
)
SLA_ELAPSED = Metric(
    name="peygir_sla_elapsed_ratio",
    kind="histogram",
    help=(
        "How much of its budget of time a promise had used when it was kept at last or too late: "
        "1 is all of it. Without the pauses, in working time where the budget is. Comparable over "
        "all targets. Imported cases are not counted."
    ),
    labels=(*_PLACE, ("clock", CLOCK_KINDS)),
    buckets=(0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0),
)

ANSWERED_CALLS = Metric(
    name="peygir_answered_calls_total",
    kind="counter",
    help=(
        "Calls that were answered and made no case, each once, by what was first said of how it "
        "ended. Counted by the projector, which alone knows whether a call is new."
    ),
    labels=(("municipality", ()), ("outcome", CALL_OUTCOMES)),
    apart="what there is to be seen of it are days, which `GET /api/v1/calls` counts exactly",
)

CITY: tuple[Metric, ...] = tuple(value for value in globals().values() if isinstance(value, Metric))
