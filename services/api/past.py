"""A case as it was known at a moment: the fold of what was recorded by then."""

from collections.abc import Iterable
from http import HTTPStatus

import orjson

from schemas.codec import UndecodableError, decode_fact
from schemas.vocabulary import CaseId
from services.api.reads import ReadCase, ReadFact, Reads
from services.http.problems import ProblemError, unavailable
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.tables import CASE_COLUMNS, CLOCK_COLUMNS, case_row, clock_rows

FACTS_MAX = 5_000
RETRY_AFTER_SECONDS = 60


async def case_at(reads: Reads, case_id: str, facts: list[ReadFact]) -> ReadCase:
    """The case that those first facts of it make. Raises a 404 problem where there is none yet."""
    if len(facts) > FACTS_MAX:
        words = f"The case has more than {FACTS_MAX} facts by then; read it without `at`."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "too-broad", words)
    try:
        case, unfoldable = _folded(case_id, facts)
    except UndecodableError as error:
        words = "One of its facts was written by a newer version than this one."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error
    if not case.known:
        words = "This case was not recorded by then."
        raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", words)
    partition = facts[0].log_partition
    row = dict(zip(CASE_COLUMNS, case_row(case, partition), strict=True))
    clocks = [dict(zip(CLOCK_COLUMNS, clock, strict=True)) for clock in clock_rows(case, partition)]
    shown = orjson.dumps({**row, "unfoldable": unfoldable})
    return await reads.rendered(shown.decode(), orjson.dumps(clocks).decode())


def _folded(case_id: str, facts: Iterable[ReadFact]) -> tuple[Case, str | None]:
    """The case; with a reason where its fold failed, and it stayed as it was."""
    case = Case(case_id=CaseId(case_id))
    for one in facts:
        if one.judgement == "unfoldable":
            return case, one.refusal
        fact = decode_fact(one.fact)
        case, _ = step(case, Positioned(offset=one.log_offset, fact=fact))
    return case, None
