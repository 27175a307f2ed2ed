"""A case as its facts leave it, and the timer that looks at it whenever a test says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.facts import Fact
from schemas.notices import Notice
from schemas.vocabulary import ClockKind
from streams.core.case import Case, Clock, Positioned
from streams.core.fold import fold, step
from streams.core.notices import notices_due
from streams.core.terms import AllTerms
from tests.builders import CASE_ID, history
from tests.policies import policy
from tests.steering import known

TERMS = known(policy())
MOMENT = timedelta(microseconds=1)


def told(*facts: Fact, terms: AllTerms = TERMS) -> Case:
    return fold(CASE_ID, history(*facts), terms)


def refused(*facts: Fact, terms: AllTerms = TERMS) -> str:
    """Why the last of them was refused, or an empty word if it was not."""
    _, judgement = step(told(*facts[:-1], terms=terms), history(*facts)[-1], terms)
    return judgement.reason or ""


def clock(case: Case, kind: ClockKind = "resolution") -> Clock:
    """The latest of that kind."""
    found = case.clock(kind)
    assert found is not None
    return found


def owed(case: Case, now: datetime) -> tuple[Notice, ...]:
    """What the timer would announce then, if all is read."""
    return notices_due(case, up_to=now, now=now)


def names(notices: Sequence[Notice]) -> list[str]:
    """What they say, without what caused them: `resolution/warned/50`."""
    return [one.fact_id.removeprefix(f"{one.cause}/") for one in notices]


def announced(
    case: Case, now: datetime, terms: AllTerms = TERMS
) -> tuple[Case, tuple[Notice, ...]]:
    """The case after all that was owed by then is appended, and again until nothing is owed."""
    said: list[Notice] = []
    while notices := owed(case, now):
        for notice in notices:
            case = judged(case, notice, terms)
            said.append(notice)
    return case, tuple(said)


def judged(case: Case, fact: Fact, terms: AllTerms = TERMS) -> Case:
    """The case after one more fact, which has to have an effect."""
    case, judgement = step(case, Positioned(offset=case.version + 1, fact=fact), terms)
    assert judgement.verdict == "effective", (fact.fact_id, judgement.reason)
    return case
