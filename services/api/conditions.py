"""What a caller asked for and may see, as SQL conditions with their parameters."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.api.query import SHORT_WORD, CaseQuery
from services.http.client import Client
from streams.core.ids import read_tracking_code
from streams.core.text import tokens

ANY_OF = (
    "municipality",
    "department",
    "state",
    "channel",
    "category",
    "district",
    "priority",
    "verdict",
    "parent",
)
# Plain conditions, not parameters: one may be an index's own.
TRUTHS = {
    "problem_report": ("c.problem_report", "not c.problem_report"),
    "historical": ("c.historical", "not c.historical"),
    "waiting": ("c.waiting_for is not null", "c.waiting_for is null"),
}
TIMES = {
    "due_before": "c.due_at < {}",
    "submitted_from": "c.submitted_at >= {}",
    "submitted_to": "c.submitted_at < {}",
    "recorded_from": "c.recorded_at >= {}",
    "recorded_to": "c.recorded_at < {}",
}
LATE = "c.due_at < {}"
# As it is indexed: the spaces around make whole words of the first and the last.
WORDS = "(' ' || w.words || ' ')"


@dataclass(slots=True)
class Conditions:
    """Conditions on `cases c`, all of which hold. Each `{}` is the place of a parameter."""

    parts: list[str] = field(default_factory=list[str])
    values: list[Any] = field(default_factory=list[Any])
    source: str = "projection.cases c"
    words: str = "true"
    """What is said, apart from the rest: it is looked up for each case that the rest leaves."""

    def among(self, case_ids: list[str]) -> None:
        """Leaves these cases alone, which are looked up one by one."""
        ids = self.place(case_ids)
        self.source = f"unnest({ids}::text[]) as f (id) join projection.cases c on c.case_id = f.id"

    def add(self, condition: str, *values: object) -> None:
        self.parts.append(condition.format(*(self.place(value) for value in values)))

    def place(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def copy(self) -> "Conditions":
        return Conditions(list(self.parts), list(self.values), self.source, self.words)

    @property
    def sql(self) -> str:
        return " and ".join(self.parts) or "true"


def visible(client: Client) -> Conditions:
    """What the key may see; what it may not see is as unknown as what is not there."""
    found = Conditions()
    if client.may_read_all:
        return found
    either = []
    if client.municipalities:
        either.append(f"c.municipality = any({found.place(sorted(client.municipalities))}::text[])")
    for where, who in sorted(client.departments):
        either.append(
            f"c.department = {found.place(who)} and c.municipality = {found.place(where)}"
        )
    found.parts.append(f"({' or '.join(either)})")
    return found


def wanted(query: CaseQuery, client: Client, as_of: datetime) -> Conditions:
    """All but the words, which are looked for in a table of their own."""
    found = visible(client)
    for name in ANY_OF:
        _add_any_of(found, name, getattr(query, name))
    for name, (holds, fails) in TRUTHS.items():
        value = getattr(query, name)
        if value is not None:
            found.add(holds if value else fails)
    for name, condition in TIMES.items():
        at = getattr(query, name)
        if at is not None:
            found.add(condition, at)
    if query.overdue is not None:
        found.add(LATE if query.overdue else f"({LATE}) is not true", as_of)
    code = tracking_code(query)
    if code is not None:
        found.add("c.tracking_code = {}", code)
    return found


def _add_any_of(found: Conditions, name: str, values: list[str]) -> None:
    if len(values) == 1:
        found.add(f"c.{name} = {{}}", values[0])
    elif values:
        found.add(f"c.{name} = any({{}}::text[])", values)


def tracking_code(query: CaseQuery) -> str | None:
    """The code that is looked for, where the text is one."""
    return read_tracking_code(query.q) if query.q else None


def patterns(query: CaseQuery) -> list[str]:
    """What the words of a case must be like; nothing where no words are looked for.

    A word of three letters or more is found within a longer one, a shorter as a whole word.
    """
    if query.q is None or tracking_code(query) is not None:
        return []
    return [
        f"% {word} %" if len(word) <= SHORT_WORD else f"%{word}%"
        for word in dict.fromkeys(tokens(query.q))
    ]


def said(found: Conditions, like: list[str]) -> str:
    """The condition on `case_words w` that every pattern occurs."""
    return " and ".join(f"{WORDS} like {found.place(one)}" for one in like)
