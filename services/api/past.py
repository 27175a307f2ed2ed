"""A case as it was known at a moment: the fold of what was recorded by then."""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus

import orjson

from schemas.codec import UndecodableError, decode_fact
from schemas.vocabulary import CaseId
from services.api.case_sql import FOLLOWED_MAX
from services.api.reads import ReadCase, ReadFact, Reads, Relative
from services.api.terms import PublishedTerms
from services.http.problems import ProblemError, unavailable
from streams.core.case import Case, Positioned
from streams.core.fold import fold
from streams.core.tables import CASE_COLUMNS, CLOCK_COLUMNS, case_row, clock_rows
from streams.core.terms import UnknownTermsError

FACTS_MAX = 5_000
RETRY_AFTER_SECONDS = 60
UNREAD_RETRY_AFTER_SECONDS = 5


async def case_at(
    reads: Reads, terms: PublishedTerms, case_id: str, of: str, facts: list[ReadFact]
) -> ReadCase:
    """The case that those first facts of it make; `of` is its municipality, whose policies count.

    Raises a 404 problem where there is none yet.
    """
    case, unfoldable = _folded(terms, case_id, of, facts)
    if not case.known:
        words = "This case was not recorded by then."
        raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", words)
    partition = facts[0].log_partition
    row = dict(zip(CASE_COLUMNS, case_row(case, partition), strict=True))
    clocks = [dict(zip(CLOCK_COLUMNS, clock, strict=True)) for clock in clock_rows(case, partition)]
    shown = orjson.dumps({**row, "unfoldable": unfoldable})
    return await reads.rendered(shown.decode(), orjson.dumps(clocks).decode())


async def root_at(
    reads: Reads, terms: PublishedTerms, case_id: str, at: datetime
) -> Relative | None:
    """The case whose clocks it went by then, each on the way folded as it was."""
    next_id = case_id
    for _ in range(FOLLOWED_MAX + 1):
        found, facts = await reads.recorded_by(next_id, at, most=FACTS_MAX + 1)
        if found is None:
            return None
        case, _unfoldable = _folded(terms, next_id, found.municipality, facts)
        if case.submitted is None:
            return None
        if case.parent is None:
            return Relative(
                case_id=next_id,
                municipality=found.municipality,
                department=found.department,
                tracking_code=case.submitted.tracking_code,
                state=case.state,
            )
        next_id = case.parent
    return None  # They follow each other.


def _folded(
    terms: PublishedTerms, case_id: str, of: str, facts: list[ReadFact]
) -> tuple[Case, str | None]:
    """The case, and why it is folded no further. Raises problems."""
    if len(facts) > FACTS_MAX:
        words = f"The case has more than {FACTS_MAX} facts by then; read it without `at`."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "too-broad", words)
    try:
        history, unfoldable = _read(facts)
        named = terms.named_by(of, (one.fact for one in history))
        return fold(CaseId(case_id), history, named), unfoldable
    except UnknownTermsError as error:
        words = f"The policy {error} that the case rests on is not read here yet."
        raise unavailable(words, retry_after_seconds=UNREAD_RETRY_AFTER_SECONDS) from error
    except UndecodableError as error:
        words = "One of its facts was written by a newer version than this one."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error


def _read(facts: Iterable[ReadFact]) -> tuple[list[Positioned], str | None]:
    """Those that were folded, and why the next one was not, where the fold failed on it."""
    read: list[Positioned] = []
    for one in facts:
        if one.judgement == "unfoldable":
            return read, one.refusal
        read.append(Positioned(offset=one.log_offset, fact=decode_fact(one.fact)))
    return read, None
