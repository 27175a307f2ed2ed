"""The state of a case: the fold of its facts in log order, by one pure function."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from schemas.facts import BreachVoided, Fact, ReporterErased, time_that_counts
from schemas.notices import Notice
from schemas.vocabulary import CaseId
from streams.core.case import Case, Judgement, Positioned
from streams.core.clocks import lapsed_still, settled
from streams.core.effects import applied
from streams.core.refusals import FACTS_OF_A_CASE_MAX, refusal
from streams.core.terms import NO_TERMS, AllTerms

EFFECTIVE = Judgement(verdict="effective")
DUPLICATE = Judgement(verdict="duplicate")

History = tuple[Positioned, ...]
_TIMELESS = Notice | BreachVoided | ReporterErased


def fold(case_id: CaseId, history: Iterable[Positioned], terms: AllTerms = NO_TERMS) -> Case:
    """The case as its facts, given in log order, leave it."""
    case = Case(case_id=case_id)
    for positioned in history:
        case, _ = step(case, positioned, terms)
    return case


def learn(history: History, positioned: Positioned) -> History:
    """The history with one more record of the log, given late, early or twice."""
    if any(known.offset == positioned.offset for known in history):
        return history
    ordered = list(history)
    insort(ordered, positioned, key=attrgetter("offset"))
    return tuple(ordered)


def step(case: Case, positioned: Positioned, terms: AllTerms = NO_TERMS) -> tuple[Case, Judgement]:
    """The case after one more fact, and how that fact was judged.

    Of two facts with one id the first appended counts, whether it was effective or refused.
    Raises `UnknownTermsError` where the fact, or a promise that it moves, rests on a version of a
    policy that is not among the terms.
    """
    fact = positioned.fact
    if fact.fact_id in case.effective or fact.fact_id in case.refused:
        return case, DUPLICATE
    at = _counted(case, fact)
    now = settled(case, at, terms) if at is not None and _tells_the_time(fact) else case
    why = refusal(now, fact, terms)
    if why is not None:
        refused = case.refused
        if len(refused) < FACTS_OF_A_CASE_MAX:
            refused = refused | {fact.fact_id}
        return replace(case, refused=refused), Judgement(verdict="refused", refusal=why)
    changed = replace(
        lapsed_still(applied(now, positioned, terms), case, terms),
        version=positioned.offset,
        effective=case.effective | {fact.fact_id},
        counted_at=at,
    )
    return changed, EFFECTIVE


def _counted(case: Case, fact: Fact) -> datetime | None:
    """The time that intervals are ordered by: it never steps back, and notices never move it."""
    if not _tells_the_time(fact):
        return case.counted_at
    return case.not_before(time_that_counts(fact))


def _tells_the_time(fact: Fact) -> bool:
    """What was announced, voided or forgotten of a case begins no interval, and ends none."""
    return not isinstance(fact, _TIMELESS)
