"""What each released version promised, frozen in a folder, and whether it is still kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas import codec, examples, inventory
from schemas.compatibility import breaks
from schemas.table_compatibility import metric_breaks, setting_breaks, topic_breaks
from services.contract.files import as_text

TABLES = {
    "topics.json": topic_breaks,
    "metrics.json": metric_breaks,
    "settings.json": setting_breaks,
}


class AlreadyReleasedError(ValueError):
    """The version has a folder; a released version is never written again."""


def release(folder: Path, version: str) -> Path:
    """Freezes what the code promises now as `version`, with example records of every type."""
    place = folder / version
    if place.exists():
        raise AlreadyReleasedError(f"version {version} is released already: {place} exists")
    for name, document in inventory.promised().items():
        _write(place / name, document)
    for name, values in examples.EXAMPLES.items():
        records = [json.loads(codec.encode(value)) for value in values]
        _write(place / "records" / f"{name}.json", records)
    return place


def broken(folder: Path) -> list[str]:
    """Every promise of a released version that the code no longer keeps, in words."""
    return [
        f"{place.name}: {words}"
        for place in sorted(one for one in folder.glob("*") if one.is_dir())
        for words in (*_types(place), *_tables(place), *_records(place))
    ]


def _types(place: Path) -> Iterator[str]:
    present = inventory.types()
    for path in sorted((place / "json").glob("*.json")):
        name = path.stem
        if name not in present:
            yield f"{name}: the type was removed; it can only get a successor"
            continue
        ours = name in inventory.READ_ONLY_BY_US
        found = breaks(_read(path), inventory.schema_of(name), read_only_by_us=ours)
        yield from (f"{name} {words}" for words in found)


def _tables(place: Path) -> Iterator[str]:
    promised = inventory.promised()
    for name, found in TABLES.items():
        yield from (f"{name} {words}" for words in found(_read(place / name), promised[name]))


def _records(place: Path) -> Iterator[str]:
    """A promise is kept when records of that time can be read, whatever the schemas say."""
    present = inventory.types()
    for path in sorted((place / "records").glob("*.json")):
        for number, record in enumerate(_read(path) if path.stem in present else ()):
            try:
                codec.decode(json.dumps(record), present[path.stem])
            except codec.UndecodableError as error:
                yield f"{path.stem}: its example record {number} is no longer readable: {error}"


def _read(path: Path) -> Any:  # noqa: ANN401  # any JSON
    return json.loads(path.read_text())


def _write(path: Path, document: Any) -> None:  # noqa: ANN401  # any JSON
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text(document))
