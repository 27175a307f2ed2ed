"""One line in, one line out: what a question about working time is answered with."""

import math
from datetime import datetime
from typing import Any, assert_never

import orjson

from schemas.calendar import Calendar
from services.calculator.questions import (
    BeforeDeadline,
    Deadline,
    Elapsed,
    Question,
    QuestionError,
    WallTimeAsked,
    offsets_around,
    question,
)
from streams.core.paused_time import ReversedPauseError, add_paused, paused_seconds
from streams.core.wall_clock import WallClock
from streams.core.working_time import NoWorkingTimeError, before_deadline, compile_calendar

LINE_BYTES_MAX = 1024 * 1024
MINUTE_SECONDS = 60

Answer = dict[str, Any]


def answer(line: bytes) -> bytes:
    """The answer to one line, as a line; what cannot be answered says why, and never raises."""
    name: Any = None
    try:
        values = _values(line)
        name = values.get("id")
        found = _answered(question(values))
    except QuestionError as error:
        found = {"error": str(error)}
    return orjson.dumps({"id": name, **found}, option=orjson.OPT_APPEND_NEWLINE)


def _values(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_BYTES_MAX:
        raise QuestionError(f"the line is longer than {LINE_BYTES_MAX} bytes")
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise QuestionError(f"the line is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise QuestionError("the line is not a JSON object")
    return values


def _answered(asked: Question) -> Answer:
    try:
        return _calculated(asked)
    except ReversedPauseError as error:
        raise QuestionError(f"pauses.{error.index}: ends before it starts") from None
    except NoWorkingTimeError as error:
        raise QuestionError(f"calendar: {error}") from None
    except OverflowError:
        raise QuestionError("the answer lies beyond the calendar's years") from None


def _calculated(asked: Question) -> Answer:
    match asked:
        case Deadline():
            calendar = compile_calendar(asked.calendar.calendar(asked.start, asked.start))
            at = add_paused(asked.start, asked.business_seconds, calendar, asked.pauses)
            return {"deadline": _written(at, calendar.calendar)}
        case Elapsed():
            calendar = compile_calendar(asked.calendar.calendar(asked.start, asked.end))
            seconds = paused_seconds(asked.start, asked.end, calendar, asked.pauses)
            return {"business_seconds": seconds}
        case BeforeDeadline():
            calendar = compile_calendar(asked.calendar.calendar(asked.deadline, asked.deadline))
            seconds = math.floor(asked.business_minutes_before * MINUTE_SECONDS)
            at = before_deadline(asked.deadline, seconds, calendar)
            return {"time": _written(at, calendar.calendar)}
        case WallTimeAsked():
            return {"instant": _wall_time(asked)}
        case _:
            assert_never(asked)


def _written(moment: datetime, calendar: Calendar) -> str:
    """In the zone of the calendar, with its offset."""
    return WallClock(calendar.offsets).local(moment).isoformat()


def _wall_time(asked: WallTimeAsked) -> str:
    clock = WallClock(offsets_around(asked.tz, asked.local, asked.local))
    return clock.local(clock.instant_of(asked.local)).isoformat()
