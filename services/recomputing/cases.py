"""A municipality's open cases, folded from their facts, a batch at a time."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg

from schemas.codec import UndecodableError, decode_fact
from schemas.facts import Fact
from schemas.vocabulary import CaseId, Municipality
from services.api.terms import PublishedTerms
from services.embedded.errors import StartError
from streams.core.case import Case, Positioned
from streams.core.fold import fold
from streams.core.terms import AllTerms, UnknownTermsError

CASES_READ_MAX = 200
CONNECT_SECONDS_MAX = 10

_PAGE = """
select c.case_id
from projection.cases c
where
    c.municipality = $1
    and c.case_id > $2
    and c.state not in ('submitted', 'resolved', 'closed')
    and not c.historical
    and c.parent is null
    and c.unfoldable is null
    and ($3::text is null or c.department = $3)
    and ($4::text is null or c.category = $4)
    and ($5::timestamptz is null or c.submitted_at < $5)
    and exists (
        select from projection.clocks k
        where
            k.case_id = c.case_id
            and k.state in ('running', 'paused', 'breached')
            and ($6::timestamptz is null or k.state <> 'running' or k.deadline >= $6)
    )
order by c.case_id
limit $7
"""
_FACTS = """
select f.case_id, f.log_offset, f.fact::text as fact
from projection.facts f
where f.case_id = any($1::text[])
order by f.case_id, f.log_offset
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which open cases: those of whom, about what, and with a clock in those dates.

    `first` and `last` bound the time that changed; a clock that was due before it is as it was.
    """

    municipality: Municipality
    department: str | None = None
    category: str | None = None
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A case with the terms that it was folded by; in their place, why it could not be."""

    case: Case
    terms: AllTerms
    fault: str | None = None


async def connected(url: str) -> asyncpg.Connection:
    """Raises `StartError`."""
    try:
        settings = {"timezone": "UTC", "application_name": "peygir recompute"}
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX, server_settings=settings)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StartError(f"Postgres does not answer ({type(error).__name__})") from error


async def open_cases(
    connection: asyncpg.Connection, wanted: Wanted, terms: PublishedTerms
) -> AsyncIterator[tuple[Folded, ...]]:
    """Batches in the order of case ids, so that what is read once is never read again."""
    after = ""
    while True:
        asked = (wanted.department, wanted.category, wanted.last, wanted.first, CASES_READ_MAX)
        page = await connection.fetch(_PAGE, wanted.municipality, after, *asked)
        if not page:
            return
        ids = [row["case_id"] for row in page]
        rows = await connection.fetch(_FACTS, ids)
        yield tuple(_folded(wanted.municipality, rows, terms))
        after = ids[-1]


def _folded(
    municipality: Municipality, rows: Iterable[Any], terms: PublishedTerms
) -> Iterator[Folded]:
    for case_id, records in groupby(rows, key=itemgetter("case_id")):
        nothing = Case(case_id=CaseId(case_id))
        try:
            history = [_positioned(record) for record in records]
            named = terms.named_by(municipality, _facts(history))
            case = fold(nothing.case_id, history, named)
        except UndecodableError:
            yield Folded(case=nothing, terms={}, fault="a fact of a newer version than this one")
        except UnknownTermsError as error:
            yield Folded(case=nothing, terms={}, fault=f"the policy {error} is not published")
        else:
            yield Folded(case=case, terms=named)


def _positioned(record: Any) -> Positioned:  # noqa: ANN401  # a row
    return Positioned(offset=record["log_offset"], fact=decode_fact(record["fact"]))


def _facts(history: Iterable[Positioned]) -> Iterator[Fact]:
    return (one.fact for one in history)
