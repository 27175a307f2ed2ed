"""What goes with each deed on the command line, and the fields of the report that it becomes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from schemas.messages import ReportedPart
from schemas.vocabulary import (
    BODY_ANSWERS,
    CLOSING_REASONS,
    DEEDS,
    STARS_MAX,
    TRANSFER_REASONS,
    VISIBILITIES,
    Category,
    Deed,
)
from services.command import reach
from services.command.exit_codes import ExitCode

Given = Mapping[str, Any]
"""What was given on the command line, by the name of its option; what was not, is not there."""

DEED_NAMED: Mapping[str, Deed] = {one: one for one in DEEDS}
# What a deed cannot do without, and what else goes with it; the rest goes with every deed.
NEEDED: Mapping[Deed, tuple[str, ...]] = {
    "paused": ("reason",),
    "transfer-requested": ("why",),
    "linked": ("parent",),
    "reclassified": ("category",),
    "closed-without-action": ("why",),
    "noted": ("note",),
    "handed-over": ("body",),
    "handed-over-answered": ("answer",),
    "split": ("part",),
    "rated": ("stars",),
}
MORE: Mapping[Deed, tuple[str, ...]] = {
    "transfer-requested": ("to", "category", "district"),
    "reclassified": ("new_promises",),
    "noted": ("visibility",),
    "handed-over": ("body_reference",),
    "handed-over-answered": ("body_reference",),
}
CHOICES: Mapping[tuple[Deed, str], tuple[str, ...]] = {
    ("transfer-requested", "why"): TRANSFER_REASONS,
    ("closed-without-action", "why"): CLOSING_REASONS,
    ("noted", "visibility"): VISIBILITIES,
    ("handed-over-answered", "answer"): BODY_ANSWERS,
}
COMMON = ("note", "photo", "document", "if_version", "reference")
"""What goes with every deed."""
# With a space after the colon it is how people write, and no category.
_PART = re.compile(r"(?:([0-9A-Za-z][0-9A-Za-z._-]*):(?!//)(?=\S))?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedOption:
    """One option; `range` holds a number, if it is one."""

    help: str
    type: Any = str | None
    range: Mapping[str, int] | None = None
    default: object = None


OPTIONS: Mapping[str, DeedOption] = {
    "reason": DeedOption(help="a reason on the policy's list"),
    "why": DeedOption(help="why"),
    "to": DeedOption(help="whose it is; else whose its category or district is, else the centre's"),
    "category": DeedOption(help="what it is about"),
    "district": DeedOption(help="where it is"),
    "new_promises": DeedOption(help="promise by it, too", type=bool, default=False),
    "parent": DeedOption(help="the earlier case: its code or id"),
    "visibility": DeedOption(help="who may read it"),
    "body": DeedOption(help="the policy's name of the other body"),
    "body_reference": DeedOption(help="what the other body calls it"),
    "answer": DeedOption(help="what the other body says"),
    "part": DeedOption(help="words, or CATEGORY:words; once a part", type=list[str] | None),
    "stars": DeedOption(
        help=f"1 to {STARS_MAX}", type=int | None, range={"min": 1, "max": STARS_MAX}
    ),
    "note": DeedOption(help="kept sealed"),
    "photo": DeedOption(help="where a photo lies", type=list[str] | None),
    "document": DeedOption(help="where a document lies", type=list[str] | None),
    "if_version": DeedOption(
        help="only if the case has not moved on", type=int | None, range={"min": 0}
    ),
    "reference": DeedOption(help="makes a repetition the same"),
}


def of_deed(deed: Deed) -> tuple[str, ...]:
    """What goes with this deed, and not with every one."""
    return (*NEEDED.get(deed, ()), *MORE.get(deed, ()))


def parameters(deeds: Iterable[Deed]) -> Iterator[Parameter]:
    """The options of a command for these deeds; of several, each says which it goes with."""
    named = tuple(deeds)
    for name, option in OPTIONS.items():
        going: list[Deed] = [deed for deed in named if name in of_deed(deed)]
        if name in COMMON:
            yield _parameter(name, option, option.help)
        elif going:
            yield _parameter(name, option, _help(name, going, among=len(named)))


def argument(name: str, words: str | None = None) -> Parameter:
    kind = Annotated[str, typer.Argument(help=words)]
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind)


def flag(name: str, words: str) -> Parameter:
    kind = Annotated[bool, typer.Option(f"--{name.replace('_', '-')}", help=words)]
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=False)


def text_option(name: str, words: str) -> Parameter:
    return _parameter(name, DeedOption(help=words), words)


def command(
    run: Callable[[Given], None], words: str, taken: Iterable[Parameter]
) -> Callable[..., None]:
    """A command that takes just these, for Typer, which reads a function's signature."""

    def called(**given: Any) -> None:  # noqa: ANN401
        run({name: one for name, one in given.items() if _given(one)})

    called.__doc__ = words
    called.__signature__ = Signature(list(taken))
    return called


def check(deed: Deed, given: Given) -> None:
    """Ends the command where what was given does not go with the deed, or is not enough."""
    allowed = of_deed(deed)
    for name in given:
        if name in OPTIONS and name not in (*allowed, *COMMON):
            also = ", ".join(map(_shown, allowed)) or "no more than any deed"
            reach.end(f"{_shown(name)} does not go with {deed}; it takes {also}", ExitCode.USAGE)
    for name in NEEDED.get(deed, ()):
        if name not in given:
            of = f": {', '.join(CHOICES[deed, name])}" if (deed, name) in CHOICES else ""
            reach.end(f"{deed} needs {_shown(name)}{of}", ExitCode.USAGE)
    for name in allowed:
        choices = CHOICES.get((deed, name))
        if choices is not None and name in given and given[name] not in choices:
            words = f"{_shown(name)} of {deed} is one of: {', '.join(choices)}"
            reach.end(words, ExitCode.USAGE)


def fields(given: Given) -> dict[str, Any]:
    """The fields of a report that the options say."""
    plain = {name: one for name, one in given.items() if name in OPTIONS}
    evidence = [f"{kind}:{one}" for kind in ("photo", "document") for one in plain.pop(kind, ())]
    parts = [_part(one) for one in plain.pop("part", ())]
    return {**plain, "evidence": tuple(evidence), "parts": tuple(parts)}


def _given(value: object) -> bool:
    """A version may be 0, which equals `False` and is none."""
    return value is not None and value is not False and value != []


def _part(given: str) -> ReportedPart:
    found = _PART.fullmatch(given)
    assert found is not None, "all that goes before the words may be absent"
    category, text = found.groups()
    return ReportedPart(text=text.strip(), category=Category(category) if category else None)


def _help(name: str, going: list[Deed], *, among: int) -> str:
    """What it is; of several deeds, for each of those that it goes with."""
    said: dict[str, list[str]] = {}
    for deed in going:
        words = ", ".join(CHOICES.get((deed, name), (OPTIONS[name].help,)))
        said.setdefault(words, []).append(deed)
    if among > 1:
        return "; ".join(f"{', '.join(deeds)}: {words}" for words, deeds in said.items())
    needed = name in NEEDED.get(going[0], ())
    return f"{'; '.join(said)}{' (needed)' if needed else ''}"


def _parameter(name: str, option: DeedOption, words: str) -> Parameter:
    bounds: Mapping[str, Any] = option.range or {}
    kind = Annotated[option.type, typer.Option(_shown(name), help=words, **bounds)]
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=option.default)


def _shown(name: str) -> str:
    return f"--{name.replace('_', '-')}"
