"""A misspelt key, or file, is never silently without effect."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.policy.load import load
from services.policy.problems import PolicyError
from tests.policy.files import FILES, written

UNKNOWN = "misspelt: 1"


def spoilt(text: str) -> Iterator[tuple[int, str]]:
    """The text with an unknown key in each of its mappings, and beside each key; and its line."""
    lines = text.splitlines()
    for n, line in enumerate(lines):
        before, after = lines[:n], lines[n + 1 :]
        if re.match(r" *[\w-]+:", line):
            indent = line[: len(line) - len(line.lstrip())]
            yield n + 1, "\n".join([*before, indent + UNKNOWN, line, *after])
        for opening in re.finditer(r"\{(?=\w[^}]*:)", line):
            inner = f"{line[: opening.end()]}{UNKNOWN}, {line[opening.end() :]}"
            yield n + 1, "\n".join([*before, inner, *after])


@pytest.mark.parametrize("name", FILES)
def test_an_unknown_key_is_named_wherever_it_stands(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path)
    tried = 0
    for line, text in spoilt(FILES[name]):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        tried += 1
        with pytest.raises(PolicyError) as found:
            load(folder)
        named = [
            one for one in found.value.problems if one.line == line and "misspelt" in one.field
        ]
        assert named, (line, text, str(found.value))
    assert tried >= 2


@pytest.mark.parametrize("name", ["clock.yaml", "holidays.yml", "calendar.yml"])
def test_a_file_of_an_unknown_name_is_an_error(tmp_path: Path, name: str) -> None:
    (written(tmp_path) / name).write_text("holding: 2 working days\n", encoding="utf-8")

    with pytest.raises(PolicyError, match=f"{name}: is none of a policy's files"):
        load(tmp_path)


def test_what_is_no_policy_file_may_lie_beside_them(tmp_path: Path) -> None:
    (written(tmp_path) / "README.md").write_text("why", encoding="utf-8")
    (tmp_path / "import.yaml").write_text("system: former\n", encoding="utf-8")

    assert load(tmp_path).municipality == "testshahr"
