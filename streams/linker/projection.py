"""What the linker reads of the projection, and its own place in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.topics import LOG_PARTITIONS
from schemas.vocabulary import CaseId, Municipality, PolicyVersion
from streams.core.duplicates import FOLLOWING_MAX, Around, Compared, address_words
from streams.core.nearness import Box, Spot
from streams.postgres import away

# So many of one subject in one place that follow nothing: then only the first of them count.
ALIKE_MAX = 100

# A page of each partition from where the linker stands; what is no routing is passed over.
PAGES = """
select
    mine.log_partition, page.log_offset, page.case_id, page.recorded_at,
    case when page.type = 'case.routed.v1' and page.judgement = 'effective'
        then page.fact ->> 'policy_version' end as policy_version
from generate_series(0, $1 - 1) as mine (log_partition)
left join desk.looked_at using (log_partition)
cross join lateral (
    select log_offset, case_id, recorded_at, type, judgement, fact
    from facts
    where facts.log_partition = mine.log_partition
    and facts.log_offset >= coalesce(looked_at.log_offset, 0)
    order by log_offset
    limit $2
) as page
"""
MARKS = """
select inbox, inbox_partition, mark
from inbox_marks
where generation = $1 and inbox like 'intake-%'
"""
# It never goes back: whoever was stopped and woken has looked at no more than others have.
MOVED = """
insert into desk.looked_at as known (log_partition, log_offset)
select * from unnest($1::int[], $2::bigint[])
on conflict (log_partition) do update
set log_offset = greatest(known.log_offset, excluded.log_offset)
"""
COMPARED = """
select
    cases.case_id, cases.recorded_at, cases.municipality, cases.category, cases.state,
    cases.historical or cases.unfoldable is not null as historical,
    cases.erased_at is not null as erased, cases.parent, cases.part_of,
    (contents.content #>> '{place,lat}')::double precision as lat,
    (contents.content #>> '{place,lon}')::double precision as lon,
    contents.content #>> '{place,address}' as address
from cases
left join contents
on contents.case_id = cases.case_id and contents.log_offset = cases.submitted_offset
"""
NAMED = f"{COMPARED} where cases.case_id = any($1::text[])"
# What a person has said of it once is not said again.
JUDGED_BEFORE = """
select distinct case_id
from facts
where case_id = any($1::text[]) and judgement = 'effective'
and type in ('case.linked.v1', 'case.unlinked.v1')
"""
# By its rounded place the map finds what is near; by its words, what has no place on it. Of those
# that follow another some are enough: where there are many, they lead to the same.
ALIKE = f"""
{COMPARED}
where cases.case_id in (
    select found.case_id
    from (
        (
            select near.case_id, near.recorded_at, false as follows
            from cases as near
            where near.municipality = $1 and near.category = $2
            and near.state in ('routed', 'acknowledged', 'started')
            and near.lat between $5 and $6 and near.lon between $7 and $8
            and near.recorded_at between $3 and $4
        )
        union all
        (
            select near.case_id, near.recorded_at, true as follows
            from cases as near
            where near.municipality = $1 and near.category = $2 and near.state = 'linked'
            and near.lat between $5 and $6 and near.lon between $7 and $8
            and near.recorded_at between $3 and $4
            limit $10
        )
        union all
        (
            select there.case_id, there.recorded_at, there.parent is not null as follows
            from (
                select case_id, recorded_at
                from case_words
                where left(address, 200) = left($9, 200) and address = $9
                and recorded_at between $3 and $4
                order by left(address, 200), recorded_at
                limit 2 * $10
            ) as addressed
            join cases as there using (case_id)
            where there.municipality = $1 and there.category = $2
            and there.state in ('routed', 'acknowledged', 'started', 'linked')
        )
    ) as found
    order by found.follows, found.recorded_at, found.case_id
    limit $10
)
"""  # noqa: S608  # Its own text.
ABOVE = f"""
with recursive above (case_id, links) as (
    select parent, 1 from unnest($1::text[]) as first (parent)
    union
    select cases.parent, above.links + 1
    from above join cases on cases.case_id = above.case_id
    where cases.parent is not null and above.links < {FOLLOWING_MAX}
)
{COMPARED}
where cases.case_id in (select case_id from above)
"""  # noqa: S608  # Its own text.
FOLLOWERS = """
select coalesce(max(counted.followers), 0)
from (
    select count(*) as followers from cases where parent = any($1::text[]) group by parent
) as counted
"""
NOWHERE = Box(south=1.0, north=0.0, west=1.0, east=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position of the log; where a case was routed, it names the policy that said so."""

    log_partition: int
    log_offset: int
    case_id: CaseId
    recorded_at: datetime
    policy_version: PolicyVersion | None


class Projection:
    def __init__(self, connection: asyncpg.Connection, *, inbox_generation: int) -> None:
        self._connection = connection
        self._generation = inbox_generation

    async def pages(self, *, each_max: int) -> Mapping[int, Sequence[Place]]:
        """What comes next of each partition, in the order of the log."""
        found: dict[int, list[Place]] = {}
        for row in await self._fetch(PAGES, LOG_PARTITIONS, each_max):
            found.setdefault(row["log_partition"], []).append(Place(**dict(row)))
        return found

    async def marks(self) -> Mapping[TopicPartition, int]:
        """Below which position the outcome of every citizen's message is in the projection."""
        rows = await self._fetch(MARKS, self._generation)
        return {TopicPartition(row["inbox"], row["inbox_partition"]): row["mark"] for row in rows}

    async def moved(self, offsets: Mapping[int, int]) -> None:
        """From these positions the next look goes on, whoever does it."""
        with away():
            await self._connection.execute(MOVED, list(offsets.keys()), list(offsets.values()))

    async def cases(self, named: Collection[CaseId]) -> Mapping[CaseId, Compared]:
        """Those that were never linked, nor taken apart."""
        judged = {row["case_id"] for row in await self._fetch(JUDGED_BEFORE, list(named))}
        rows = await self._fetch(NAMED, list(named))
        return {row["case_id"]: _compared(row) for row in rows if row["case_id"] not in judged}

    async def alike(
        self, case: Compared, around: Around, told: Mapping[CaseId, CaseId]
    ) -> list[Compared]:
        """What may be the same as the case, and whatever that follows.

        `told` is what follows what and does not stand in the projection yet.
        """
        area = around.box or NOWHERE
        rows = await self._fetch(
            ALIKE,
            case.municipality,
            case.category,
            around.since,
            case.recorded_at,
            area.south,
            area.north,
            area.west,
            area.east,
            " ".join(around.address) if around.address else None,
            ALIKE_MAX,
        )
        found = {row["case_id"]: _as_told(_compared(row), told) for row in rows}
        parents = {one.parent for one in found.values()} - found.keys() - {None}
        for row in await self._fetch(ABOVE, list(parents)) if parents else ():
            found.setdefault(row["case_id"], _as_told(_compared(row), told))
        return list(found.values())

    async def followers(self, parents: Collection[CaseId]) -> int:
        """How many cases follow the one of these that most follow."""
        return (await self._fetch(FOLLOWERS, list(parents)))[0][0]

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with away():
            return await self._connection.fetch(query, *arguments)


def _as_told(one: Compared, told: Mapping[CaseId, CaseId]) -> Compared:
    parent = told.get(one.case_id)
    if parent is None or one.parent is not None:
        return one
    return replace(one, parent=parent, state="linked")


def _compared(row: asyncpg.Record) -> Compared:
    known: dict[str, Any] = dict(row)
    lat, lon = known.pop("lat"), known.pop("lon")
    known["municipality"] = Municipality(known["municipality"])
    known["address"] = address_words(known["address"])
    return Compared(**known, spot=None if lat is None or lon is None else Spot(lat=lat, lon=lon))
