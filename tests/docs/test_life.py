"""The page of a case's life: drawn from the core, and nobody is left out of its words."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.vocabulary import DEEDS, ROLES
from services.command.schemas import app
from services.contract import life
from streams.core.permissions import MAY
from streams.core.refusal import CODES, PERSIAN_WORDS, SENTENCES
from streams.core.transitions import STATES, STEPS, TRANSITIONS

PAGE = (Path(__file__).parents[2] / "docs" / "life.md").read_text(encoding="utf-8")
ARROW = re.compile(r"^  (\w+) --> (\w+): (.+)$", re.MULTILINE)


def rows(table: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_step_to_another_state_is_an_arrow_and_every_arrow_is_such_a_step() -> None:
    drawn = {
        (before.replace("_", "-"), after.replace("_", "-"), label.replace(" ", "-"))
        for before, after, labels in ARROW.findall(life.states())
        for label in labels.split(", ")
    }
    moves = {
        (before, after, step.split(".")[1])
        for before, allowed in TRANSITIONS.items()
        for step, after in allowed.items()
        if before not in {after, "unknown"}
    }
    linked = {before for before, after, _ in moves if after == "linked"}

    assert drawn == moves | {("linked", before, "unlinked") for before in linked}


def test_each_cell_of_the_steps_is_where_the_step_leads() -> None:
    for step, (name, *cells) in zip(STEPS, rows(life.steps()), strict=True):
        ends = [TRANSITIONS[state].get(step) for state in STATES]
        assert name == f"`{step.split('.')[1]}`"
        assert [bool(cell) for cell in cells] == [end is not None for end in ends]
        for state, cell, end in zip(STATES, cells, ends, strict=True):
            if cell not in {"", "stays", "as it was"}:
                assert cell == str(end).replace("-", " ")
                assert state != end
            assert (cell == "stays") == (state == end and step != "case.unlinked.v1")


def test_each_cell_of_the_deeds_is_what_that_role_may() -> None:
    for deed, (name, *cells) in zip(DEEDS, rows(life.deeds()), strict=True):
        assert name == f"`{deed}`"
        assert cells == [MAY[role].get(deed, "") for role in ROLES]


def test_each_code_stands_with_both_its_sentences() -> None:
    assert rows(life.refusals()) == [
        [f"`{code}`", SENTENCES[code].english, SENTENCES[code].persian] for code in CODES
    ]


@pytest.mark.parametrize("state", STATES[1:])
def test_of_every_state_the_page_says_who_acts_and_by_which_clock(state: str) -> None:
    head, _, table = PAGE.partition("| state | who acts |")
    first = [cells[0] for cells in rows(f"|{table.partition('##')[0].strip()}")]

    named = f"{state.replace('-', ' ')} ({PERSIAN_WORDS[state]})"

    assert head
    assert any(named in cell for cell in first), named


def test_a_page_that_is_not_what_the_code_says_fails(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "life.md"
    page.write_text(PAGE.replace("| `confirmed` | any |", "| `confirmed` |  |", 1))

    done = CliRunner().invoke(app, ["check", "--root", str(tmp_path)])

    assert done.exit_code == 1
    assert "stale: docs/life.md" in done.output
