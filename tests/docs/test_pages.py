"""The documentation: every link leads somewhere, every command exists, every reason is there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from schemas.settings import Settings
from services.command.composed import composed

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("schemas/**/*.md")])
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# A command in a code span or at the start of a line of a code block.
COMMAND = re.compile(
    r"(?:^|`)(?:\.venv/bin/)?peygir ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", re.MULTILINE
)
SETTING = re.compile(r"\bPEYGIR_[A-Z_]+[A-Z]")
# The door reads the one before there are settings, and a test reads the other.
OTHER_VARIABLES = {"PEYGIR_TRACEBACK", "PEYGIR_LIVES"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    dead = [link for link in _local_links(page) if not _leads_somewhere(page, link)]

    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_exists(page: Path) -> None:
    named = set(COMMAND.findall(page.read_text()))

    assert [words for words in sorted(named) if not _exists(words)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_named_exists(page: Path) -> None:
    known = {f"PEYGIR_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES

    assert set(SETTING.findall(page.read_text())) <= known


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE))

    assert named
    assert named <= targets


def test_every_decision_record_is_listed() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text()

    assert [record.name for record in RECORDS if f"({record.name})" not in index] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_decision_record_has_its_four_parts_on_one_page(record: Path) -> None:
    text = record.read_text()

    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [
        "What we knew",
        "What we decided",
        "What follows",
        "When we would change our mind",
    ]
    assert len(text.split()) <= 900


def test_every_dependency_has_its_reason_and_every_reason_its_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["tracing"], *extras["dev"]]
    names = [re.split(r"[<>=\[ ]", one)[0] for one in wanted]
    page = (ROOT / "docs" / "adr" / "0005-dependencies.md").read_text()

    reasons = re.findall(r"^\| `([^`]+)` \| (.+) \|$", page, re.MULTILINE)

    assert sorted(name for name, _ in reasons) == sorted(names)
    assert all(len(reason) > 10 for _, reason in reasons)


def test_every_word_of_the_glossary_has_one_meaning() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
        (ROOT / "docs" / "glossary.md").read_text(),
        re.MULTILINE,
    )[2:]
    words = [english for english, _, _ in rows]

    assert len(words) == len(set(words)) > 40
    assert all(re.search("[آ-ی]", persian) for _, persian, _ in rows)


def _local_links(page: Path) -> Iterator[str]:
    for link in LINK.findall(page.read_text()):
        if not link.startswith(("http://", "https://", "mailto:")):
            yield link


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not heading or heading in _anchors(target)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def _exists(words: str) -> bool:
    """Whether the words begin with a command; the rest may be its arguments."""
    command: object = typer.main.get_command(composed())
    for number, word in enumerate(words.split()):
        below = getattr(command, "commands", None)
        if below is None:
            return number > 0
        if word not in below:
            return False
        command = below[word]
    return True
