"""What is allowed in which state of a case: the one place that lists states."""

from collections.abc import Mapping
from typing import Literal, get_args

State = Literal[
    "unknown",
    "submitted",
    "routed",
    "acknowledged",
    "started",
    "handed-over",
    "resolved",
    "closed",
    "linked",
]
Step = Literal[
    "case.submitted.v1",
    "case.routed.v1",
    "case.acknowledged.v1",
    "case.started.v1",
    "case.paused.v1",
    "case.resumed.v1",
    "case.information-requested.v1",
    "case.information-received.v1",
    "case.transfer-requested.v1",
    "case.reclassified.v1",
    "case.handed-over.v1",
    "case.handed-over-answered.v1",
    "case.split.v1",
    "case.noted.v1",
    "case.linked.v1",
    "case.unlinked.v1",
    "case.resolved.v1",
    "case.closed-without-action.v1",
    "case.confirmed.v1",
    "case.disputed.v1",
    "case.rated.v1",
    "case.reopened.v1",
    "case.escalation-seen.v1",
    "case.deadline-set.v1",
    "case.breach-voided.v1",
    "case.reporter-erased.v1",
]
STATES: tuple[State, ...] = get_args(State)
STEPS: tuple[Step, ...] = get_args(Step)
AT_WORK: tuple[State, ...] = ("routed", "acknowledged", "started", "handed-over")
"""Somebody has to act on it, and a clock runs; what is linked is another case's."""


def _open(state: State) -> dict[Step, State]:
    """What can happen to a case as long as somebody owes something for it."""
    return {
        "case.paused.v1": state,
        "case.resumed.v1": state,
        "case.information-requested.v1": state,
        "case.information-received.v1": state,
        # Whoever has it now has not seen it yet.
        "case.transfer-requested.v1": "routed",
        "case.reclassified.v1": state,
        "case.handed-over.v1": "handed-over",
        # What is split off is a case of its own; the rest goes on.
        "case.split.v1": state,
        "case.noted.v1": state,
        "case.linked.v1": "linked",
        "case.resolved.v1": "resolved",
        "case.closed-without-action.v1": "closed",
        "case.escalation-seen.v1": state,
        "case.deadline-set.v1": state,
        "case.breach-voided.v1": state,
        "case.reporter-erased.v1": state,
    }


def _closed(state: State) -> dict[Step, State]:
    """The citizen judges it."""
    return {
        "case.confirmed.v1": state,
        "case.disputed.v1": "routed",
        "case.rated.v1": state,
        "case.reopened.v1": "routed",
        "case.noted.v1": state,
        "case.escalation-seen.v1": state,
        "case.reporter-erased.v1": state,
    }


# A later fact type is a line here and a branch in the fold; nothing else lists states.
TRANSITIONS: Mapping[State, Mapping[Step, State]] = {
    "unknown": {"case.submitted.v1": "submitted"},
    "submitted": {"case.routed.v1": "routed", "case.reporter-erased.v1": "submitted"},
    "routed": {
        **_open("routed"),
        "case.acknowledged.v1": "acknowledged",
        "case.started.v1": "started",
        # Whoever asks has seen it.
        "case.information-requested.v1": "acknowledged",
    },
    "acknowledged": {**_open("acknowledged"), "case.started.v1": "started"},
    "started": _open("started"),
    "handed-over": {
        **_open("handed-over"),
        "case.started.v1": "started",
        # What the other body takes stays with it; what it has done or refuses comes back.
        "case.handed-over-answered.v1": "acknowledged",
    },
    "resolved": _closed("resolved"),
    "closed": _closed("closed"),
    # Unlinked, it goes back to the state that it had; the fold knows which.
    "linked": {
        "case.unlinked.v1": "linked",
        "case.noted.v1": "linked",
        "case.reporter-erased.v1": "linked",
    },
}


def after(state: State, step: Step) -> State | None:
    """The state that the step leads to; none where it is not allowed."""
    return TRANSITIONS[state].get(step)
