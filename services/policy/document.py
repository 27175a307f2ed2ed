"""A YAML file as sections whose every value knows its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from services.policy.problems import Problems

FILE_BYTES_MAX = 1024 * 1024
_ABSENT: Any = object()
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a section stands: its file, its path from the top, the line of its key."""

    file: str
    path: str = ""
    line: int = 1


class Section:
    """A mapping of a file. What is wrong is added to the problems, and reading goes on."""

    def __init__(self, values: CommentedMap, place: "Place", problems: Problems) -> None:
        self.values = values
        self.file = place.file
        self.path = place.path
        self._own_line = place.line
        self.problems = problems
        self._asked: set[Any] = set()

    def text(self, key: str, default: str | None = _ABSENT) -> str | None:
        """A word or sentence; `None` only where the default is or a problem was found."""
        value = self._value(key, default)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.wrong(key, f"is to be a text, not {_shown(value)}")
        return None

    def required_text(self, key: str) -> str:
        """A text that must be there; empty when a problem was found."""
        return self.text(key) or ""

    def flag(self, key: str) -> bool:
        value = self._value(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, f"is to be true or false, not {_shown(value)}")
        return value is True

    def optional_flag(self, key: str) -> bool | None:
        """True or false; `None` where neither is said, or a problem was found."""
        return None if self._value(key, None) is None else self.flag(key)

    def integer(self, key: str, default: int = _ABSENT, *, least: int, most: int) -> int:
        """A whole number; the default, else the least, where a problem was found."""
        value = self._value(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return int(value)
        if value is not None:
            self.wrong(key, f"is to be a whole number from {least} to {most}, not {_shown(value)}")
        return least if default is _ABSENT else default

    def name(self, key: str) -> str:
        """A name that may be a number, as a district's; empty when a problem was found."""
        value = self._value(key)
        return str(value) if type(value) is int else self.required_text(key)

    def section(self, key: Any, *, optional: bool = False) -> "Section":  # noqa: ANN401
        """The mapping under the key; an empty one where there is none."""
        value = self._value(key, None if optional else _ABSENT)
        if value is not None and not isinstance(value, CommentedMap):
            self.wrong(key, "is to be a mapping, key: value")
            value = None
        inner = CommentedMap() if value is None else value
        return Section(inner, Place(self.file, self._under(key), self.line(key)), self.problems)

    def items(self, key: Any, *, optional: bool = True) -> list[Any]:  # noqa: ANN401
        """The list under the key; an empty one where there is none."""
        value = self._value(key, None if optional else _ABSENT)
        if value is not None and not isinstance(value, CommentedSeq):
            self.wrong(key, "is to be a list")
            return []
        return [] if value is None else list(value)

    def sections_of(self, key: str) -> Iterator["Section"]:
        """The mappings of the list under the key."""
        for n, item in enumerate(self.items(key)):
            path = f"{self._under(key)}[{n}]"
            if isinstance(item, CommentedMap):
                line = int(item.lc.line) + 1
                yield Section(item, Place(self.file, path, line), self.problems)
            else:
                self.problems.add(self.file, self.line(key), path, "is to be a mapping")

    def sections(self) -> Iterator[tuple[str, "Section"]]:
        """Every mapping in this one, by its name."""
        for key in self.values:
            yield str(key), self.section(key)

    def line(self, key: Any) -> int:  # noqa: ANN401
        """The line of a key, else that of the section."""
        try:
            return int(self.values.lc.key(key)[0]) + 1
        except (KeyError, TypeError):
            return self._own_line

    def wrong(self, key: Any, words: str) -> None:  # noqa: ANN401
        self.problems.add(self.file, self.line(key), self._under(key), words)

    def close(self) -> None:
        """Says which keys nobody knows: a misspelt one must not be silently without effect."""
        for key in self.values:
            if key not in self._asked:
                self.wrong(key, "is not a key of this section")

    def _value(self, key: Any, default: Any = _ABSENT) -> Any:  # noqa: ANN401
        self._asked.add(key)
        value = self.values.get(key)
        if value is not None:
            return value
        if default is _ABSENT:
            self.wrong(key, "is missing")
            return None
        return default

    def _under(self, key: Any) -> str:  # noqa: ANN401
        return f"{self.path}.{key}" if self.path else str(key)


def read(folder: Path, name: str, problems: Problems, *, optional: bool = False) -> Section:
    """The file as a section; an empty one, with its problem, where it cannot be read."""
    values = CommentedMap()
    if optional and not (folder / name).exists():
        return Section(values, Place(name), problems)
    try:
        values = _values(folder / name)
    except _UnreadableError as error:
        problems.add(name, error.line, "", str(error))
    return Section(values, Place(name), problems)


class _UnreadableError(ValueError):
    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.line = line


def _values(path: Path) -> CommentedMap:
    try:
        raw = path.read_bytes()
        if len(raw) > FILE_BYTES_MAX:
            raise _UnreadableError(f"is larger than {FILE_BYTES_MAX} bytes")
        text = raw.decode("utf-8")
        _check_dates(text)
        values = YAML().load(text)
    except OSError as error:
        raise _UnreadableError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _UnreadableError("is not UTF-8") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        said = str(error.problem or "is not YAML").splitlines()[0].strip()
        raise _UnreadableError(said, line) from error
    except YAMLError as error:
        raise _UnreadableError(f"is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(values, CommentedMap):
        raise _UnreadableError("is to be a mapping, key: value", 1)
    return values


def _check_dates(text: str) -> None:
    """A date that does not exist would be a failure of the reader, without a line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for written in _DATE.findall(line.split("#", 1)[0]):
            try:
                date.fromisoformat(written)
            except ValueError as error:
                raise _UnreadableError(f"there is no date {written}", number) from error


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"  # noqa: PLR2004
