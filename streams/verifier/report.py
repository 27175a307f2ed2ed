"""What differs between the log and the projection, named and never quoted where it is personal."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

DIFFERENCES_TOLD_MAX = 100_000
VALUE_CHARACTERS_MAX = 120

What = Literal["missing", "too many", "differs"]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row, or one column of it. `where` names the row where no case does."""

    table: str
    what: What
    case: str | None = None
    where: str | None = None
    column: str | None = None
    projection: str | None = None
    log: str | None = None


@dataclass(slots=True)
class Report:
    """Collects; each difference is told to `heard` up to a limit, and all are counted."""

    heard: Callable[[dict[str, Any]], None]
    facts: int = 0
    cases: int = 0
    set_aside: int = 0
    """Records that the tables do not take, which the log alone does not tell."""
    by_table: Counter[str] = field(default_factory=Counter[str])
    named: set[str] = field(default_factory=set[str])

    @property
    def differences(self) -> int:
        return self.by_table.total()

    def add(self, difference: Difference) -> None:
        if self.differences < DIFFERENCES_TOLD_MAX:
            told = {key: value for key, value in asdict(difference).items() if value is not None}
            self.heard(told)
            if difference.case is not None:
                self.named.add(difference.case)
        self.by_table[difference.table] += 1

    def missing(self, table: str, *, case: str | None = None, where: str | None = None) -> None:
        self.add(Difference(table=table, what="missing", case=case, where=where))

    def too_many(self, table: str, *, case: str | None = None, where: str | None = None) -> None:
        self.add(Difference(table=table, what="too many", case=case, where=where))

    def differs(
        self, table: str, column: str, *, case: str | None = None, where: str | None = None
    ) -> None:
        """Without the values: they may be a citizen's words, or a key."""
        self.add(Difference(table=table, what="differs", column=column, case=case, where=where))

    def compare(
        self, table: str, columns: Sequence[str], found: Sequence[Any], wanted: Sequence[Any],
        **row: str | None,
    ) -> None:  # fmt: skip
        """Both as rows of these columns."""
        for column, one, other in zip(columns, found, wanted, strict=True):
            if one != other:
                self.add(
                    Difference(
                        table=table,
                        what="differs",
                        column=column,
                        projection=_short(one),
                        log=_short(other),
                        **row,
                    )
                )


def _short(value: object) -> str:
    return str(value)[:VALUE_CHARACTERS_MAX]
