"""What a case's facts did to its clocks: when they stood still, and how a deadline was moved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.facts import DeadlineSet, Fact, Progress, Routed, time_that_counts
from schemas.vocabulary import Author, CaseId, ClockKind, FactId, PauseReason
from streams.core.case import Case, Clock, Positioned, Waiting
from streams.core.clocks import pause_ended_id, settled
from streams.core.fold import step
from streams.core.terms import AllTerms

BY_ITSELF = "by-itself"
"""A pause that nobody ended: the longest that the policy allows was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The case waited for `why` from `since`, at most to `until`.

    `ended_at` and `ended_by` are absent while it waits. It was ended by a fact, by its name, and
    that fact's author; or by itself.
    """

    why: PauseReason
    since: datetime
    until: datetime
    author: Author | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_author: Author | None = None


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
    waits, moves, authors = dict[FactId, Wait](), list[Move](), dict[FactId, Author]()
    for positioned in history:
        before, fact = case, positioned.fact
        case, judgement = step(before, positioned, terms)
        if judgement.verdict == "effective":
            waits |= _ended(before, case, fact, authors)
            moves.extend(_moved(before, case, fact))
            if isinstance(fact, Progress):
                authors[fact.fact_id] = fact.author
    left = settled(case, until, terms)
    waits |= _open(case.waiting, until, authors)
    moves.extend(_moved(case, left, None))
    return Retold(case=left, waits=tuple(waits.values()), moves=tuple(moves))


def fact_name(fact: Fact) -> str:
    """A fact as it is spoken of: `resumed` for `case.resumed.v1`."""
    return fact.type.split(".")[1]


_Authors = Mapping[FactId, Author]


def _ended(before: Case, case: Case, fact: Fact, authors: _Authors) -> dict[FactId, Wait]:
    """The pause that the fact found, as it left it.

    A pause that the timer said was over may still turn out to have been ended before.
    """
    waited = before.waiting or (before.lapsed and before.lapsed.waiting)
    if waited is None or case.waiting == waited:
        return {}
    # What the fold counts as the end stands with every clock that stood still.
    ends = [end for one in case.clocks for since, end in one.pauses[-1:] if since == waited.since]
    said_at = min(max(time_that_counts(fact), waited.since), waited.until)
    at = max(ends, default=said_at)
    begun = _begun(waited, authors)
    if at >= waited.until or not isinstance(fact, Progress):
        return {waited.set_by: replace(begun, ended_at=at, ended_by=BY_ITSELF)}
    by = fact_name(fact)
    return {waited.set_by: replace(begun, ended_at=at, ended_by=by, ended_author=fact.author)}


def _open(waiting: Waiting | None, until: datetime, authors: _Authors) -> dict[FactId, Wait]:
    if waiting is None:
        return {}
    begun = _begun(waiting, authors)
    if until < waiting.until:
        return {waiting.set_by: begun}
    return {waiting.set_by: replace(begun, ended_at=waiting.until, ended_by=BY_ITSELF)}


def _begun(waited: Waiting, authors: _Authors) -> Wait:
    author = authors.get(waited.set_by)
    return Wait(why=waited.why, since=waited.since, until=waited.until, author=author)


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
