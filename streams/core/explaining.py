"""Why a clock shows what it shows: every stretch of its time, and whether it counted.

Stretches are half-open and follow each other without a gap, from the start of the clock to the
moment that is asked for. Counted time adds up to what is used, to the microsecond.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from schemas.calendar import Calendar
from schemas.vocabulary import Department
from streams.core.case import Case, Clock
from streams.core.clocks import resumed
from streams.core.paused_time import Pause
from streams.core.retelling import Retold, Wait
from streams.core.terms import AllTerms, Terms, terms_of
from streams.core.wall_clock import DAY_MICROS, EPOCH_ORDINAL
from streams.core.working_days import DayReason, DayReasons, Span
from streams.core.working_time import WorkingCalendar, instant_of, moment_of, worked_micros

DAYS_TOLD_MAX = 100  # Days that are told one by one; those after them are one stretch.
CLOCKS_TOLD_MAX = 20

Why = Literal[
    "round-the-clock",
    "working-hours",
    "other-hours",
    "outside-hours",
    "free-weekday",
    "holiday",
    "closed-annually",
    "closed",
    "paused",
    "days-joined",
    "after-the-stop",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time in which one reason holds; `reason` is what the calendar calls its date.

    `counted` is all of it or nothing; of days that are joined, their working time. `late`: it
    lies after the deadline.
    """

    start: datetime
    end: datetime
    why: Why
    counted: timedelta = timedelta()
    reason: str | None = None
    estimated: bool = False
    wait: Wait | None = None
    late: bool = False

    @property
    def counts(self) -> bool:
        return self.counted > timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A clock with the time behind it. `calendar` counts it, if working time was promised.

    `own_calendar`: the department's own, not the municipality's. `deadline_at_latest` stands with
    a clock that stands still: its deadline if the pause lasts as long as it may.
    """

    clock: Clock
    calendar: Calendar | None
    own_calendar: bool
    stretches: tuple[Stretch, ...]
    deadline_at_latest: datetime | None = None

    @property
    def used(self) -> timedelta:
        return sum((one.counted for one in self.stretches), timedelta())


def explained(told: Retold, terms: AllTerms, until: datetime) -> tuple[Explained, ...]:
    """The clocks of the case, the latest of them where there are many. Raises `UnknownTermsError`.

    A deadline's policy must be among the terms where it counts working time.
    """
    clocks = told.case.clocks[-CLOCKS_TOLD_MAX:]
    return tuple(_explained(told, clock, terms, until) for clock in clocks)


def stretches(
    clock: Clock, waits: Iterable[Wait], calendar: WorkingCalendar | None, until: datetime
) -> tuple[Stretch, ...]:
    """From the start of the clock to `until`; with a calendar, by its working time."""
    start, end = clock.promise.started_at, max(clock.promise.started_at, until)
    stop = end if clock.stopped_at is None else min(end, max(start, clock.stopped_at))
    known = {(one.since, one.ended_at): one for one in waits}
    pauses = [*clock.pauses, *_now_paused(clock, known, stop)]
    told = list[Stretch]()
    for one in _parted(start, stop, clock, pauses):
        if (pause := _pause_over(one, pauses)) is not None:
            wait = known.get(pause) or known.get((pause[0], None))
            told.append(Stretch(start=one[0], end=one[1], why="paused", wait=wait))
        elif calendar is None:
            counted = one[1] - one[0]
            told.append(Stretch(start=one[0], end=one[1], why="round-the-clock", counted=counted))
        else:
            told.extend(_by_days(one, calendar, first=start))
    if stop < end:
        told.append(Stretch(start=stop, end=end, why="after-the-stop"))
    deadline = _deadline(clock)
    return tuple(_late(one, deadline) for one in _joined(told, deadline))


def _explained(told: Retold, clock: Clock, terms: AllTerms, until: datetime) -> Explained:
    version = terms_of(clock.policy_version, terms) if clock.policy_version else None
    calendar = version.calendar_of(clock.department) if version else None
    counting = calendar if clock.promise.working_time else None
    return Explained(
        clock=clock,
        calendar=counting and counting.calendar,
        own_calendar=version is not None and _has_its_own(version, clock.department),
        stretches=stretches(clock, told.waits, counting, until),
        deadline_at_latest=_at_latest(told.case, clock, terms),
    )


def _deadline(clock: Clock) -> datetime | None:
    """None while it stands still: where it goes on, it has another."""
    return None if clock.state == "paused" else clock.promise.deadline


def _late(one: Stretch, deadline: datetime | None) -> Stretch:
    if deadline is None or one.start < deadline or one.why == "after-the-stop":
        return one
    return replace(one, late=True)


def _has_its_own(version: Terms, department: Department) -> bool:
    known = version.departments.get(department)
    return known is not None and known.calendar_id is not None


def _at_latest(case: Case, clock: Clock, terms: AllTerms) -> datetime | None:
    if clock.state != "paused" or case.waiting is None:
        return None
    alone = replace(case, clocks=(clock,))
    over = resumed(alone, at=case.waiting.until, by=clock.set_by, terms=terms)
    return over.clocks[0].promise.deadline


def _now_paused(
    clock: Clock, known: dict[tuple[datetime, datetime | None], Wait], stop: datetime
) -> Iterator[Pause]:
    """The pause that the clock stands still for as yet."""
    if clock.state == "paused":
        for since, ended_at in known:
            if ended_at is None and since < stop:
                yield since, stop


def _parted(start: datetime, stop: datetime, clock: Clock, pauses: list[Pause]) -> Iterator[Pause]:
    """The clock's time, parted where a pause begins or ends and at the deadline."""
    deadline = _deadline(clock)
    edges = {edge for pause in pauses for edge in pause}
    if deadline is not None:
        edges.add(deadline)
    inside = sorted(edge for edge in edges if start < edge < stop)
    at = start
    for edge in (*inside, stop):
        if edge > at:
            yield at, edge
            at = edge


