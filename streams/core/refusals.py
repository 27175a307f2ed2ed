"""Why a fact has no effect on its case, in words for whoever sent it; none where it has one."""

from datetime import datetime
from typing import assert_never

from schemas.facts import (
    BreachVoided,
    DeadlineSet,
    Fact,
    Order,
    Progress,
    ReporterErased,
    Routed,
    Submitted,
)
from schemas.notices import Breached, ClockNotice, Escalated, Notice, PauseEnded, Warned
from schemas.steering import Linked, Paused, Reclassified, Resumed, TransferRequested
from streams.core.case import Case, Clock
from streams.core.renewing import receiver
from streams.core.terms import AllTerms, terms_of
from streams.core.transitions import after

FACTS_OF_A_CASE_MAX = 2_000  # A sender gone wild fills its own case, never the whole projection.


def full(case: Case) -> bool:
    """Whether nothing more has any effect on it."""
    return len(case.effective) >= FACTS_OF_A_CASE_MAX


def refusal(case: Case, fact: Fact, terms: AllTerms) -> str | None:
    """Raises `UnknownTermsError` where it rests on a policy that is not among the terms."""
    if full(case):
        return f"the case already has {FACTS_OF_A_CASE_MAX} facts"
    if isinstance(fact, Submitted):
        return _of_a_submission(case)
    if isinstance(fact, Routed):
        return _of_a_routing(case, fact)
    if isinstance(fact, Notice):
        return _of_a_notice(case, fact)
    if isinstance(fact, Order):
        return _of_an_order(case, fact)
    return _of_progress(case, fact) or _of_a_wait(case, fact) or _of_a_move(case, fact, terms)


def _of_a_submission(case: Case) -> str | None:
    if case.known:
        return "another message has this key already, with other content"
    return None


def _of_a_routing(case: Case, routed: Routed) -> str | None:
    if routed.cause not in case.effective:
        return "what it decides on was refused, or is not here"
    return _of_the_state(case, routed)


def _of_an_order(case: Case, fact: Order) -> str | None:
    match fact:
        case DeadlineSet():
            return _of_a_deadline(case, fact)
        case BreachVoided():
            return _of_a_voiding(case, fact)
        case ReporterErased():
            return _of_an_erasure(case, fact)
        case _:
            assert_never(fact)


def _of_a_deadline(case: Case, fact: DeadlineSet) -> str | None:
    clock = case.clock(fact.promise.kind)
    # A pause may end by itself, and set a deadline without a fact that says so.
    set_by = None if clock is None else clock.set_by
    if case.routed is None or fact.cause not in case.effective | {set_by}:
        return "what it rests on was refused, or is not here"
    if fact.promise.working_time and fact.policy_version is None:
        return "working time is promised by no policy"
    if fact.replaces is not None and set_by != fact.replaces:
        return "the deadline that it replaces is not the case's any more"
    if clock is not None and not clock.open:
        return f"the clock is {clock.state}"
    return _of_the_state(case, fact)


def _of_a_voiding(case: Case, fact: BreachVoided) -> str | None:
    clock = case.clock(fact.clock)
    if clock is not None and clock.state != "breached":
        return f"the clock is {clock.state}"
    if clock is None or clock.breach != fact.cause:
        return "that breach is not of the deadline that the case has"
    return _of_the_state(case, fact)


def _of_an_erasure(case: Case, fact: ReporterErased) -> str | None:
    if case.erased_at is not None:
        return "it is erased already"
    if after(case.state, fact.type) is None:
        return "there is no such case"
    return None


def _of_progress(case: Case, fact: Progress) -> str | None:
    """What all have in common who say something of a case."""
    if not case.known:
        return "there is no such case"
    if case.routed is None:
        return "the case has no department yet"
    if fact.municipality != case.routed.municipality:
        return f"the case belongs to {case.routed.municipality}"
    if fact.department is not None and fact.department != case.department:
        return f"the case belongs to {case.department}"
    if fact.if_version is not None and fact.if_version != case.version:
        return f"the case has moved on: it is at version {case.version}, not {fact.if_version}"
    return _of_the_state(case, fact)


