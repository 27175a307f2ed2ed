"""Why each clock of a case shows what it shows, as the API says it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.codec import UndecodableError, decode_fact
from schemas.vocabulary import CaseId
from services.api.reads import ReadFact
from services.api.sla_words import CLOCKS, MOVES, STATES, Words
from services.http.problems import unavailable
from streams.core.case import Case, Positioned
from streams.core.explaining import DAYS_TOLD_MAX, Explained, Stretch, explained
from streams.core.retelling import Move, Retold, retold
from streams.core.terms import AllTerms, UnknownTermsError

RETRY_AFTER_SECONDS = 5


def history(facts: Iterable[ReadFact]) -> tuple[tuple[Positioned, ...], str | None]:
    """The facts up to the first that the fold failed on, and why it did. Raises a 503 problem."""
    read = list[Positioned]()
    for one in facts:
        if one.judgement == "unfoldable":
            return tuple(read), one.refusal
        try:
            read.append(Positioned(offset=one.log_offset, fact=decode_fact(one.fact)))
        except UndecodableError as error:
            words = "One of its facts was written by a newer version than this one."
            raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error
    return tuple(read), None


def told(
    case_id: CaseId, facts: tuple[Positioned, ...], terms: AllTerms, now: datetime
) -> tuple[Retold, tuple[Explained, ...], datetime]:
    """The case, its clocks, and the moment that they are shown at. Raises a 503 problem."""
    latest = max((one.fact.recorded_at for one in facts), default=now)
    until = max(now, latest)
    try:
        story = retold(case_id, facts, terms, until)
        return story, explained(story, terms, until), until
    except UnknownTermsError as error:
        words = f"The policy {error} that the case rests on is not read here yet."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error


def shown(story: Retold, clocks: Iterable[Explained], until: datetime, words: Words) -> Any:  # noqa: ANN401
    """All of it as JSON: codes for programs, words for people, instants in UTC."""
    case = story.case
    listed = list(clocks)
    return {
        "case_id": case.case_id,
        "language": words.language,
        "zone": words.zone.key,
        "until": _moment(until, words),
        "state": case.state,
        "parent": case.parent,
        "due_at": case.due_at and _moment(case.due_at, words),
        "clocks_left_out": len(case.clocks) - len(listed),
        "clocks": [_clock(case, story.moves, one, words) for one in listed],
    }


def _clock(case: Case, moves: Iterable[Move], one: Explained, words: Words) -> dict[str, Any]:
    clock, promise = one.clock, one.clock.promise
    state = "linked" if clock.open and case.parent else clock.state
    left = timedelta(seconds=promise.budget_seconds) - one.used
    return {
        "kind": clock.kind,
        "title": words.of(CLOCKS, clock.kind),
        "cycle": clock.cycle,
        "state": state,
        "state_words": words.of(STATES, state),
        "department": clock.department,
        "policy_version": clock.policy_version,
        "set_by": clock.set_by,
        "budget": {
            "seconds": promise.budget_seconds,
            "working_time": promise.working_time,
            "words": words.budget(promise.budget_seconds, working_time=promise.working_time),
        },
        "calendar": _calendar(one),
        "started_at": _moment(promise.started_at, words),
        "deadline": _moment(promise.deadline, words),
        "deadline_at_latest": _maybe(one.deadline_at_latest, words),
        "stopped_at": _maybe(clock.stopped_at, words),
        "voided": clock.voided,
        "used_seconds": one.used.total_seconds(),
        "left_seconds": left.total_seconds(),
        "left_words": words.left(left),
        "stretches": [_stretch(each, words) for each in one.stretches],
        "days_told_max": DAYS_TOLD_MAX,
        "deadlines": [
            _move(each, words)
            for each in moves
            if (each.kind, each.cycle) == (clock.kind, clock.cycle)
        ],
    }


def _calendar(one: Explained) -> dict[str, Any] | None:
    if one.calendar is None:
        return None
    of = one.clock.department if one.own_calendar else None
    return {"id": one.calendar.calendar_id, "zone": one.calendar.zone, "department": of}


def _stretch(one: Stretch, words: Words) -> dict[str, Any]:
    wait = one.wait
    return {
        "start": _moment(one.start, words),
        "end": _moment(one.end, words),
        "counts": one.counts,
        "counted_seconds": one.counted.total_seconds(),
        "why": one.why,
        "words": words.stretch(one),
        "reason": wait.why if wait is not None else one.reason,
        "estimated": one.estimated,
        "late": one.late,
        "paused_by": wait and wait.author,
        "pause_ended_by": wait and wait.ended_by,
        "pause_ended_author": wait and wait.ended_author,
    }


def _move(one: Move, words: Words) -> dict[str, Any]:
    return {
        "at": _moment(one.at, words),
        "by": one.by,
        "words": words.of(MOVES, one.by),
        "fact_id": one.fact_id,
        "before": _maybe(one.before, words),
        "deadline": _moment(one.deadline, words),
        "reason": one.reason,
    }


def _maybe(at: datetime | None, words: Words) -> dict[str, str] | None:
    return None if at is None else _moment(at, words)


def _moment(at: datetime, words: Words) -> dict[str, str]:
    return {
        "utc": at.astimezone(UTC).isoformat(),
        "local": at.astimezone(words.zone).isoformat(),
        "words": words.moment(at),
    }
