"""What is allowed in which state of a case: the one place that lists states."""

from collections.abc import Mapping
from typing import Literal

State = Literal["unknown", "submitted", "routed", "acknowledged", "resolved", "closed"]
Step = Literal[
    "case.submitted.v1",
    "case.routed.v1",
    "case.deadline-set.v1",
    "case.acknowledged.v1",
    "case.resolved.v1",
    "case.closed-without-action.v1",
    "case.reporter-erased.v1",
]

# A later fact type is a row here and a branch in the fold; nothing else lists states.
TRANSITIONS: Mapping[State, Mapping[Step, State]] = {
    "unknown": {"case.submitted.v1": "submitted"},
    "submitted": {"case.routed.v1": "routed", "case.reporter-erased.v1": "submitted"},
    "routed": {
        "case.deadline-set.v1": "routed",
        "case.acknowledged.v1": "acknowledged",
        "case.resolved.v1": "resolved",
        "case.closed-without-action.v1": "closed",
        "case.reporter-erased.v1": "routed",
    },
    "acknowledged": {
        "case.deadline-set.v1": "acknowledged",
        "case.resolved.v1": "resolved",
        "case.closed-without-action.v1": "closed",
        "case.reporter-erased.v1": "acknowledged",
    },
    "resolved": {"case.reporter-erased.v1": "resolved"},
    "closed": {"case.reporter-erased.v1": "closed"},
}


def after(state: State, step: Step) -> State | None:
    """The state that the step leads to; none where it is not allowed."""
    return TRANSITIONS[state].get(step)
