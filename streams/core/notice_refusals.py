"""Why a notice has no effect: it is early, was said already, or no longer holds."""

from datetime import datetime
from typing import assert_never

from schemas.notices import (
    Breached,
    ClockNotice,
    Escalated,
    Notice,
    PauseEnded,
    Undisputed,
    Warned,
)
from streams.core.case import Case, Clock
from streams.core.refusal import Refusal, refused_for


def of_a_notice(case: Case, notice: Notice) -> Refusal | None:
    if case.historical:
        return refused_for("of-the-past")
    if case.parent is not None:
        return refused_for("follows-another")
    if isinstance(notice, PauseEnded):
        return _of_an_ended_pause(case, notice)
    if isinstance(notice, Undisputed):
        return _of_a_silence(case, notice)
    clock = case.clock_set_by(notice.cause, notice.clock)
    if clock is None:
        return refused_for("other-deadline")
    return _of_a_clock(case, clock, notice)


def _of_an_ended_pause(case: Case, notice: PauseEnded) -> Refusal | None:
    waiting = case.waiting
    if waiting is None or waiting.set_by != notice.cause:
        return refused_for("other-pause")
    if notice.due_at != waiting.until:
        return refused_for("pause-ends", until=waiting.until)
    if notice.recorded_at < waiting.until:
        return refused_for("early", due=waiting.until)
    return None


def _of_a_silence(case: Case, notice: Undisputed) -> Refusal | None:
    closing = case.closing
    if closing is None or closing.by != notice.cause or case.closed_at is None:
        return refused_for("other-closing")
    if closing.undisputed_at is None:
        return refused_for("never-silent")
    if case.verdict is not None:
        return refused_for("verdict-given", verdict=case.verdict)
    if notice.recorded_at < closing.undisputed_at:
        return refused_for("early", due=closing.undisputed_at)
    return None


def _of_a_clock(case: Case, clock: Clock, notice: ClockNotice) -> Refusal | None:
    if clock.state not in _SPEAKING[notice.type]:
        return refused_for("clock-state", clock=clock.state)
    due_at = _due_at(clock, notice)
    if due_at is None:
        return refused_for("no-such-warning" if isinstance(notice, Warned) else "no-such-step")
    if notice.recorded_at < due_at:
        return refused_for("early", due=due_at)
    if clock.state == "paused" and (case.waiting is None or due_at > case.waiting.since):
        return refused_for("stands-still")
    if _was_announced(clock, notice):
        return refused_for("announced-already")
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