def _pause_over(part: Pause, pauses: list[Pause]) -> Pause | None:
    return next((one for one in pauses if one[0] <= part[0] and part[1] <= one[1]), None)


def _by_days(part: Pause, calendar: WorkingCalendar, *, first: datetime) -> Iterator[Stretch]:
    """One stretch for each reason; what lies too long after the first day, in one."""
    lower, upper = instant_of(part[0]), instant_of(part[1])
    told_to = _midnight(_day_of(instant_of(first), calendar) + DAYS_TOLD_MAX, calendar)
    if lower < told_to:
        yield from _day_by_day(lower, min(upper, told_to), calendar)
    if told_to < upper:
        begin = max(lower, told_to)
        yield Stretch(
            start=moment_of(begin),
            end=moment_of(upper),
            why="days-joined",
            counted=timedelta(microseconds=worked_micros(begin, upper, calendar)),
        )


def _day_by_day(lower: int, upper: int, calendar: WorkingCalendar) -> Iterator[Stretch]:
    reasons = DayReasons(calendar.calendar)
    spans = calendar.days.between(lower, upper)
    starts = [start for start, _ in spans]
    edges = sorted({edge for span in spans for edge in span} | {lower, upper})
    for begin, end in _cut_at_midnights(edges, calendar):
        i = bisect_right(starts, begin) - 1
        works = i >= 0 and begin < spans[i][1]
        day = date.fromordinal(_day_of(begin, calendar))
        yield _of_a_day((begin, end), reasons.of(day), works=works)


def _cut_at_midnights(edges: list[int], calendar: WorkingCalendar) -> Iterator[Span]:
    for begin, end in pairwise(edges):
        at = begin
        while at < end:
            night = _midnight(_day_of(at, calendar) + 1, calendar)
            upto = min(end, night) if night > at else end
            yield at, upto
            at = upto


def _day_of(instant: int, calendar: WorkingCalendar) -> int:
    """The date by whose hours the instant is counted: the last that has begun by then."""
    day = EPOCH_ORDINAL + (instant + calendar.clock.offset(instant)) // DAY_MICROS
    while _midnight(day + 1, calendar) <= instant:
        day += 1
    while _midnight(day, calendar) > instant:
        day -= 1
    return day


def _midnight(day: int, calendar: WorkingCalendar) -> int:
    return calendar.clock.instant((day - EPOCH_ORDINAL) * DAY_MICROS)


def _of_a_day(span: Span, day: DayReason, *, works: bool) -> Stretch:
    start, end = moment_of(span[0]), moment_of(span[1])
    if works:
        other = day.kind == "other-hours"
        return Stretch(
            start=start,
            end=end,
            why="other-hours" if other else "working-hours",
            counted=end - start,
            reason=day.reason if other else None,
        )
    closed = day.kind if day.kind not in ("week", "other-hours") else "outside-hours"
    return Stretch(start=start, end=end, why=closed, reason=day.reason, estimated=day.estimated)


def _joined(told: Iterable[Stretch], deadline: datetime | None) -> Iterator[Stretch]:
    """Neighbours that say the same are one, but at the deadline."""
    last: Stretch | None = None
    for one in told:
        if last is not None and one.start != deadline and _same(last, one):
            last = replace(last, end=one.end, counted=last.counted + one.counted)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _same(one: Stretch, other: Stretch) -> bool:
    return (one.why, one.reason, one.estimated, one.wait, one.counts) == (
        other.why,
        other.reason,
        other.estimated,
        other.wait,
        other.counts,
    )
