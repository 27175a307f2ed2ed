"""What a case may go through and how it ends, read from life.yaml."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from schemas.policy import BodyPolicy, Budget, CategoryPolicy, DuplicatePolicy
from schemas.vocabulary import SHOWN, Body, Category, Department, PauseReason, Shown
from services.policy import districts
from services.policy.budgets import read_budget, read_optional
from services.policy.departments import is_id
from services.policy.document import Section
from services.policy.draft import Life
from services.policy.durations import Work

TRANSFERS_MAX = 3
TRANSFERS_MAX_MOST = 20
METRES_MOST = 1_000
SETTLING_SECONDS_MOST = 3_600
# Two reports a month apart are of two things, or of one that was not done.
WITHIN_SECONDS_MOST = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the file refers to. `work` is the municipality's, whose working days count here."""

    categories: Mapping[Category, CategoryPolicy]
    works: Mapping[Department, Work]
    work: Work
    pauses: Collection[str]
    centre: str


def read_life(file: Section, around: Around) -> Life:
    """All of it but what a resolution is shown by; where the file is not there, what is usual."""
    dispute_within = read_optional(file, "dispute_within", around.work)
    silence = read_optional(file, "silence", around.work)
    if dispute_within is not None and silence is not None and _longer(silence, dispute_within):
        file.wrong("silence", "is longer than the citizen may dispute")
    where = districts.Around(categories=around.categories, works=around.works, centre=around.centre)
    return Life(
        bodies=tuple(_bodies(file.section("bodies", optional=True), around.pauses)),
        districts=districts.read_districts(file, where),
        transfers_max=file.integer(
            "transfers_max", TRANSFERS_MAX, least=1, most=TRANSFERS_MAX_MOST
        ),
        dispute_within=dispute_within,
        silence=silence,
        duplicates=_duplicates(file, around.work),
    )


def with_shown(file: Section, categories: tuple[CategoryPolicy, ...]) -> tuple[CategoryPolicy, ...]:
    """The categories with what their resolution has to be shown by.

    What is usual is for problem reports: a question that was answered needs no photo.
    """
    usual = _shown(file, "shown_usually") if "shown_usually" in file.values else ()
    named = file.section("shown", optional=True)
    known = {one.category for one in categories}
    for code in named.values:
        if code not in known:
            named.wrong(code, "there is no such category")
    own = {Category(code): _shown(named, code) for code in named.values if code in known}
    return tuple(
        replace(one, shown=own.get(one.category, usual if one.problem_report else ()))
        for one in categories
    )


def _shown(section: Section, key: str) -> tuple[Shown, ...]:
    found = section.items(key, optional=False)
    for one in found:
        if one not in SHOWN:
            section.wrong(key, f'"{one}" is none of {", ".join(SHOWN)}')
        elif found.count(one) > 1:
            section.wrong(key, f'"{one}" occurs twice')
    return tuple(one for one in SHOWN if one in cast("list[str]", found))


def _bodies(listed: Section, pauses: Collection[str]) -> Iterator[BodyPolicy]:
    for name, section in listed.sections():
        if not is_id(name):
            listed.wrong(name, "an id is lower-case letters and hyphens")
        pause = section.text("pause", None)
        if pause is not None and pause not in pauses:
            section.wrong("pause", f'clocks.yaml has no reason "{pause}" to pause for')
        yield BodyPolicy(
            body=Body(name),
            title_fa=section.required_text("title_fa"),
            title_en=section.required_text("title_en"),
            contact=section.required_text("contact"),
            pause=None if pause is None else PauseReason(pause),
        )
        section.close()


def _longer(silence: Budget, dispute_within: Budget) -> bool:
    """Whether it surely is: so much working time takes at least as much real time."""
    if dispute_within.working_time and not silence.working_time:
        return False
    return silence.seconds > dispute_within.seconds


def _duplicates(file: Section, work: Work) -> DuplicatePolicy | None:
    section = file.section("duplicates", optional=True)
    if not section.values:
        return None
    within = read_budget(section, "within", work)
    if within is not None and within.working_time:
        section.wrong("within", "is to run round the clock: people report what they see at night")
    elif within is not None and within.seconds > WITHIN_SECONDS_MOST:
        section.wrong("within", f"is more than {WITHIN_SECONDS_MOST // 86_400} days")
    metres_max = section.integer("metres_max", least=1, most=METRES_MOST)
    settling = section.integer("settling_seconds", least=1, most=SETTLING_SECONDS_MOST)
    section.close()
    if within is None:
        return None
    return DuplicatePolicy(metres_max=metres_max, within=within, settling_seconds=settling)
