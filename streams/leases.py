"""Leases over log partitions, for loops that share them, by the database's clock."""

import asyncpg

from schemas.topics import LOG_PARTITIONS
from streams.postgres import away

# What is mine comes first, so that a lease is renewed before another is taken.
CLAIM = """
insert into desk.leases as lease (role, log_partition, owner, leased_until)
select $1, candidate, $2, now() + $3 * interval '1 second'
from generate_series(0, $5 - 1) as candidate
left join desk.leases as known on known.role = $1 and known.log_partition = candidate
where known.owner is null or known.owner = $2 or known.leased_until < now()
order by (known.owner = $2) desc nulls last, candidate
limit $4
on conflict (role, log_partition) do update
set owner = excluded.owner, leased_until = excluded.leased_until
where lease.owner is null or lease.owner = excluded.owner or lease.leased_until < now()
returning log_partition
"""
HELD = """
select log_partition
from desk.leases
where role = $1 and owner = $2 and log_partition = any($3::int[])
and leased_until > clock_timestamp()
for share
"""
RELEASE = """
update desk.leases set owner = null, leased_until = '-infinity' where role = $1 and owner = $2
"""


async def claim(
    connection: asyncpg.Connection,
    role: str,
    owner: str,
    *,
    seconds: float,
    partitions_max: int = LOG_PARTITIONS,
    partitions: int = LOG_PARTITIONS,
) -> frozenset[int]:
    """Renews what is the owner's, takes what is free, and says what it holds from now on.

    What it held and does not get back went to another while it stood still: it drops what it
    knew of that partition.
    """
    with away():
        rows = await connection.fetch(CLAIM, role, owner, seconds, partitions_max, partitions)
    return frozenset(row["log_partition"] for row in rows)


async def held(
    connection: asyncpg.Connection, role: str, owner: str, partitions: frozenset[int]
) -> frozenset[int]:
    """Which of them are still the owner's; inside a transaction, until it ends.

    The first statement of a transaction that writes what only the owner may: a process that was
    stopped and woken finds out here, before it has changed anything.
    """
    with away():
        rows = await connection.fetch(HELD, role, owner, sorted(partitions))
    return frozenset(row["log_partition"] for row in rows)


async def release(connection: asyncpg.Connection, role: str, owner: str) -> None:
    """Gives all back at once, so that nobody waits for the leases to end."""
    with away():
        await connection.execute(RELEASE, role, owner)
