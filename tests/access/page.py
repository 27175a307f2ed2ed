"""The page that shows the access matrix, made of the tables that the tests hold the edge to."""

from collections.abc import Iterable
from pathlib import Path

from schemas.vocabulary import DEEDS, ROLES
from streams.core.permissions import MAY
from streams.core.refusal import PERSIAN_WORDS
from tests.access.routes import CALLERS, MAY_ASK, ROWS, WHOSE, reads

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
REACHES = {
    "own": "of its own department's cases",
    "below": "of those, and of those of the departments below it",
    "any": "of every case of the municipality",
    "theirs": "of what is theirs: of the case of the code, or that this channel brought",
}

TEXT = Path(__file__).with_suffix(".md")


def page() -> str:
    text = TEXT.read_text(encoding="utf-8")
    for name, table in _tables().items():
        text = text.replace(f"<!-- {name} -->", table)
    return text


def _tables() -> dict[str, str]:
    """What stands in the place of each mark of the text."""
    return {
        "routes": _table(
            ("route", *CALLERS),
            ((f"`{one.route}`", *(MAY_ASK[one.who][each] for each in CALLERS)) for one in ROWS),
        ),
        "reading": _table(
            ("a case", *CALLERS),
            ((whose, *(reads(each, whose) for each in CALLERS)) for whose in WHOSE),
        ),
        "deeds": _table(
            ("deed", *(f"{one} ({PERSIAN_WORDS[one]})" for one in ROLES)),
            ((f"`{did}`", *(MAY[one].get(did, "") for one in ROLES)) for did in DEEDS),
        ),
        "reaches": "\n".join(f"- *{reach}*: {words}." for reach, words in REACHES.items()),
    }


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    first = tuple(head)
    lines = (first, ("---",) * len(first), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
