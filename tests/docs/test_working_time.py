"""The page about working time: what it shows is what the command answers."""

import re
from pathlib import Path

from services.calculator.answers import answer

PAGE = Path(__file__).parents[2] / "docs" / "working-time.md"
BLOCK = re.compile(r"```jsonl\n(.*?)```", re.DOTALL)


def test_the_questions_of_the_page_have_the_answers_that_it_shows() -> None:
    questions, answers = BLOCK.findall(PAGE.read_text(encoding="utf-8"))

    assert b"".join(answer(line) for line in questions.encode().splitlines()).decode() == answers
