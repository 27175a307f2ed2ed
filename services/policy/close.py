"""A policy closed into one value: zone rules as transitions, holidays as dates."""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import holidays

from schemas.calendar import Calendar, ClosedDate, OtherHours
from schemas.policy import Policy
from schemas.vocabulary import Municipality, PolicyVersion
from services.policy.draft import CalendarDraft, Draft, HolidayRule
from services.policy.other_hours import dates_of
from services.policy.zones import offset_changes

# Cases may be imported from years ago, and a promise may reach ten years ahead.
YEARS_BEHIND = 12
YEARS_AHEAD = 12
_ESTIMATED = ("تخمینی", "estimated")
_LANGUAGES = {"fa": "fa_IR", "en": "en_US"}


def close(draft: Draft, since: datetime) -> Policy:
    """The policy as it counts from `since` on. Equal files and years give an equal value."""
    since = since.astimezone(UTC).replace(microsecond=0)
    calendars = tuple(_calendar(one, draft.language, since.year) for one in draft.calendars)
    return Policy(
        version=version(draft.municipality, since),
        municipality=draft.municipality,
        since=since,
        title_fa=draft.title_fa,
        title_en=draft.title_en,
        language=draft.language,
        zone=next(one.zone for one in calendars if one.calendar_id == draft.calendar_id),
        centre=draft.centre,
        centre_category=draft.centre_category,
        departments=draft.departments,
        categories=draft.categories,
        calendar_id=draft.calendar_id,
        calendars=calendars,
        adapters=draft.adapters,
        place_words=draft.place_words,
        imports=draft.imports,
        budgets=draft.budgets,
        pauses=draft.pauses,
        bodies=draft.life.bodies,
        districts=draft.life.districts,
        transfers_max=draft.life.transfers_max,
        dispute_within=draft.life.dispute_within,
        silence=draft.life.silence,
        duplicates=draft.life.duplicates,
    )


def version(municipality: Municipality, since: datetime) -> PolicyVersion:
    """The version's name, which is also its key in the topic."""
    return PolicyVersion(f"{municipality}/{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


def same_content(one: Policy, other: Policy) -> bool:
    """Whether two versions decide the same."""
    return replace(one, version=other.version, since=other.since) == other


def _calendar(draft: CalendarDraft, language: str, year: int) -> Calendar:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = draft.week
    own = {closed.day for closed in draft.closed_dates}
    official = (one for one in _official(draft, language, year) if one.day not in own)
    closed = tuple(sorted((*draft.closed_dates, *official), key=lambda one: one.day))
    other = (*draft.other_hours, *_spans(draft, {one.day for one in closed}))
    return Calendar(
        calendar_id=draft.calendar_id,
        zone=draft.zone,
        offsets=offset_changes(draft.zone, year - YEARS_BEHIND, year + YEARS_AHEAD),
        monday=monday,
        tuesday=tuesday,
        wednesday=wednesday,
        thursday=thursday,
        friday=friday,
        saturday=saturday,
        sunday=sunday,
        closed_dates=closed,
        closed_annually=draft.closed_annually,
        other_hours=tuple(sorted(other, key=lambda one: one.day)),
    )


def _spans(draft: CalendarDraft, closed: Container[date]) -> Iterator[OtherHours]:
    """The dates of the spans: those on which there is work, and that have no hours of their own."""
    own = {one.day for one in draft.other_hours}
    annually = {(one.month, one.day) for one in draft.closed_annually}
    for span in draft.spans:
        for day in dates_of(span):
            without = day in own or day in closed or (day.month, day.day) in annually
            if not without and draft.week[day.weekday()]:
                hours = span.week[day.weekday()]
                yield OtherHours(day=day, hours=hours, reason=span.reason)


def _official(draft: CalendarDraft, language: str, year: int) -> Iterator[ClosedDate]:
    rule = draft.holidays
    if rule is None:
        return
    years = range(year - YEARS_BEHIND, year + rule.years_ahead + 1)
    for day, name in sorted(_library(rule, years, language).items()):
        if day not in rule.not_closed:
            yield ClosedDate(
                day=day, reason=name, estimated=any(mark in name for mark in _ESTIMATED)
            )


def _library(rule: HolidayRule, years: range, language: str) -> dict[date, str]:
    known = holidays.country_holidays(rule.country).supported_languages
    wanted = _LANGUAGES.get(language)
    return dict(
        holidays.country_holidays(
            rule.country,
            subdiv=rule.subdivision,
            years=years,
            language=wanted if wanted in known else None,
        ).items()
    )