def _of_the_state(case: Case, fact: Progress | Order | Routed) -> str | None:
    if after(case.state, fact.type) is None:
        return f"the case is {case.state}"
    return None


def _of_a_wait(case: Case, fact: Progress) -> str | None:
    match fact:
        case Paused() if case.waiting is not None:
            return f"the case waits already, until {case.waiting.until.isoformat()}"
        case Resumed() if case.waiting is None:
            return "the case does not wait"
        case _:
            return None


def _of_a_move(case: Case, fact: Progress, terms: AllTerms) -> str | None:
    match fact:
        case Linked() if fact.parent == fact.case_id:
            return "a case does not follow itself"
        case TransferRequested():
            return _of_a_transfer(case, fact, terms)
        case Reclassified():
            known = fact.category in terms_of(fact.policy_version, terms).categories
            return None if known else "the policy has no such category"
        case _:
            return None


def _of_a_transfer(case: Case, fact: TransferRequested, terms: AllTerms) -> str | None:
    to = receiver(fact, terms)
    if to not in terms_of(fact.policy_version, terms).departments:
        return "the policy has no such department"
    if to == case.department:
        return f"the case is with {to}"
    return None


def _of_a_notice(case: Case, notice: Notice) -> str | None:
    if case.historical:
        return "nobody is told of another system's past"
    if case.parent is not None:
        return "the case follows another"
    if isinstance(notice, PauseEnded):
        return _of_an_ended_pause(case, notice)
    clock = case.clock_set_by(notice.cause, notice.clock)
    if clock is None:
        return "that deadline is not the case's"
    return _of_a_clock(case, clock, notice)


def _of_an_ended_pause(case: Case, notice: PauseEnded) -> str | None:
    waiting = case.waiting
    if waiting is None or waiting.set_by != notice.cause:
        return "the case does not wait, or not for that"
    if notice.due_at != waiting.until:
        return f"the pause ends at {waiting.until.isoformat()}"
    if notice.recorded_at < waiting.until:
        return f"it is early: due at {waiting.until.isoformat()}"
    return None


def _of_a_clock(case: Case, clock: Clock, notice: ClockNotice) -> str | None:
    if clock.state not in _SPEAKING[notice.type]:
        return f"the clock is {clock.state}"
    due_at = _due_at(clock, notice)
    if due_at is None:
        return f"that deadline has no such {'warning' if isinstance(notice, Warned) else 'step'}"
    if notice.recorded_at < due_at:
        return f"it is early: due at {due_at.isoformat()}"
    if clock.state == "paused" and (case.waiting is None or due_at > case.waiting.since):
        return "the clock stands still"
    if _was_announced(clock, notice):
        return "it was announced already"
    return None


def _was_announced(clock: Clock, notice: ClockNotice) -> bool:
    """Whether it was, of the deadline before: whoever resumes a clock does not warn again."""
    match notice:
        case Warned():
            return notice.percent in clock.announced
        case Escalated():
            return notice.step in clock.escalated
        case Breached():
            return False
        case _:
            assert_never(notice)


# A warning that was due before a clock stood still may arrive after it does.
_SPEAKING = {
    "case.warned.v1": {"running", "paused"},
    "case.breached.v1": {"running"},
    "case.escalated.v1": {"breached"},
}


def _due_at(clock: Clock, notice: ClockNotice) -> datetime | None:
    match notice:
        case Breached():
            return clock.promise.deadline
        case Warned():
            points = clock.promise.warnings
            return next((one.at for one in points if one.percent == notice.percent), None)
        case Escalated():
            steps = clock.promise.escalations
            return next((one.at for one in steps if one.step == notice.step), None)
        case _:
            assert_never(notice)
