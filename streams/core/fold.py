"""The state of a case: the fold of its facts in log order, by one pure function."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import assert_never

from schemas.facts import (
    Acknowledged,
    Breached,
    ClosedWithoutAction,
    DeadlineSet,
    Fact,
    Notice,
    Progress,
    ReporterErased,
    Resolved,
    Routed,
    Submitted,
    Warned,
    time_that_counts,
)
from schemas.vocabulary import CaseId
from streams.core.case import Case, Clock, Judgement, Positioned
from streams.core.effects import applied
from streams.core.transitions import after

FACTS_OF_A_CASE_MAX = 2_000  # A sender gone wild fills its own case, never the whole projection.

EFFECTIVE = Judgement(verdict="effective")
DUPLICATE = Judgement(verdict="duplicate")

History = tuple[Positioned, ...]


def fold(case_id: CaseId, history: Iterable[Positioned]) -> Case:
    """The case as its facts, given in log order, leave it."""
    case = Case(case_id=case_id)
    for positioned in history:
        case, _ = step(case, positioned)
    return case


def learn(history: History, positioned: Positioned) -> History:
    """The history with one more record of the log, given late, early or twice."""
    if any(known.offset == positioned.offset for known in history):
        return history
    ordered = list(history)
    insort(ordered, positioned, key=attrgetter("offset"))
    return tuple(ordered)


def step(case: Case, positioned: Positioned) -> tuple[Case, Judgement]:
    """The case after one more fact, and how that fact was judged.

    Of two facts with one id the first appended counts, whether it was effective or refused.
    """
    fact = positioned.fact
    if fact.fact_id in case.effective or fact.fact_id in case.refused:
        return case, DUPLICATE
    refusal = _too_many(case) or _refusal(case, fact)
    if refusal is not None:
        refused = case.refused
        if len(refused) < FACTS_OF_A_CASE_MAX:
            refused = refused | {fact.fact_id}
        return replace(case, refused=refused), Judgement(verdict="refused", reason=refusal)
    changed = replace(
        applied(case, positioned),
        version=positioned.offset,
        effective=case.effective | {fact.fact_id},
        counted_at=_counted(case, fact),
    )
    return changed, EFFECTIVE


def _counted(case: Case, fact: Fact) -> datetime | None:
    """The time that intervals are ordered by: it never steps back, and notices never move it."""
    if isinstance(fact, Notice):
        return case.counted_at
    counts = time_that_counts(fact)
    return max(case.counted_at or counts, counts)


def _too_many(case: Case) -> str | None:
    if len(case.effective) >= FACTS_OF_A_CASE_MAX:
        return f"the case already has {FACTS_OF_A_CASE_MAX} facts"
    return None


def _refusal(case: Case, fact: Fact) -> str | None:
    match fact:
        case Submitted():
            return _submitted_refusal(case)
        case Routed():
            return _routed_refusal(case, fact)
        case Warned() | Breached():
            return _notice_refusal(case, fact)
        case Acknowledged() | Resolved() | ClosedWithoutAction():
            return _progress_refusal(case, fact)
        case DeadlineSet():
            return _deadline_refusal(case, fact)
        case ReporterErased():
            return _erasure_refusal(case, fact)
        case _:
            assert_never(fact)


def _submitted_refusal(case: Case) -> str | None:
    if case.known:
        return "another message has this key already, with other content"
    return None


def _routed_refusal(case: Case, routed: Routed) -> str | None:
    if routed.cause not in case.effective:
        return "what it decides on was refused, or is not here"
    if after(case.state, routed.type) is None:
        return f"the case is {case.state}"
    return None


def _deadline_refusal(case: Case, fact: DeadlineSet) -> str | None:
    if case.routed is None or fact.cause not in case.effective:
        return "what it rests on was refused, or is not here"
    clock = case.clock(fact.promise.kind)
    if clock is not None and not clock.open:
        return f"the clock is {clock.state}"
    if after(case.state, fact.type) is None:
        return f"the case is {case.state}"
    return None


def _erasure_refusal(case: Case, fact: ReporterErased) -> str | None:
    if case.erased_at is not None:
        return "it is erased already"
    if after(case.state, fact.type) is None:
        return "there is no such case"
    return None


def _progress_refusal(case: Case, fact: Progress) -> str | None:
    if not case.known:
        return "there is no such case"
    if case.routed is None:
        return "the case has no department yet"
    if (fact.municipality, fact.department) != (case.routed.municipality, case.routed.department):
        return f"the case belongs to {case.routed.department}"
    if fact.if_version is not None and fact.if_version != case.version:
        return f"the case has moved on: it is at version {case.version}, not {fact.if_version}"
    if after(case.state, fact.type) is None:
        return f"the case is {case.state}"
    return None


def _notice_refusal(case: Case, notice: Notice) -> str | None:
    clock = case.clock(notice.clock)
    if clock is None or clock.set_by != notice.cause:
        return "that deadline is not the case's"
    if clock.silent:
        return "nobody is told of another system's past"
    if clock.state != "running":
        return f"the clock is {clock.state}"
    due_at = _due_at(clock, notice)
    if due_at is None:
        return "that deadline has no such warning"
    if notice.recorded_at < due_at:
        return f"it is early: due at {due_at.isoformat()}"
    return None


def _due_at(clock: Clock, notice: Notice) -> datetime | None:
    if isinstance(notice, Breached):
        return clock.promise.deadline
    points = clock.promise.warnings
    return next((point.at for point in points if point.percent == notice.percent), None)
