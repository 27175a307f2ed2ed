"""What is owed to the departments, read from the projection, and what became of it, in desk."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schemas.deliveries import DeliveryKind
from schemas.topics import INTAKE_PARTS, department_of
from streams.dispatcher.compose import IN_ITS_WORDS, Owed
from streams.postgres import away

# What tells how the case stands by then. What routed it says so itself, and needs no history.
WITH_HISTORY: tuple[DeliveryKind, ...] = (
    "assigned",
    "warned",
    "breached",
    "escalated",
    "resumed",
    "answered",
    "reopened",
    "reclassified",
    "linked",
    "unlinked",
    "noted",
    "handed-over",
    "handed-over-answered",
    "split",
    "confirmed",
    "disputed",
    "undisputed",
    "rated",
)
# What is new, above the delivered position; and what a topic did not take, when its time has come
# and nothing earlier of the same case waits for that topic.
OWED = """
with chosen as (
    select new.log_partition, new.log_offset, new.ordinal, null::int as attempts
    from unnest($1::int[]) as mine (log_partition)
    left join desk.delivered using (log_partition)
    cross join lateral (
        select outbox.log_partition, outbox.log_offset, outbox.ordinal
        from outbox
        where outbox.log_partition = mine.log_partition
        and outbox.log_offset >= coalesce(delivered.log_offset, 0)
        order by outbox.log_offset, outbox.ordinal
        limit $2
    ) as new
    union all
    select late.log_partition, late.log_offset, late.ordinal, late.attempts
    from (
        select due.log_partition, due.log_offset, due.ordinal, due.attempts
        from desk.undelivered as due
        where $3 and due.log_partition = any($1::int[]) and due.next_try_at <= now()
        and not exists (
            select from desk.undelivered as earlier
            where earlier.case_id = due.case_id and earlier.topic = due.topic
            and (earlier.log_offset, earlier.ordinal) < (due.log_offset, due.ordinal)
        )
        order by due.log_partition, due.log_offset, due.ordinal
        limit $2
    ) as late
)
select
    outbox.log_partition, outbox.log_offset, outbox.ordinal, outbox.case_id,
    outbox.municipality, outbox.department, outbox.kind, outbox.words, outbox.trace,
    chosen.attempts, facts.fact, facts.refused_for, cause.fact as cause, contents.content,
    history.facts as history, cases.tracking_code, cases.channel, cases.policy_version,
    cases.erased_at,
    -- Asked for where it is needed alone: most of what is owed is no part.
    case when outbox.kind = 'part' then (
        select said_first.content
        from contents as said_first
        where said_first.case_id = outbox.case_id
        and said_first.log_offset = cases.submitted_offset
    ) end as said_first,
    case when facts.judgement = 'effective' then outbox.log_offset
    else coalesce(cases.version, -1) end as version,
    chosen.attempts is null and exists (
        select from desk.undelivered as earlier
        where earlier.case_id = outbox.case_id
        and earlier.topic = case outbox.kind
            when 'part' then $5
            else 'department-' || outbox.municipality || '-' || outbox.department
        end
        and (earlier.log_offset, earlier.ordinal) < (outbox.log_offset, outbox.ordinal)
    ) as waits
from chosen
join outbox using (log_partition, log_offset, ordinal)
left join facts using (log_partition, log_offset)
left join cases on cases.case_id = outbox.case_id and cases.municipality = outbox.municipality
left join lateral (
    select earlier.log_offset, earlier.fact
    from facts as earlier
    where earlier.case_id = outbox.case_id and earlier.fact_id = facts.fact ->> 'cause'
    order by earlier.log_offset
    limit 1
) as cause on true
left join contents on contents.case_id = outbox.case_id
    and contents.log_offset = case
        when outbox.kind = any($6::text[]) then outbox.log_offset
        else coalesce(cause.log_offset, cases.submitted_offset)
    end
left join lateral (
    select json_agg(json_build_array(past.log_offset, past.fact) order by past.log_offset) as facts
    from facts as past
    where past.case_id = outbox.case_id and past.log_offset <= outbox.log_offset
    and past.judgement = 'effective'
) as history on outbox.kind = any($4::text[]) and facts.type <> 'case.routed.v1'
    and coalesce(cause.fact ->> 'type', '') <> 'case.routed.v1'
