"""A small policy as files, to be spoilt one line at a time."""

from pathlib import Path

import pytest

from schemas.policy import Budget
from services.policy.load import load
from services.policy.problems import PolicyError

FILES = {
    "municipality": """\
municipality: testshahr
title_fa: شهرداری
title_en: Testshahr
language: en
centre:
  department: centre
  category: OTH-01
adapters:
  - id: sms-gateway
    channel: sms
place_words: [near, beside the]
""",
    "departments": """\
parks:
  title_fa: پارک‌ها
  title_en: Parks
  parent: centre
  contact: parks@testshahr.example
centre:
  title_fa: مرکز
  title_en: Centre
  contact: centre@testshahr.example
  calendar: always
""",
    "categories": """\
warn_percents: [50, 90]
first_response:
  round_the_clock: {urgent: 15 minutes, high: 1 hour, normal: 4 hours, low: 1 day}
  working_time:
    {urgent: 1 working hour, high: 2 working hours, normal: 4 working hours, low: 1 working day}
categories:
  GRN-01:
    title_fa: درخت
    title_en: Trees
    problem_report: true
    department: parks
    priority: normal
    location_required: true
    resolution: 2 working days
  OTH-01:
    title_fa: دیگر
    title_en: Other
    problem_report: true
    department: centre
    priority: normal
    location_required: false
    first_response: 30 minutes
    resolution: 8 hours
""",
    "words": """\
GRN-01:
  3: [tree, "branch|bough + broken|fallen / down"]
""",
    "clocks": """\
holding: 2 working days
escalation:
  - {role: head, after: 1 working hour}
  - {role: mayor, after: 1 working day}
pauses:
  waiting-for-citizen:
    title_fa: شهروند
    title_en: Waiting for the citizen
    longest: 5 working days
  weather:
    title_fa: هوا
    title_en: Weather
    longest: 48 hours
    clocks: [resolution]
budgets:
  - when: {channel: phone, category: GRN-01}
    first_response: 1 working hour
  - when: {priority: normal, problem_report: true}
    first_response: 20 minutes
  - when: {department: parks}
    resolution: 1 working day
""",
    "life": """\
transfers_max: 4
dispute_within: 30 days
silence: 5 working days
bodies:
  water:
    title_fa: آب
    title_en: Water company
    contact: water@testshahr.example
    pause: weather
  roads:
    title_fa: راه
    title_en: Roads authority
    contact: roads@testshahr.example
shown_usually: [note]
shown:
  OTH-01: [document, photo]
districts:
  - {district: 2, department: parks, goes_to: centre}
duplicates:
  metres_max: 60
  within: 3 days
  settling_seconds: 20
""",
    "calendar": """\
default: office
calendars:
  office:
    zone: Europe/Berlin
    working_day_hours: 6
    weekly:
      monday: [["13:00", "16:00"], ["09:00", "12:00"]]
      tuesday: [["09:00", "12:00"], ["13:00", "16:00"]]
      wednesday: []
      thursday: [["09:00", "24:00"]]
      friday: []
      saturday: []
      sunday: []
    holidays: {country: DE, years_ahead: 2, not_closed: [2026-12-26]}
    closed_dates: {2026-11-30: snow}
    closed_annually: {02-29: leap day}
    other_hours:
      2026-12-24: {hours: [["09:00", "11:00"]], reason: Christmas Eve}
  always:
    zone: Europe/Berlin
    weekly:
      monday: [["00:00", "24:00"]]
      tuesday: [["00:00", "24:00"]]
      wednesday: [["00:00", "24:00"]]
      thursday: [["00:00", "24:00"]]
      friday: [["00:00", "24:00"]]
      saturday: [["00:00", "24:00"]]
      sunday: [["00:00", "24:00"]]
""",
}


def written(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """The files in a folder, each change (file, old, new) made once."""
    texts = dict(FILES)
    for name, old, new in changes:
        assert old in texts[name], old
        texts[name] = texts[name].replace(old, new, 1)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    """What is said of the policy in a folder that must not load."""
    with pytest.raises(PolicyError) as found:
        load(folder)
    return [str(one) for one in found.value.problems]


def working(hours: float) -> Budget:
    return Budget(seconds=round(hours * 3_600), working_time=True)


def real(hours: float) -> Budget:
    return Budget(seconds=round(hours * 3_600), working_time=False)
