"""Folds the facts of a batch into their cases, one after the other, in log order."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass

from schemas import logs
from schemas.vocabulary import CaseId
from streams.core.case import Case, Judgement, Positioned
from streams.core.delivery import Outgoing, outgoing
from streams.core.fold import step
from streams.core.terms import AllTerms
from streams.projector.batch import FactRecord

_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Unfoldable:
    """A case whose fold failed at some position; it stays as it was before."""

    case: Case
    reason: str


State = Case | Unfoldable


@dataclass(frozen=True, slots=True)
class Judged:
    """A fact, what the fold made of it, and the case after it; without a judgement it failed."""

    record: FactRecord
    judgement: Judgement | None
    state: State
    before: State
    outgoing: tuple[Outgoing, ...] = ()

    @property
    def effective(self) -> bool:
        return self.judgement is not None and self.judgement.verdict == "effective"

    @property
    def repeated(self) -> bool:
        return self.judgement is not None and self.judgement.verdict == "duplicate"

    @property
    def erased(self) -> bool:
        """Whether whoever reported it is to be forgotten by now."""
        return case_of(self.state).erased_at is not None


def case_of(state: State) -> Case:
    return state.case if isinstance(state, Unfoldable) else state


def fold(
    states: Mapping[CaseId, State], records: Iterable[FactRecord], terms: AllTerms
) -> list[Judged]:
    """Every record judged. `states` knows the cases that exist already."""
    now: MutableMapping[CaseId, State] = dict(states)
    judged: list[Judged] = []
    for record in records:
        case_id = record.fact.case_id
        one = judge(now.get(case_id) or Case(case_id=case_id), record, terms)
        now[case_id] = one.state
        judged.append(one)
    return judged


def judge(state: State, record: FactRecord, terms: AllTerms) -> Judged:
    if isinstance(state, Unfoldable):
        return Judged(record, None, state, state)
    try:
        positioned = Positioned(offset=record.offset, fact=record.fact)
        case, judgement = step(state, positioned, terms)
        told = outgoing(state, case, record.fact, judgement)
    except Exception as error:  # noqa: BLE001  # our reasoning failed: this case stops, no other
        reason = f"{type(error).__name__} at position {record.offset}"
        _log.exception("case unfoldable", case_id=state.case_id, position=record.offset)
        return Judged(record, None, Unfoldable(state, reason), state)
    return Judged(record, judgement, case, state, told)
