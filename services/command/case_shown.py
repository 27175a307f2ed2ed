"""How one case is shown to a person, in both languages: where it stands, and what was refused."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.vocabulary import STARS_MAX
from streams.core.refusal import PERSIAN_WORDS

REFUSALS_MAX = 10
"""Of many, the latest."""
Row = tuple[str, str]
_NAMES = {
    "tracking_code": "کد رهگیری / tracking code",
    "case_id": "شناسه / case",
    "municipality": "شهرداری / municipality",
    "state": "وضعیت / state",
    "department": "واحد / department",
    "category": "موضوع / category",
    "priority": "اولویت / priority",
    "problem_report": "اعلام مشکل / problem report",
    "submitted_at": "زمان ثبت / submitted",
    "version": "نسخه / version",
    "text": "متن / text",
    "transfers": "ارجاع / passed on",
    "reopenings": "بازگشایی / reopened",
    "part_of": "بخشی از / part of",
    "verdict": "نظر شهروند / verdict",
    "dispute_until": "مهلت اعتراض / may be disputed until",
}
_IN_WORDS = ("state", "verdict")
_COUNTS = ("transfers", "reopenings")


def show(case: Mapping[str, Any], refusals: Sequence[Mapping[str, Any]]) -> None:
    table = Table(show_header=False)
    for name, value in _rows(case, refusals):
        table.add_row(name, Text(value))  # What a citizen wrote is no markup.
    Console(highlight=False).print(table)


def _rows(case: Mapping[str, Any], refusals: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for field, name in _NAMES.items():
        value = case.get(field)
        if value is not None and not (field in _COUNTS and value == 0):
            yield name, _both(value) if field in _IN_WORDS else _words(value)
    yield from _life(case)
    for clock in case.get("clocks") or case.get("deadlines") or []:
        yield f"مهلت / {clock['kind']}", f"{clock['deadline']}  {clock['state']}"
    for step in case.get("steps", []):
        yield f"گام / {step['step']}", step["at"]
    if case.get("routing"):
        yield "دلیل / reason", case["routing"]["reason"]
    for one in refusals[-REFUSALS_MAX:]:
        yield f"رد / refused: {_deed(one['fact'])}", f"{one['fact']['recorded_at']}  {_why(one)}"


def _life(case: Mapping[str, Any]) -> Iterator[Row]:
    """What it waits for, who else has to do with it, and what the citizen says of it."""
    if case.get("stars") is not None:
        yield "امتیاز / stars", f"{case['stars']} / {STARS_MAX}"
    waiting = case.get("waiting")
    if waiting:
        yield "در انتظار / waits", f"{_words(waiting['reason'])}  – {waiting['until']}"
    body = case.get("body") or case.get("handed_over")
    if body:
        yield "واگذارشده به / handed over", _handed(body)
    follows = _followed(case)
    if follows:
        yield "پیرو مورد / follows", follows
    for field, name in (("parts", "تفکیک به / parts"), ("followers", "پیروان / followers")):
        found = case.get(field)
        if found and (not isinstance(found, dict) or found["count"]):
            yield name, _several(found)


def _handed(body: Mapping[str, Any]) -> str:
    known = {**body, "id": body.get("body") or body.get("id")}
    answer = f"{_both(body['answer'])}" if body["answer"] else None
    return "  ".join(one for one in (_words(known), body["reference"], answer) if one)


def _followed(case: Mapping[str, Any]) -> str | None:
    """The first of those that follow each other; by its code, where that may be seen."""
    follows = case.get("follows")
    if follows:
        return follows["tracking_code"] or follows["case_id"]
    return case.get("first_tracking_code") or case.get("parent")


def _several(found: Any) -> str:  # noqa: ANN401  # by their codes, or how many and which
    if isinstance(found, list):
        return _lines(found)
    hidden = found["count"] - len(found["case_ids"])
    return _lines([*found["case_ids"], *([f"+ {hidden}"] if hidden else [])])


def _lines(found: Iterable[str]) -> str:
    return "\n".join(found)


def _deed(fact: Mapping[str, Any]) -> str:
    return str(fact["type"]).split(".")[1]


def _why(one: Mapping[str, Any]) -> str:
    """By its code in both languages; as it was written, where this version has no such code."""
    reason = one.get("refused_for")
    if reason is None:
        return str(one["refusal"])
    return f"{reason['words_fa']} / {reason['words_en']} ({reason['code']})"


def _both(word: str) -> str:
    """Also of what another body says, for which there is no word of ours."""
    persian = PERSIAN_WORDS.get(word)
    return f"{persian} / {word}" if persian else word


def _words(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        titles = (value.get("title_fa"), value.get("title_en"), value.get("id"))
        return " / ".join(title for title in titles if title)
    return str(value)
