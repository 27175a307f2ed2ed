"""What a line may ask, and which calendar it brings: validated, with the field that is wrong."""

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from schemas.calendar import (
    Calendar,
    ClosedAnnually,
    ClosedDate,
    Hours,
    OffsetChange,
    OtherHours,
)
from services.http.moments import is_number
from services.policy.clock import clock_seconds
from services.policy.zones import known_zone, offset_changes
from streams.core.working_time import BUDGET_SECONDS_MAX

YEAR_MIN, YEAR_MAX = 1900, 2200
# Most questions fall into these years, whose offsets are then looked up once for a zone.
USUAL_YEARS = (1990, 2110)
YEARS_AROUND = 12
INTERVALS_MAX = 50
DATES_MAX = 5_000
PAUSES_MAX = 1_000
_LEAP_YEAR = 2000
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class QuestionError(ValueError):
    """A line that cannot be answered; the text names the field and what is wrong with it."""


def _hours(value: Any) -> Hours:  # noqa: ANN401  # any JSON
    match value:
        case [str(opens), str(closes)]:
            start, end = clock_seconds(opens), clock_seconds(closes)
        case _:
            raise ValueError('is to be an interval like ["09:00", "17:00"]')
    if start is None or end is None:
        raise ValueError("times are from 00:00 to 24:00")
    if end <= start:
        raise ValueError("ends before it starts, or is empty; write two over midnight")
    return Hours(opens=start, closes=end)


def _apart(found: list[Hours]) -> tuple[Hours, ...]:
    ordered = sorted(found, key=lambda one: one.opens)
    if any(other.opens < one.closes for one, other in pairwise(ordered)):
        raise ValueError("intervals overlap")
    return tuple(ordered)


def _annual(value: Any) -> tuple[int, int]:  # noqa: ANN401  # any JSON
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{value}")
    except ValueError:
        raise ValueError("is to be a month and a day like 01-31") from None
    return day.month, day.day


def _in_range(moment: datetime) -> datetime:
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        raise ValueError(f"is to be in the years {YEAR_MIN} to {YEAR_MAX}")
    return moment


def _text(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if is_number(value):
        raise ValueError("is to be a text like 2026-01-31T09:00:00+03:30")
    return value


Interval = Annotated[Any, AfterValidator(_hours)]
Day = Annotated[list[Interval], Field(max_length=INTERVALS_MAX), AfterValidator(_apart)]
Instant = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_in_range)]
WallTime = Annotated[NaiveDatetime, BeforeValidator(_text), AfterValidator(_in_range)]
Zone = Annotated[str, AfterValidator(known_zone)]
PauseShown = tuple[Instant, Instant]
Pauses = Annotated[list[PauseShown], Field(max_length=PAUSES_MAX)]


class _Strict(BaseModel):
    """A misspelt key of a calendar would silently be another calendar."""

    model_config = ConfigDict(extra="forbid")


class Week(_Strict):
    mon: Day = ()  # type: ignore[assignment]  # validated into a tuple
    tue: Day = ()  # type: ignore[assignment]
    wed: Day = ()  # type: ignore[assignment]
    thu: Day = ()  # type: ignore[assignment]
    fri: Day = ()  # type: ignore[assignment]
    sat: Day = ()  # type: ignore[assignment]
    sun: Day = ()  # type: ignore[assignment]


class CalendarShown(_Strict):
    """A calendar as it stands on a line. Other hours of a date win over its being a holiday."""

    tz: Zone
    weekly: Week
    holidays: Annotated[list[date], Field(max_length=DATES_MAX)] = []
    annual_holidays: Annotated[
        list[Annotated[Any, AfterValidator(_annual)]], Field(max_length=DATES_MAX)
    ] = []
    date_overrides: Annotated[dict[date, Day], Field(max_length=DATES_MAX)] = {}

    @model_validator(mode="after")
    def _works(self) -> "CalendarShown":
        week = (getattr(self.weekly, day) for day in _DAYS)
        if not any(week) and not any(self.date_overrides.values()):
            raise ValueError("weekly: has no working time")
        return self

    def calendar(self, first: datetime, last: datetime) -> Calendar:
        """As the core takes it, with the offsets of the years around those moments."""
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
            tuple(getattr(self.weekly, day)) for day in _DAYS
        )
        return Calendar(
            calendar_id="line",
            zone=self.tz,
            offsets=offsets_around(self.tz, first, last),
            monday=monday,
            tuesday=tuesday,
            wednesday=wednesday,
            thursday=thursday,
            friday=friday,
            saturday=saturday,
            sunday=sunday,
            closed_dates=tuple(ClosedDate(day=day, reason="") for day in self.holidays),
            closed_annually=tuple(
                ClosedAnnually(month=month, day=day, reason="")
                for month, day in self.annual_holidays
            ),
            other_hours=tuple(
                OtherHours(day=day, hours=tuple(hours), reason="")
                for day, hours in self.date_overrides.items()
            ),
        )


def offsets_around(zone: str, first: datetime, last: datetime) -> tuple[OffsetChange, ...]:
    """The offset changes from well before the first to well after the last."""
    usual_first, usual_last = USUAL_YEARS
    low, high = first.year - YEARS_AROUND, last.year + YEARS_AROUND
    return offset_changes(zone, min(low, usual_first), max(high, usual_last))


class Deadline(BaseModel):
    kind: Literal["deadline"]
    calendar: CalendarShown
    start: Instant
    business_seconds: Annotated[int, Field(ge=0, le=BUDGET_SECONDS_MAX)]
    pauses: Pauses = []


class Elapsed(BaseModel):
    kind: Literal["elapsed"]
    calendar: CalendarShown
    start: Instant
    end: Instant
    pauses: Pauses = []


class BeforeDeadline(BaseModel):
    kind: Literal["before_deadline"]
    calendar: CalendarShown
    deadline: Instant
    business_minutes_before: Annotated[float, Field(ge=0, le=BUDGET_SECONDS_MAX // 60)]


class WallTimeAsked(BaseModel):
    kind: Literal["normalise_wall_time"]
    tz: Zone
    local: WallTime


Question = Deadline | Elapsed | BeforeDeadline | WallTimeAsked
_QUESTION: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="kind")])


def question(values: dict[str, Any]) -> Question:
    """The question. Raises `QuestionError`."""
    try:
        return _QUESTION.validate_python(values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise QuestionError("; ".join(_said(one["loc"], one["msg"]) for one in found)) from None


def _said(place: tuple[int | str, ...], words: str) -> str:
    """The path of a field without the kind that stands before it, and what is wrong there."""
    path = ".".join(str(part) for part in place[1:]) or "kind"
    return f"{path}: {words.removeprefix('Value error, ')}"
