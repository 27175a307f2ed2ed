"""What an import did, in numbers, and in words for whoever started it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.importing.record import Record

REASONS_SHOWN_MAX = 20


@dataclass(slots=True)
class Tally:
    """`rows` is the sum of `new`, `changed`, `unchanged` and `refused`."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    line: int = 1
    reversed: int = 0
    agreeing: int = 0
    differing: int = 0
    unjudged: int = 0
    unsettled: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    assumed: Counter[str] = field(default_factory=Counter[str])
    set_aside: Counter[str] = field(default_factory=Counter[str])

    def refuse(self, column: str, words: str) -> None:
        self.reasons[f"{column}: {words}" if column else words] += 1

    def take(self, record: Record, *, known: int, wanted: int) -> None:
        """Counts a row by how many of the facts that it becomes are known."""
        self.rows += 1
        if known == wanted:
            self.unchanged += 1
        elif known:
            self.changed += 1
        else:
            self.new += 1
        self.reversed += record.reversed
        self.assumed.update(record.assumed)
        self._compare(record)

    def _compare(self, record: Record) -> None:
        """Our verdict by the times beside the one that the other system kept."""
        if record.judged is None:
            return
        if record.kept is None:
            self.unjudged += 1
        elif record.kept == record.judged:
            self.agreeing += 1
        else:
            self.differing += 1

    @property
    def complete(self) -> bool:
        """Whether every row is in."""
        return not (self.refused or self.set_aside or self.unsettled)

    def lines(self, *, dry_run: bool, compares: bool) -> Iterator[str]:
        """The summary."""
        taken = "would be imported" if dry_run else "imported"
        yield (
            f"{self.rows} rows: {self.new} {taken}, {self.changed} changed, "
            f"{self.unchanged} unchanged, {self.refused} refused"
        )
        yield from _listed("refused", self.reasons)
        yield from _listed("set aside by the router", self.set_aside)
        for column, count in sorted(self.assumed.items()):
            yield f"{count} rows have a value in {column} that the mapping does not name"
        if self.reversed:
            yield f"{self.reversed} rows close before they open: kept, and marked"
        if compares and (self.agreeing or self.differing or self.unjudged):
            judged = self.agreeing + self.differing
            yield (
                f"on time or not: as the other system says in {self.agreeing} of {judged} closed "
                f"rows with a deadline; it says nothing in {self.unjudged} more"
            )
        if self.unsettled:
            yield (
                f"{self.unsettled} messages are in the inbox and not in the projection yet: "
                "they are kept, and will be there when the routers have read them"
            )


def _listed(what: str, reasons: Counter[str]) -> Iterator[str]:
    for reason, count in reasons.most_common(REASONS_SHOWN_MAX):
        yield f"{what}: {count} × {reason}"
    if len(reasons) > REASONS_SHOWN_MAX:
        yield f"{what}: and {len(reasons) - REASONS_SHOWN_MAX} reasons more"
