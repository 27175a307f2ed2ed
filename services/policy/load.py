"""A city's policy files, read and validated as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from schemas.policy import (
    AdapterPolicy,
    BudgetRule,
    CategoryPolicy,
    DepartmentPolicy,
    ImportPolicy,
    PausePolicy,
)
from schemas.vocabulary import CHANNELS, Category, Channel, Department, Municipality
from services.policy.calendars import read_calendars
from services.policy.categories import Around, read_categories
from services.policy.departments import Usual, is_id, read_departments
from services.policy.document import Section, read
from services.policy.draft import CalendarDraft, Draft, Life
from services.policy.life import Around as AroundLife
from services.policy.life import read_life, with_shown
from services.policy.pauses import read_pauses
from services.policy.problems import Problems
from services.policy.rules import Owners, read_rules
from services.policy.words import read_words
from streams.core.evidence import PLACE_WORDS_MAX
from streams.core.text import tokens

FILES = ("municipality", "departments", "categories", "words", "calendar")
CLOCKS = "clocks"
LIFE = "life"
IMPORT = "import"
OPTIONAL = (CLOCKS, LIFE)
LANGUAGES = ("fa", "en")
IMPORT_TIMES = ("claimed", "recorded")


def load(folder: Path) -> Draft:
    """The policy of a folder. Raises `PolicyError` with all that is wrong."""
    problems = Problems()
    files = {name: read(folder, f"{name}.yaml", problems) for name in FILES}
    for name in OPTIONAL:
        files[name] = read(folder, f"{name}.yaml", problems, optional=True)
    _check_files(folder, problems)
    # What a file that cannot be read would say is unknown, so nothing else is held against it.
    problems.raise_if_any()
    draft = _draft(files["municipality"], _parts(files))
    problems.raise_if_any()
    return draft


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What the files beside municipality.yaml say."""

    departments: tuple[DepartmentPolicy, ...]
    categories: tuple[CategoryPolicy, ...]
    calendar_id: str
    calendars: tuple[CalendarDraft, ...]
    budgets: tuple[BudgetRule, ...]
    pauses: tuple[PausePolicy, ...]
    life: Life


def _parts(files: Mapping[str, Section]) -> _Parts:
    clocks, life = files[CLOCKS], files[LIFE]
    calendar_id, calendars = read_calendars(files["calendar"])
    usual = Usual(
        works={one.calendar_id: one.work for one in calendars}, calendar=calendar_id, clocks=clocks
    )
    departments = read_departments(files["departments"], usual)
    works = {one.department: usual.work(one.calendar_id) for one in departments}
    around = Around(
        departments={one.department: one for one in departments},
        works=works,
        words=read_words(files["words"]),
    )
    categories = read_categories(files["categories"], around)
    _check_words(files["words"], categories)
    owners = Owners(
        categories={one.category: one for one in categories}, works=works, work=usual.work(None)
    )
    parts = _Parts(
        departments=departments,
        categories=with_shown(life, categories),
        calendar_id=calendar_id,
        calendars=calendars,
        budgets=read_rules(clocks, owners),
        pauses=read_pauses(clocks, usual.work(None)),
        life=read_life(life, _around_life(files, owners)),
    )
    clocks.close()
    life.close()
    return parts


def _around_life(files: Mapping[str, Section], owners: Owners) -> AroundLife:
    centre = files["municipality"].section("centre").text("department")
    pauses = files[CLOCKS].section("pauses", optional=True)
    return AroundLife(
        categories=owners.categories,
        works=owners.works,
        work=owners.work,
        # Also a reason with a mistake is one: that is said where it stands.
        pauses={str(reason) for reason in pauses.values},
        centre=centre or "",
    )


def _check_files(folder: Path, problems: Problems) -> None:
    """A file whose name nobody knows must not be silently without effect."""
    known = {*FILES, *OPTIONAL, IMPORT}
    for path in sorted(folder.iterdir()):
        if path.suffix in {".yaml", ".yml"} and (path.stem not in known or path.suffix == ".yml"):
            problems.add(
                path.name, 0, "", f"is none of a policy's files: {', '.join(sorted(known))}"
            )


