"""A policy as its files say it: validated, and not closed yet."""

from dataclasses import dataclass
from datetime import date

from schemas.calendar import ClosedAnnually, ClosedDate, Hours, OtherHours
from schemas.policy import (
    AdapterPolicy,
    BodyPolicy,
    Budget,
    BudgetRule,
    CategoryPolicy,
    DepartmentPolicy,
    DistrictRule,
    DuplicatePolicy,
    ImportPolicy,
    PausePolicy,
)
from schemas.vocabulary import Category, Department, Municipality
from services.policy.durations import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """Which country's official holidays are closed, for how long ahead, and which are not.

    `subdivision` is a part of the country with holidays of its own.
    """

    country: str
    subdivision: str | None
    years_ahead: int
    not_closed: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursSpan:
    """Other hours for the working days of a span, its last day included; Monday first.

    Days that the week, a holiday or a closure leaves without work stay so.
    """

    first: date
    last: date
    week: tuple[tuple[Hours, ...], ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDraft:
    """A calendar whose zone, holidays and spans are still rules. `week` is Monday first."""

    calendar_id: str
    zone: str
    working_day_seconds: int
    week: tuple[tuple[Hours, ...], ...]
    holidays: HolidayRule | None
    closed_dates: tuple[ClosedDate, ...]
    closed_annually: tuple[ClosedAnnually, ...]
    other_hours: tuple[OtherHours, ...]
    spans: tuple[HoursSpan, ...]

    @property
    def work(self) -> Work:
        return Work(
            day_seconds=self.working_day_seconds,
            week_seconds=sum(one.closes - one.opens for day in self.week for one in day),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a case may go through and how it ends; see the fields of `Policy` of the same names."""

    bodies: tuple[BodyPolicy, ...]
    districts: tuple[DistrictRule, ...]
    transfers_max: int
    dispute_within: Budget | None
    silence: Budget | None
    duplicates: DuplicatePolicy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything but the version and the moment from which it counts."""

    municipality: Municipality
    title_fa: str
    title_en: str
    language: str
    centre: Department
    centre_category: Category
    departments: tuple[DepartmentPolicy, ...]
    categories: tuple[CategoryPolicy, ...]
    calendar_id: str
    calendars: tuple[CalendarDraft, ...]
    adapters: tuple[AdapterPolicy, ...]
    place_words: tuple[str, ...]
    imports: tuple[ImportPolicy, ...]
    budgets: tuple[BudgetRule, ...]
    pauses: tuple[PausePolicy, ...]
    life: Life
