"""What the door for what is said of a case reads: whose a case is, and how a fact was judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from schemas.vocabulary import Author, CaseId, Department, FactId, Municipality
from services.api.asked import asked
from services.api.reads import FOUND_MAX
from services.api.seen import CASE_ID
from services.api.track import same_phone
from services.postgres import Database
from streams.core import refusal
from streams.core.ids import read_tracking_code
from streams.core.refusal import Refusal

_CASE = """
select
    c.case_id, c.municipality, c.department, c.version, c.recorded_at, c.parent,
    f.fact ->> 'author' as author,
    n.content -> 'reporter' ->> 'phone' as phone
from projection.cases c
join projection.facts f
    on f.log_partition = c.log_partition and f.log_offset = c.submitted_offset
left join projection.contents n
    on n.case_id = c.case_id and n.log_offset = c.submitted_offset
"""
_BY_ID = f"{_CASE} where c.case_id = $1"
_BY_CODE = f"""
{_CASE}
where c.tracking_code = $1 and ($2::text is null or c.municipality = $2)
order by c.submitted_at, c.case_id
limit $3
"""
_JUDGED = """
select f.log_offset, f.judgement, f.refused_for
from projection.facts f
where f.case_id = $1 and f.fact_id = $2 and f.judgement in ('effective', 'refused')
order by f.log_offset
limit 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSpokenOf:
    """Whose the case is, and who brought the citizen's message."""

    case_id: CaseId
    municipality: Municipality
    department: Department | None
    version: int
    recorded_at: datetime
    parent: CaseId | None
    author: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFact:
    """The fold's judgement; the version is the fact's position in the log."""

    verdict: Literal["effective", "refused"]
    version: int
    refusal: Refusal | None


class SpokenOf:
    """Each question raises a 503 problem while Postgres is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, case_id: str) -> CaseSpokenOf | None:
        if not CASE_ID.fullmatch(case_id):
            return None
        row = await asked(lambda: self._database.pool.fetchrow(_BY_ID, case_id))
        return None if row is None else _case(row)

    async def with_code(
        self, code: str, *, municipality: str | None, phone_last_digits: str | None
    ) -> Sequence[CaseSpokenOf]:
        """Those that the code and what is beside it leave, as the look-up has it."""
        digits = read_tracking_code(code)
        rows = await asked(
            lambda: self._database.pool.fetch(_BY_CODE, digits, municipality, FOUND_MAX)
        )
        if len(rows) > 1 and phone_last_digits is not None:
            rows = [one for one in rows if same_phone(one["phone"], phone_last_digits)]
        return [_case(row) for row in rows]

    async def judged(self, case_id: CaseId, fact_id: FactId) -> JudgedFact | None:
        row = await asked(lambda: self._database.pool.fetchrow(_JUDGED, case_id, fact_id))
        if row is None:
            return None
        why = row["refused_for"]
        return JudgedFact(
            verdict=row["judgement"],
            version=row["log_offset"],
            refusal=None if why is None else refusal.read(why),
        )


def _case(row: asyncpg.Record) -> CaseSpokenOf:
    return CaseSpokenOf(
        case_id=row["case_id"],
        municipality=row["municipality"],
        department=row["department"],
        version=row["version"],
        recorded_at=row["recorded_at"],
        parent=row["parent"],
        author=row["author"],
    )
