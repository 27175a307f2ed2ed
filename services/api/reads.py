"""Every read of the projection, a query an answer: the one module that knows its SQL."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.api import case_sql as sql
from services.api.asked import asked
from services.api.track_sql import TRACKED
from services.postgres import Database

FOUND_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCase:
    """A case as JSON, with what decides who may see it.

    `body`: it was handed over to that one, which has a title. `related`: its followers, its parts
    or what it follows are to be looked up, and may change while the case does not.
    """

    version: int
    municipality: str
    department: str | None
    document: str
    body: str | None = None
    related: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another case that this one has to do with."""

    case_id: str
    municipality: str
    department: str | None
    tracking_code: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relatives:
    """The first of them, and how many they are together."""

    cases: tuple[Relative, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFact:
    """One record of the log as the fold judged it, and what was said with it, opened."""

    log_partition: int
    log_offset: int
    judgement: str
    refusal: str | None
    fact: str
    refused_for: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A case as its citizen may see it; `phone` only tells two cases of one code apart."""

    municipality: str
    department: str | None
    category: str | None
    document: str
    phone: str | None


class Reads:
    """The projection's answers. Each raises a 503 problem while Postgres is away."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def answers(self) -> None:
        await asked(
            lambda: self.database.pool.fetchval("select 1 from projection.log_positions limit 1")
        )

    async def case(self, case_id: str) -> ReadCase | None:
        row = await asked(lambda: self.database.pool.fetchrow(sql.CASE, case_id))
        return None if row is None else _case(row)

    async def recorded_by(
        self, case_id: str, at: datetime, *, most: int
    ) -> tuple[ReadCase | None, list[ReadFact]]:
        """The case, and the longest run of its first facts of which each was recorded by then."""
        rows = await asked(lambda: self.database.pool.fetch(sql.RECORDED_BY, case_id, at, most))
        return _with_facts(rows)

    async def rendered(self, case: str, clocks: str) -> ReadCase:
        """Rows of `cases` and `clocks` that are in no table, as JSON, shown like those that are."""
        row = await asked(lambda: self.database.pool.fetchrow(sql.RENDERED, case, clocks))
        assert row is not None, "a row that is given is given back"
        return _case(row)

    async def facts(
        self, case_id: str, *, after: int, limit: int
    ) -> tuple[ReadCase | None, list[ReadFact]]:
        """The case, and its facts after that position in the order of the log."""
        rows = await asked(lambda: self.database.pool.fetch(sql.FACTS, case_id, after, limit))
        return _with_facts(rows)

    async def root(self, case_id: str) -> Relative | None:
        """The case whose clocks it goes by; none where it goes by its own."""
        row = await asked(lambda: self.database.pool.fetchrow(sql.ROOT, case_id))
        return None if row is None else _relative(row)

    async def parts(self, case_id: str, by: datetime) -> Relatives:
        """What was split off and recorded by then."""
        return _relatives(await asked(lambda: self.database.pool.fetch(sql.PARTS, case_id, by)))

    async def followers(self, case_id: str, by: datetime) -> Relatives:
        """What follows it, as it was recorded by then."""
        rows = await asked(lambda: self.database.pool.fetch(sql.FOLLOWERS, case_id, by))
        return _relatives(rows)

    async def tracked(self, code: str, municipality: str | None) -> list[Tracked]:
        rows = await asked(
            lambda: self.database.pool.fetch(_TRACKED, code, municipality, FOUND_MAX)
        )
        return [
            Tracked(
                municipality=row["municipality"],
                department=row["department"],
                category=row["category"],
                document=row["document"],
                phone=row["phone"],
            )
            for row in rows
        ]


def _case(row: asyncpg.Record) -> ReadCase:
    return ReadCase(**dict(row))


def _relative(row: asyncpg.Record) -> Relative:
    return Relative(
        case_id=row["case_id"],
        municipality=row["municipality"],
        department=row["department"],
        tracking_code=row["tracking_code"],
        state=row["state"],
    )


def _relatives(rows: list[asyncpg.Record]) -> Relatives:
    return Relatives(cases=tuple(map(_relative, rows)), count=rows[0]["together"] if rows else 0)


def _with_facts(rows: list[asyncpg.Record]) -> tuple[ReadCase | None, list[ReadFact]]:
    if not rows:
        return None, []
    first = rows[0]
    case = ReadCase(
        version=first["version"],
        municipality=first["municipality"],
        department=first["department"],
        document="",
    )
    return case, [_fact(row) for row in rows if row["log_offset"] is not None]


def _fact(row: asyncpg.Record) -> ReadFact:
    return ReadFact(
        log_partition=row["log_partition"],
        log_offset=row["log_offset"],
        judgement=row["judgement"],
        refusal=row["refusal"],
        fact=row["fact"],
        refused_for=row.get("refused_for"),
        said=row.get("said"),
    )


_TRACKED = TRACKED.format(contents=sql.SAID, most=sql.FOLLOWED_MAX)
