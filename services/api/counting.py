"""How many cases there are of each kind, up to a number beyond which it is said to be more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.api.conditions import patterns, said, wanted
from services.api.listing import Lists
from services.api.query import CountQuery, Dimension
from services.http.access import Client

COUNTED_MAX = 10_000
GROUPS_MAX = 1_000


async def counts(lists: Lists, query: CountQuery, client: Client, now: datetime) -> dict[str, Any]:
    """The answer. Raises the same problems as a page of a list."""
    by: tuple[Dimension, ...] = tuple(dict.fromkeys(query.by))
    found = wanted(query, client, now)
    like = patterns(query)
    # Without groups it is enough to see that there are more.
    most = None if by else COUNTED_MAX + 1
    said_by = ""
    if like:
        candidates = await lists.candidates(like)
        if candidates is None:
            # So common a text is said by more than are counted: the groups are those of the first.
            said_by = (
                f"join projection.case_words w on w.case_id = c.case_id and {said(found, like)}"
            )
            most = COUNTED_MAX + 1
        else:
            found.among(candidates)
    columns = [_column(one, found.place(now) if one == "overdue" else "") for one in by]
    statement = _COUNTS.format(
        columns="".join(f", {column} as {name}" for name, column in zip(by, columns, strict=True)),
        names="".join(f", s.{name}" for name in by),
        source=found.source,
        said_by=said_by,
        found=found.sql,
        limited=f"limit {found.place(most)}" if most else "",
        counted_max=COUNTED_MAX,
        groups_max=found.place(GROUPS_MAX + 1),
    )
    rows = await lists.fetch(statement, found)
    return _answer(by, rows, cut=most is not None and _sum(rows) >= most)


def _column(dimension: Dimension, now: str) -> str:
    if dimension == "overdue":
        return f"coalesce(c.due_at < {now}::timestamptz, false)"
    return f"c.{dimension}"


def _answer(
    by: Sequence[Dimension], rows: Sequence[asyncpg.Record], *, cut: bool
) -> dict[str, Any]:
    """`cut`: there are more cases than were looked at, so every figure may be more."""
    shown = [row for row in rows[:GROUPS_MAX] if by]
    return {
        "total": _figure(_sum(rows), more=cut),
        "groups": [
            {**{name: row[name] for name in by}, **_figure(row["count"], more=cut)} for row in shown
        ],
        "complete": len(rows) <= GROUPS_MAX and not (cut and by),
    }


def _sum(rows: Sequence[asyncpg.Record]) -> int:
    return sum(row["count"] for row in rows)


def _figure(count: int, *, more: bool) -> dict[str, Any]:
    return {"count": min(count, COUNTED_MAX), "more": more or count > COUNTED_MAX}


_SAID_BY = "join projection.case_words w on w.case_id = c.case_id and {words}"
_COUNTS = """
with s as (
    select 1 as one{columns}
    from {source}
    {said_by}
    where {found}
    {limited}
)
select least(count(*), {counted_max} + 1) as count{names}
from s
group by s.one{names}
order by count desc{names}
limit {groups_max}
"""
