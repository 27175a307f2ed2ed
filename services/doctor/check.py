"""One finding: what was looked at, how it is, in a line, with what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`do` is empty where there is nothing to be done."""

    name: str
    state: State
    says: str
    do: str = ""


def ok(name: str, says: str) -> Check:
    return Check(name=name, state="ok", says=says)


def warning(name: str, says: str, do: str) -> Check:
    return Check(name=name, state="warning", says=says, do=do)


def wrong(name: str, says: str, do: str) -> Check:
    return Check(name=name, state="wrong", says=says, do=do)


def unless(found: Iterable[Check], fine: Check) -> Iterator[Check]:
    """What was found; if nothing was, that all is well."""
    several = list(found)
    yield from several or [fine]


def some(names: Iterable[str], shown: int = 3) -> str:
    """A few of many, in words."""
    every = sorted(names)
    more = len(every) - shown
    return ", ".join(every[:shown]) + (f" and {more} more" if more > 0 else "")
