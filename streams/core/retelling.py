"""What a case's facts did to its clocks: when they stood still, and how a deadline was moved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.facts import DeadlineSet, Fact, Routed, time_that_counts
from schemas.vocabulary import CaseId, ClockKind, FactId, PauseReason
from streams.core.case import Case, Clock, Positioned, Waiting
from streams.core.clocks import pause_ended_id, settled
from streams.core.fold import step
from streams.core.terms import AllTerms

BY_ITSELF = "by-itself"
"""A pause that nobody ended: the longest that the policy allows was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The case waited for `why` from `since`, at most to `until`.

    `ended_at` and `ended_by` are absent while it waits. It was ended by a fact, by its name, or
    by itself.
    """

    why: PauseReason
    since: datetime
    until: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A clock's deadline as one fact left it; the first has no `before`."""

    kind: ClockKind
    cycle: int
    at: datetime
    by: str
    fact_id: FactId
    before: datetime | None
    deadline: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """The case as it stands at a moment, and how its clocks came to be as they are."""

    case: Case
    waits: tuple[Wait, ...] = ()
    moves: tuple[Move, ...] = ()


def retold(
    case_id: CaseId, history: Iterable[Positioned], terms: AllTerms, until: datetime
) -> Retold:
    """The fold of the facts as it stands at `until`. Raises `UnknownTermsError`."""
    case = Case(case_id=case_id)
    waits, moves = list[Wait](), list[Move]()
    for positioned in history:
        before = case
        case, judgement = step(before, positioned, terms)
        if judgement.verdict == "effective":
            waits.extend(_ended(before.waiting, case, positioned.fact))
            moves.extend(_moved(before, case, positioned.fact))
    left = settled(case, until, terms)
    waits.extend(_open(case.waiting, until))
    moves.extend(_moved(case, left, None))
    return Retold(case=left, waits=tuple(waits), moves=tuple(moves))


def fact_name(fact: Fact) -> str:
    """A fact as it is spoken of: `resumed` for `case.resumed.v1`."""
    return fact.type.split(".")[1]


def _ended(waited: Waiting | None, case: Case, fact: Fact) -> Iterator[Wait]:
    if waited is None or case.waiting == waited:
        return
    # What the fold counts as the end stands with every clock that stood still.
    ends = [end for one in case.clocks for since, end in one.pauses[-1:] if since == waited.since]
    at = max(ends, default=min(max(time_that_counts(fact), waited.since), waited.until))
    by = BY_ITSELF if at >= waited.until else fact_name(fact)
    yield _wait(waited, at, by)


def _open(waiting: Waiting | None, until: datetime) -> Iterator[Wait]:
    if waiting is None:
        return
    over = until >= waiting.until
    yield _wait(waiting, waiting.until if over else None, BY_ITSELF if over else None)


def _wait(waited: Waiting, at: datetime | None, by: str | None) -> Wait:
    return Wait(why=waited.why, since=waited.since, until=waited.until, ended_at=at, ended_by=by)


_Place = tuple[ClockKind, int]


def _moved(before: Case, case: Case, fact: Fact | None) -> Iterator[Move]:
    known: dict[_Place, Clock] = {(one.kind, one.cycle): one for one in before.clocks}
    for clock in case.clocks:
        old = known.get((clock.kind, clock.cycle))
        if old is not None and old.promise.deadline == clock.promise.deadline:
            continue
        at, by = _cause(before.waiting, clock, fact)
        yield Move(
            kind=clock.kind,
            cycle=clock.cycle,
            at=at,
            by=by,
            fact_id=clock.set_by,
            before=old and old.promise.deadline,
            deadline=clock.promise.deadline,
            reason=fact.reason if isinstance(fact, DeadlineSet | Routed) else None,
        )


def _cause(waited: Waiting | None, clock: Clock, fact: Fact | None) -> tuple[datetime, str]:
    """When and by what; a pause that is over has ended before whatever was said next."""
    if waited is not None and (fact is None or clock.set_by == pause_ended_id(waited)):
        return waited.until, BY_ITSELF
    assert fact is not None, "nothing but a pause's end moves a deadline without a fact"
    return fact.recorded_at, fact_name(fact)