def _check_words(file: Section, categories: tuple[CategoryPolicy, ...]) -> None:
    known = {str(one.category) for one in categories}
    for code in file.values:
        if code not in known:
            file.wrong(code, "there is no such category")


def _draft(file: Section, parts: _Parts) -> Draft:
    municipality = file.required_text("municipality")
    if municipality and not is_id(municipality):
        file.wrong("municipality", "an id is lower-case letters and hyphens")
    language = file.required_text("language")
    if language and language not in LANGUAGES:
        file.wrong("language", f"is to be one of {', '.join(LANGUAGES)}")
    centre = file.section("centre")
    draft = Draft(
        municipality=Municipality(municipality),
        title_fa=file.required_text("title_fa"),
        title_en=file.required_text("title_en"),
        language=language,
        centre=Department(centre.required_text("department")),
        centre_category=Category(centre.required_text("category")),
        departments=parts.departments,
        categories=parts.categories,
        calendar_id=parts.calendar_id,
        calendars=parts.calendars,
        adapters=tuple(_adapters(file)),
        place_words=tuple(_place_words(file)),
        imports=tuple(_imports(file)),
        budgets=parts.budgets,
        pauses=parts.pauses,
        life=parts.life,
    )
    _check_centre(centre, draft)
    _check_names(file, draft)
    centre.close()
    file.close()
    return draft


def _check_centre(section: Section, draft: Draft) -> None:
    """What is doubted must reach the centre, so its category has to be the centre's."""
    owners = {one.category: one.department for one in draft.categories}
    if draft.centre and draft.centre not in {one.department for one in draft.departments}:
        section.wrong("department", f'there is no department "{draft.centre}"')
    if draft.centre_category and draft.centre_category not in owners:
        section.wrong("category", f'there is no category "{draft.centre_category}"')
    elif draft.centre_category and owners[draft.centre_category] != draft.centre:
        section.wrong("category", f"belongs to {owners[draft.centre_category]}")


def _adapters(file: Section) -> Iterator[AdapterPolicy]:
    for section in file.sections_of("adapters"):
        adapter = section.required_text("id")
        if adapter and (not is_id(adapter) or adapter in CHANNELS):
            section.wrong("id", "an id is lower-case letters and hyphens, and no channel's name")
        channel = section.required_text("channel")
        if channel and channel not in CHANNELS:
            section.wrong("channel", f"is to be one of {', '.join(CHANNELS)}")
        yield AdapterPolicy(
            adapter=adapter, channel=cast("Channel", channel), client=section.text("client", None)
        )
        section.close()


def _imports(file: Section) -> Iterator[ImportPolicy]:
    for section in file.sections_of("imports"):
        system = section.required_text("system")
        if system and not is_id(system):
            section.wrong("system", "an id is lower-case letters and hyphens")
        times = section.required_text("times")
        if times and times not in IMPORT_TIMES:
            section.wrong("times", f"is to be one of {', '.join(IMPORT_TIMES)}")
        yield ImportPolicy(system=system, times="claimed" if times == "claimed" else "recorded")
        section.close()


def _check_names(file: Section, draft: Draft) -> None:
    _check_once(file, "adapters", [one.adapter for one in draft.adapters])
    _check_once(file, "imports", [one.system for one in draft.imports])


def _check_once(file: Section, key: str, names: list[str]) -> None:
    for name in sorted({one for one in names if names.count(one) > 1}):
        file.wrong(key, f'the id "{name}" occurs twice')


def _place_words(file: Section) -> Iterator[str]:
    for word in file.items("place_words"):
        if isinstance(word, str) and 0 < len(tokens(word)) <= PLACE_WORDS_MAX:
            yield word
        else:
            file.wrong("place_words", f'"{word}" is not one to {PLACE_WORDS_MAX} words')