order by outbox.log_partition, outbox.log_offset, outbox.ordinal
"""
# One statement, so one transaction: nothing of it where another has the lease by now. That ours has
# run out alone changes nothing: else a round longer than a lease would be repeated for ever.
SETTLE = """
with mine as (
    select log_partition
    from desk.leases
    where role = $1 and owner = $2
    for share
),
brought as (
    delete from desk.undelivered as late
    using mine, jsonb_to_recordset($3::jsonb)
    as done (log_partition int, log_offset bigint, ordinal int)
    where late.log_partition = mine.log_partition and late.log_partition = done.log_partition
    and late.log_offset = done.log_offset and late.ordinal = done.ordinal
),
parked as (
    insert into desk.undelivered as late (
        log_partition, log_offset, ordinal, case_id, topic, attempts, next_try_at, reason
    )
    select
        failed.log_partition, failed.log_offset, failed.ordinal, failed.case_id, failed.topic,
        failed.attempts, now() + failed.wait_seconds * interval '1 second', failed.reason
    from mine
    join jsonb_to_recordset($4::jsonb) as failed (
        log_partition int, log_offset bigint, ordinal int, case_id text, topic text,
        attempts int, wait_seconds double precision, reason text
    ) using (log_partition)
    on conflict (log_partition, log_offset, ordinal) do update
    set attempts = excluded.attempts, next_try_at = excluded.next_try_at, reason = excluded.reason
),
unknown as (
    insert into desk.unknown_deliveries (
        log_partition, log_offset, ordinal, case_id, topic, delivery_id
    )
    select
        untold.log_partition, untold.log_offset, untold.ordinal, untold.case_id, untold.topic,
        untold.delivery_id
    from mine
    join jsonb_to_recordset($7::jsonb) as untold (
        log_partition int, log_offset bigint, ordinal int, case_id text, topic text,
        delivery_id text
    ) using (log_partition)
    on conflict do nothing
)
insert into desk.delivered as known (log_partition, log_offset)
select passed.log_partition, passed.log_offset
from mine
join unnest($5::int[], $6::bigint[]) as passed (log_partition, log_offset) using (log_partition)
on conflict (log_partition) do update
set log_offset = greatest(known.log_offset, excluded.log_offset)
"""

RESTORED_AT = "select max(restored_at) from desk.restores"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One delivery to make. `attempts` counts failed ones; none if this is the first.

    `waits`: an earlier one of the same case for the same topic is not delivered yet.
    """

    owed: Owed
    attempts: int | None
    waits: bool

    @property
    def topic(self) -> str:
        if self.owed.kind == "part":
            return INTAKE_PARTS
        return department_of(self.owed.municipality, self.owed.department)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """An item that has to wait, and why."""

    item: Item
    attempts: int
    wait_seconds: float
    reason: str

    @property
    def tried(self) -> bool:
        """Rather than waiting for an earlier one."""
        return self.wait_seconds > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """An item that may have been delivered before a restore, and is not delivered again."""

    item: Item
    delivery_id: str


class Outbox:
    """The outbox of the partitions that are ours. Positions move only while they are."""

    def __init__(self, connection: asyncpg.Connection, *, role: str, owner: str) -> None:
        self._connection = connection
        self._role = role
        self._owner = owner

    async def owed(
        self, partitions: Collection[int], *, each_max: int, again: bool
    ) -> Sequence[Item]:
        """What is to be delivered, in the order of the log; `again`: what failed, too."""
        with away():
            rows = await self._connection.fetch(
                OWED,
                sorted(partitions),
                each_max,
                again,
                WITH_HISTORY,
                INTAKE_PARTS,
                (*IN_ITS_WORDS, "part"),
            )
        return [_item(row) for row in rows]

    async def settle(
        self,
        brought: Iterable[Item],
        parked: Iterable[Parked],
        untold: Sequence[Untold],
        passed: Mapping[int, int],
    ) -> None:
        """Keeps what became of a round; `passed` is how far each partition's outbox is done."""
        finished = (*brought, *(one.item for one in untold))
        done = [_place(item) for item in finished if item.attempts is not None]
        failed = [
            {
                **_place(one.item),
                "case_id": one.item.owed.case_id,
                "topic": one.item.topic,
                "attempts": one.attempts,
                "wait_seconds": one.wait_seconds,
                "reason": one.reason,
            }
            for one in parked
        ]
        with away():
            await self._connection.execute(
                SETTLE,
                self._role,
                self._owner,
                json.dumps(done),
                json.dumps(failed),
                list(passed.keys()),
                list(passed.values()),
                json.dumps([_untold(one) for one in untold]),
            )


async def restored_at(connection: asyncpg.Connection) -> datetime | None:
    """The moment of the last restore, if there was one; it never changes while we run."""
    with away():
        return await connection.fetchval(RESTORED_AT)


def _untold(one: Untold) -> dict[str, object]:
    of = {"case_id": one.item.owed.case_id, "topic": one.item.topic}
    return {**_place(one.item), **of, "delivery_id": one.delivery_id}


def _place(item: Item) -> dict[str, object]:
    owed = item.owed
    return {
        "log_partition": owed.log_partition,
        "log_offset": owed.log_offset,
        "ordinal": owed.ordinal,
    }


def _item(row: asyncpg.Record) -> Item:
    named = dict(row)
    attempts, waits = named.pop("attempts"), named.pop("waits")
    return Item(owed=Owed(**named), attempts=attempts, waits=waits)
