"""The cases of a slice while their facts are folded once more, and what they lead to expect."""

from dataclasses import dataclass, field

from schemas.facts import Fact
from schemas.vocabulary import CaseId
from streams.core.case import Case, Judgement, Positioned
from streams.core.delivery import Outgoing, outgoing
from streams.core.fold import step
from streams.core.tables import Row
from streams.core.terms import AllTerms


@dataclass(slots=True)
class Known:
    """A case so far. `unfoldable` says why it goes on no more."""

    case: Case
    unfoldable: str | None = None
    words: Row | None = None
    contents: int = 0
    """How many of its contents the projection has."""
    wrong_contents: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Where they are not those of the log, if nobody had it forgotten."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What the fold made of one fact; a judgement in words is why the case is unfoldable."""

    known: Known
    judgement: Judgement | str
    outgoing: tuple[Outgoing, ...] = ()

    @property
    def effective(self) -> bool:
        return isinstance(self.judgement, Judgement) and self.judgement.verdict == "effective"

    @property
    def repeated(self) -> bool:
        return isinstance(self.judgement, Judgement) and self.judgement.verdict == "duplicate"


class Slice:
    """Every case that the slice has met."""

    def __init__(self, terms: AllTerms) -> None:
        self._terms = terms
        self.cases: dict[CaseId, Known] = {}

    def fold(self, offset: int, fact: Fact) -> Folded:
        known = self.cases.get(fact.case_id)
        if known is None:
            known = self.cases[fact.case_id] = Known(Case(case_id=fact.case_id))
        if known.unfoldable is not None:
            return Folded(known, known.unfoldable)
        try:
            positioned = Positioned(offset=offset, fact=fact)
            case, judgement = step(known.case, positioned, self._terms)
            told = outgoing(known.case, case, fact, judgement)
        except Exception as error:  # noqa: BLE001  # as the projector: this case stops, no other
            known.unfoldable = f"{type(error).__name__} at position {offset}"
            return Folded(known, known.unfoldable)
        known.case = case
        return Folded(known, judgement, told)
