"""When a municipality works, closed: zone rules as transitions, holidays as dates."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetChange:
    """From this instant on, local time is so many seconds ahead of UTC."""

    since: datetime
    offset_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Half-open working hours of one day, in seconds of its wall clock; 86,400 is 24:00."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDate:
    """A whole day without work. `estimated` marks a lunar holiday that is not confirmed yet."""

    day: date
    reason: str
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAnnually:
    """A day of the Gregorian year that is closed every year."""

    month: int
    day: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHours:
    """One date with hours of its own; it wins over holidays and over the week."""

    day: date
    hours: tuple[Hours, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Everything that says when work is done, so that a deadline needs no time-zone database.

    Before the first change its offset counts too; after the last, the last one goes on.
    """

    calendar_id: str
    zone: str
    offsets: tuple[OffsetChange, ...]
    monday: tuple[Hours, ...] = ()
    tuesday: tuple[Hours, ...] = ()
    wednesday: tuple[Hours, ...] = ()
    thursday: tuple[Hours, ...] = ()
    friday: tuple[Hours, ...] = ()
    saturday: tuple[Hours, ...] = ()
    sunday: tuple[Hours, ...] = ()
    closed_dates: tuple[ClosedDate, ...] = ()
    closed_annually: tuple[ClosedAnnually, ...] = ()
    other_hours: tuple[OtherHours, ...] = ()

    @property
    def week(self) -> tuple[tuple[Hours, ...], ...]:
        """The hours of the seven days, Monday first as `date.weekday` counts."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )
