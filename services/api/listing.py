"""A page of cases: by the order of an index while that finds enough, else by what is rare.

A list is asked for in one of four orders with any filters. Two ways of reading it are known to be
quick: to walk an index in the list's order and leave out what does not fit, if much of it fits; and
to find the few that fit by narrow indexes and sort them. A planner guesses which; it guesses wrong
where filters depend on each other, and a walk that finds nothing reads a whole table. So the walk
comes first and has a bound, and where it found too little, the other way is taken.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.api import list_sql as sql
from services.api.asked import asked
from services.api.conditions import Conditions, patterns, said, tracking_code, wanted
from services.api.cursor import Place
from services.api.query import ListQuery
from services.http.client import Client
from services.postgres import Database

WALKED_MAX = 20_000
CANDIDATES_MAX = 10_000
TEXT_SHOWN_CHARACTERS = 200
CONNECTIONS_MAX = 4
SECONDS_MAX = 3
WAIT_SECONDS_MAX = 2 * SECONDS_MAX
SETTINGS = {
    "statement_timeout": f"{SECONDS_MAX}s",
    # Each list is another question: a plan for all of them fits none.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",  # Compiling takes longer than most answers.
    # What is joined is looked up by its key, and given up when enough is found.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "random_page_cost": "1.1",  # What is listed is in memory, or on a disk without an arm.
    "work_mem": "32MB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A case as it is shown in a list, and its place there."""

    at: datetime
    case_id: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Cases in the list's order, and whether there are more on either side."""

    cases: Sequence[Listed]
    more_before: bool
    more_after: bool


class Lists:
    """The lists of the projection. `database` is theirs alone: they keep nobody else waiting."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def at(cls, url: str) -> "Lists":
        """Over few connections, each of which gives up after so many seconds."""
        return cls(Database(url, connections_max=CONNECTIONS_MAX, settings=SETTINGS))

    async def page(
        self, query: ListQuery, client: Client, place: Place | None, now: datetime
    ) -> Page:
        """Raises a 503 problem while Postgres is away, and a 422 where this takes too long."""
        as_of = place.as_of if place else now
        order = _Order(query.sort, backwards=place is not None and place.before)
        found = wanted(query, client, as_of)
        sharp = tracking_code(query) is not None
        like = patterns(query)
        if like:
            sharp = await self._look_for(found, like)
        rows = await self._rows(_Asked(query, order, place, found), sharp=sharp)
        return _page(rows, query.limit, place)

    async def _look_for(self, found: Conditions, like: list[str]) -> bool:
        """Adds the words to the conditions; whether so few cases say them that they are known."""
        candidates = await self.candidates(like)
        if candidates is not None:
            found.among(candidates)
            return True
        found.words = sql.SAID.format(words=said(found, like))
        return False

    async def candidates(self, like: list[str]) -> list[str] | None:
        """The cases that say it; none where they are too many to be counted here."""
        asking = Conditions()
        words = said(asking, like)
        statement = sql.CANDIDATES.format(words=words, most=asking.place(CANDIDATES_MAX + 1))
        rows = await self.fetch(statement, asking)
        return [row[0] for row in rows] if len(rows) <= CANDIDATES_MAX else None

    async def fetch(self, statement: str, conditions: Conditions) -> list[asyncpg.Record]:
        """Waits for a connection too, and no longer than an answer may take."""

        async def fetched() -> list[asyncpg.Record]:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                return await self.database.pool.fetch(statement, *conditions.values)

        return await asked(fetched)

    async def _rows(self, asking: "_Asked", *, sharp: bool) -> list[asyncpg.Record]:
        if not sharp:
            rows = await self.fetch(*asking.walked())
            if len(rows) > asking.query.limit or not asking.filtered:
                return rows
        return await self.fetch(*asking.sorted())


@dataclass(frozen=True, slots=True)
class _Order:
    sort: str
    backwards: bool

    @property
    def column(self) -> str:
        return "due_at" if self.sort.endswith("due") else "submitted_at"

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-") != self.backwards


@dataclass(frozen=True, slots=True)
class _Asked:
    query: ListQuery
    order: _Order
    place: Place | None
    found: Conditions

    @property
    def filtered(self) -> bool:
        """Whether a walk may have left something out."""
        return bool(self.found.parts) or self.found.words != "true"

    def walked(self) -> tuple[str, Conditions]:
        found = self.found.copy()
        along = self._along(found)
        if self.query.historical:
            along.append("c.historical")
        elif len(self.query.municipality) == 1:
            along.append(f"c.municipality = {found.place(self.query.municipality[0])}")
        return self._statement(sql.WALKED, found, " and ".join(along) or "true", found.sql), found

    def sorted(self) -> tuple[str, Conditions]:
        found = self.found.copy()
        along = self._along(found)
        return self._statement(sql.SORTED, found, "true", " and ".join([found.sql, *along])), found

    def _along(self, found: Conditions) -> list[str]:
        """The conditions that an index in the list's order answers."""
        along = ["c.due_at is not null"] if self.order.column == "due_at" else []
        if self.place is not None:
            beyond = "<" if self.order.descending else ">"
            at, case_id = found.place(self.place.at), found.place(self.place.case_id)
            along.append(f"(c.{self.order.column}, c.case_id) {beyond} ({at}, {case_id})")
        return along

    def _statement(self, template: str, found: Conditions, along: str, narrowed: str) -> str:
        return template.format(
            along=along,
            source=found.source,
            found=narrowed,
            words=found.words,
            column=self.order.column,
            direction="desc" if self.order.descending else "asc",
            most=found.place(self.query.limit + 1),
            walked_max=WALKED_MAX,
            columns=sql.COLUMNS,
            shown=sql.SHOWN.format(column=self.order.column, text_max=TEXT_SHOWN_CHARACTERS),
        )


def _page(rows: list[asyncpg.Record], limit: int, place: Place | None) -> Page:
    more = len(rows) > limit
    cases = [
        Listed(at=row["at"], case_id=row["case_id"], document=row["document"])
        for row in rows[:limit]
    ]
    if place is not None and place.before:
        return Page(cases=cases[::-1], more_before=more, more_after=True)
    return Page(cases=cases, more_before=place is not None, more_after=more)
