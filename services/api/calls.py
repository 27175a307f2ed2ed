"""How many calls were answered and made no case, by day, by how they ended, and by subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from services.api.call_query import CallDimension, CallQuery
from services.api.conditions import Conditions
from services.api.listing import Lists
from services.http.problems import Fault, ProblemError, refused

DAYS_USUAL = 30
DAYS_MAX = 366
GROUPS_MAX = 10_000
_COLUMNS: dict[CallDimension, str] = {
    # The days of the municipality as moments: the database's own zones may be of another year.
    "day": "width_bucket(answered_at, {days}::timestamptz[])",
    "outcome": "outcome",
    "category": "category",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days that are asked for, the last one included, where they are counted."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> list[datetime]:
        """The moment at which each begins, and the one at which the last ends."""
        count = (self.last - self.first).days + 2
        days = (self.first + timedelta(days=number) for number in range(count))
        return [datetime.combine(one, time(), self.zone).astimezone(UTC) for one in days]


def days_of(query: CallQuery, zone: ZoneInfo, now: datetime) -> Days:
    """The last thirty where none are named. Raises a problem where they are none, or too many."""
    last = query.until or now.astimezone(zone).date()
    try:
        first = query.since or last - timedelta(days=DAYS_USUAL - 1)
    except OverflowError:
        first = last
    if first > last:
        raise refused(Fault(pointer="/query/since", detail="is after the last day"))
    if (last - first).days >= DAYS_MAX:
        raise refused(Fault(pointer="/query/since", detail=f"makes more than {DAYS_MAX} days"))
    return Days(first=first, last=last, zone=zone)


async def call_counts(lists: Lists, query: CallQuery, days: Days) -> dict[str, Any]:
    """The answer. Raises a 503 problem while Postgres is away, and a 422 where it is too much."""
    by: Sequence[CallDimension] = tuple(dict.fromkeys(query.by))
    found, begins = Conditions(), days.begins
    places = {
        "municipality": found.place(query.municipality),
        "first": found.place(begins[0]),
        "last": found.place(begins[-1]),
        "most": found.place(GROUPS_MAX + 1),
    }
    every_day = found.place(begins) if "day" in by else ""
    statement = _COUNTS.format(
        columns="".join(f", {_COLUMNS[one].format(days=every_day)} as {one}" for one in by),
        names="".join(f", {one}" for one in by),
        grouped=f"group by {', '.join(by)} order by {', '.join(by)}" if by else "",
        **places,
    )
    rows = await lists.fetch(statement, found)
    if len(rows) > GROUPS_MAX:
        words = f"There are more than {GROUPS_MAX} groups; ask for fewer days, or by less."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "too-broad", words)
    groups = [{one: _shown(one, row[one], days) for one in by} | _figures(row) for row in rows]
    return {
        "municipality": query.municipality,
        "zone": days.zone.key,
        "since": days.first.isoformat(),
        "until": days.last.isoformat(),
        "total": sum(row["count"] for row in rows),
        "calls": groups,
    }


def _shown(dimension: CallDimension, value: Any, days: Days) -> Any:  # noqa: ANN401
    if dimension != "day":
        return value
    return (days.first + timedelta(days=value - 1)).isoformat()


def _figures(row: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"count": row["count"], "seconds": row["seconds"]}


_COUNTS = """
select count(*) as count, sum(seconds)::bigint as seconds{names}
from (
    select seconds{columns}
    from projection.answered_calls
    where municipality = {municipality} and answered_at >= {first}::timestamptz
    and answered_at < {last}::timestamptz
) as found
{grouped}
limit {most}
"""
