"""How many cases there are of each kind, up to a number beyond which it is said to be more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.api.conditions import Conditions, patterns, said, wanted
from services.api.list_sql import SAID
from services.api.listing import Lists
from services.api.query import CountQuery, Dimension
from services.http.client import Client

COUNTED_MAX = 10_000
LOOKED_MAX = 20_000
GROUPS_MAX = 1_000


async def counts(lists: Lists, query: CountQuery, client: Client, now: datetime) -> dict[str, Any]:
    """The answer. Raises the same problems as a page of a list."""
    by: tuple[Dimension, ...] = tuple(dict.fromkeys(query.by))
    found = wanted(query, client, now)
    like = patterns(query)
    if like:
        candidates = await lists.candidates(like)
        if candidates is None:
            return await _common(lists, by, found, like, now)
        found.among(candidates)
    # Without groups it is enough to see that there are more.
    most = None if by else COUNTED_MAX + 1
    statement = _COUNTS.format(
        **_names(by, found, now),
        source=found.source,
        found=found.sql,
        limited=f"limit {found.place(most)}" if most else "",
    )
    rows = await lists.fetch(statement, found)
    return _answer(by, rows, _sum(rows), more=len(rows) > GROUPS_MAX)


async def _common(
    lists: Lists, by: tuple[Dimension, ...], found: Conditions, like: list[str], now: datetime
) -> dict[str, Any]:
    """Of words that are said by many: only so many cases are looked through, the newest."""
    everything = not found.parts
    statement = _OF_THE_NEWEST.format(
        **_names(by, found, now),
        picked="".join(f", c.{name}" for name in by),
        found=found.sql,
        words=SAID.format(words=said(found, like)),
        looked_max=found.place(LOOKED_MAX),
    )
    whole, *rows = await lists.fetch(statement, found)
    more = whole["looked"] >= LOOKED_MAX
    # That many say it is known already.
    total = COUNTED_MAX + 1 if everything else whole["count"]
    return _answer(by, rows, total, more=more)


def _names(by: Sequence[Dimension], found: Conditions, now: datetime) -> dict[str, Any]:
    columns = [_column(one, found.place(now) if one == "overdue" else "") for one in by]
    return {
        "columns": "".join(f", {what} as {name}" for name, what in zip(by, columns, strict=True)),
        "names": "".join(f", s.{name}" for name in by),
        "counted_max": COUNTED_MAX,
        "groups_max": found.place(GROUPS_MAX + 1),
    }


def _column(dimension: Dimension, now: str) -> str:
    if dimension == "overdue":
        return f"coalesce(c.due_at < {now}::timestamptz, false)"
    return f"c.{dimension}"


def _answer(
    by: Sequence[Dimension], rows: Sequence[asyncpg.Record], total: int, *, more: bool
) -> dict[str, Any]:
    """`more`: not all cases were looked at, so every figure may be more, and a group missing."""
    groups = [
        {**{name: row[name] for name in by}, **_figure(row["count"], more=more)}
        for row in rows[:GROUPS_MAX]
    ]
    return {
        "total": _figure(total, more=more),
        "groups": groups if by else [],
        "complete": not (more and by),
    }


def _sum(rows: Sequence[asyncpg.Record]) -> int:
    return sum(row["count"] for row in rows)


def _figure(count: int, *, more: bool) -> dict[str, Any]:
    return {"count": min(count, COUNTED_MAX), "more": more or count > COUNTED_MAX}


_COUNTS = """
with s as (
    select 1 as one{columns}
    from {source}
    where {found}
    {limited}
)
select least(count(*), {counted_max} + 1) as count{names}
from s
group by s.one{names}
order by count desc{names}
limit {groups_max}
"""
# The first row is the whole, which is there even where nothing is found.
_OF_THE_NEWEST = """
with looked as materialized (
    select c.case_id{columns}
    from projection.cases c
    where {found}
    order by c.submitted_at desc, c.case_id desc
    limit {looked_max}
),
s as (
    select 1 as one{picked}
    from looked c
    where {words}
)
select
    least(count(*), {counted_max} + 1) as count,
    (select count(*) from looked) as looked,
    grouping(s.one) as whole{names}
from s
group by grouping sets ((), (s.one{names}))
order by whole desc, count desc{names}
limit {groups_max} + 1
"""
