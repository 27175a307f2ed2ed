"""Mistakes in policy files, each with its file, line and field, gathered to be said all at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake. Lines count from 1; 0 is the file as a whole."""

    file: str
    line: int
    field: str
    words: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.words}" if self.field else f"{place}: {self.words}"


class PolicyError(ValueError):
    """A policy that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(one) for one in self.problems))


@dataclass(slots=True)
class Problems:
    """What has been found wrong so far."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, path: str, words: str) -> None:
        problem = Problem(file=file, line=line, field=path, words=words)
        if problem not in self.found:
            self.found.append(problem)

    def raise_if_any(self) -> None:
        if self.found:
            raise PolicyError(self.found)
