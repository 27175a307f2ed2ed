"""What became of a case's promises by one fact, as it is counted: each outcome once a promise."""

from collections import Counter
from dataclasses import dataclass

from schemas.city_metrics import PromiseOutcome
from schemas.vocabulary import ClockKind, Department, Priority
from streams.core.case import Case, Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One outcome, by who held the case when it came about, and how urgent the case was then."""

    clock: ClockKind
    outcome: PromiseOutcome
    department: Department
    priority: Priority


def counted(before: Case, after: Case) -> Counter[Counted]:
    """What has come about between two states of a case.

    The clocks of a linked case stay as they were, so nothing of it is counted while it is linked:
    what is promised to the citizen is counted by the case that it follows.
    """
    found = Counter[Counted]()
    if after.clocks is before.clocks or after.historical or after.priority is None:
        return found
    known = {(clock.kind, clock.cycle): clock for clock in before.clocks}
    for clock in after.clocks:
        for outcome in _outcomes(known.get((clock.kind, clock.cycle)), clock):
            one = Counted(
                clock=clock.kind,
                outcome=outcome,
                department=answers(after, clock),
                priority=after.priority,
            )
            found[one] += 1
    return found


def _outcomes(before: Clock | None, clock: Clock) -> tuple[PromiseOutcome, ...]:
    was_late = before is not None and _late(before)
    was_met = before is not None and before.state == "met"
    came_about: dict[PromiseOutcome, bool] = {
        "made": before is None,
        "breached": _late(clock) and not was_late,
        "voided": was_late and not _late(clock),
        "met": clock.state == "met" and not was_met,
    }
    return tuple(outcome for outcome, so in came_about.items() if so)


def _late(clock: Clock) -> bool:
    """Announced, or stopped too late before anybody announced it."""
    return clock.state in {"breached", "missed"}


def answers(case: Case, clock: Clock) -> Department:
    """Whoever holds the case answers to the citizen; for how long it was held, each itself."""
    if clock.kind == "holding" or case.department is None:
        return clock.department
    return case.department
