"""Reads a mapping file and names all that is wrong in it, by file, line and field."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from schemas.policy import Policy
from schemas.vocabulary import CHANNELS, CLOSING_REASONS, Municipality
from services.importing.mapping import (
    ImportMapping,
    PlaceColumns,
    ReporterColumns,
    Text,
    Times,
    Values,
)
from services.policy.document import Section, read
from services.policy.problems import Problems
from services.policy.zones import known_zone

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1256", "iso-8859-1", "iso-8859-6")
VERDICTS = ("met", "missed")
ANY = "*"

FindPolicy = Callable[[Municipality], Policy | None]


def read_mapping(path: Path, find_policy: FindPolicy) -> ImportMapping:
    """The mapping, held against the policy of its municipality. Raises `PolicyError`."""
    problems = Problems()
    file = read(path.parent, path.name, problems)
    problems.raise_if_any()
    municipality = Municipality(file.required_text("municipality"))
    policy = find_policy(municipality)
    if municipality and policy is None:
        file.wrong("municipality", "has no published policy")
    mapping = _mapping(file, municipality, policy)
    problems.raise_if_any()
    assert mapping is not None, "what is missing is a problem"
    return mapping


def _mapping(
    file: Section, municipality: Municipality, policy: Policy | None
) -> ImportMapping | None:
    departments = None if policy is None else {one.department for one in policy.departments}
    categories = None if policy is None else {one.category for one in policy.categories}
    form = file.section("file", optional=True)
    closing = file.section("closing", optional=True)
    times = _times(file.section("times"))
    mapping = ImportMapping(
        municipality=municipality,
        system=_system(file, policy),
        encoding=_one_of(form, "encoding", ENCODINGS, "utf-8"),
        delimiter=_delimiter(form),
        reference=file.required_text("reference"),
        text=_text(file.section("text")),
        # Where there is none a problem was found, and nobody is given the mapping.
        times=times or Times(zone=ZoneInfo("UTC"), formats=()),
        opened_at=file.required_text("opened_at"),
        channel=_values(file.section("channel"), CHANNELS, "channel"),
        department=_values(file.section("department"), departments, "department"),
        category=_values(file.section("category"), categories, "category"),
        deadline=file.text("deadline", None),
        closed_at=closing.required_text("at") if closing.values else None,
        without_action=_optional(closing, "without_action", CLOSING_REASONS, "reason"),
        place=_place(file.section("place", optional=True)),
        reporter=_reporter(file.section("reporter", optional=True)),
        verdict=_optional(file, "verdict", VERDICTS, "verdict"),
    )
    for section in (form, closing, file):
        section.close()
    return mapping


def _system(file: Section, policy: Policy | None) -> str:
    system = file.required_text("system")
    if system and policy is not None and system not in {one.system for one in policy.imports}:
        file.wrong("system", f"is not among the imports of the policy in force ({policy.version})")
    return system


def _one_of(section: Section, key: str, known: Collection[str], default: str) -> str:
    text = section.text(key, default)
    if text is not None and text not in known:
        section.wrong(key, f"is to be one of {', '.join(known)}")
    return text or default


def _delimiter(form: Section) -> str:
    text = form.text("delimiter", ",") if form.values.get("delimiter") != "\t" else "\t"
    if text is not None and (len(text) != 1 or text in '"\n\r '):
        form.wrong("delimiter", "is to be one character, and neither a quote nor a space")
    return text or ","


def _text(section: Section) -> Text:
    columns = tuple(
        str(one) for one in section.items("columns", optional=False) if isinstance(one, str)
    )
    if not columns:
        section.wrong("columns", "is to be a list of one column or more")
    joined_by = section.text("joined_by", " / ") or " / "
    section.close()
    return Text(columns=columns, joined_by=joined_by)


def _times(section: Section) -> Times | None:
    zone = section.required_text("zone")
    formats = tuple(str(one) for one in section.items("formats", optional=False))
    if not formats:
        section.wrong("formats", 'is to be a list like ["%m/%d/%Y %H:%M:%S"] or [iso]')
    section.close()
    try:
        return Times(zone=ZoneInfo(known_zone(zone)), formats=formats) if zone else None
    except ValueError as error:
        section.wrong("zone", str(error))
        return None


def _values(section: Section, known: Collection[str] | None, what: str) -> Values[Any]:
    """The value map of a column; each of its values is known to the policy."""
    listed = section.section("values")
    exact: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for key in listed.values:
        value = listed.required_text(key)
        if value and known is not None and value not in known:
            listed.wrong(key, f'there is no {what} "{value}"')
        found, name = (prefixes, str(key)[:-1]) if str(key).endswith(ANY) else (exact, str(key))
        found[name] = value
    otherwise = section.text("otherwise", None)
    if otherwise is not None and known is not None and otherwise not in known:
        section.wrong("otherwise", f'there is no {what} "{otherwise}"')
    values = Values(
        column=section.required_text("column"),
        exact=exact,
        prefixes=tuple(sorted(prefixes.items(), key=lambda one: -len(one[0]))),
        otherwise=otherwise,
    )
    section.close()
    return values


def _optional(section: Section, key: str, known: Collection[str], what: str) -> Values[Any] | None:
    found = section.section(key, optional=True)
    return _values(found, known, what) if found.values else None


def _place(section: Section) -> PlaceColumns:
    columns = PlaceColumns(
        address=section.text("address", None),
        district=section.text("district", None),
        lat=section.text("lat", None),
        lon=section.text("lon", None),
        nowhere=frozenset(_points(section)),
    )
    if (columns.lat is None) != (columns.lon is None):
        section.wrong("lat" if columns.lat else "lon", "lat and lon go together")
    section.close()
    return columns


def _points(section: Section) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for point in section.items("nowhere"):
        match point:
            case [int() | float() as lat, int() | float() as lon]:
                found.append((float(lat), float(lon)))
            case _:
                section.wrong("nowhere", "is to be a list of points like [42.3594, -71.0587]")
    return found


def _reporter(section: Section) -> ReporterColumns:
    columns = ReporterColumns(
        name=section.text("name", None),
        phone=section.text("phone", None),
        email=section.text("email", None),
    )
    section.close()
    return columns
