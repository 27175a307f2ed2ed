"""How far each log partition is read, and whose it is: a lease in the row of its positions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import asyncpg

from schemas.topics import ANSWERED_CALLS, CASE_FACTS, DEAD_LETTERS, KEYRING, LOG_PARTITIONS
from streams.postgres import away
from streams.projector.batch import Stretch

CLAIM = """
insert into log_positions as lease (log_partition, cluster_id, owner, leased_until)
select candidate, $1, $2, now() + $3 * interval '1 second'
from unnest($4::int[]) as candidate
left join log_positions as known on known.log_partition = candidate
where known.owner is null or known.owner = $2 or known.leased_until < now()
order by candidate
on conflict (log_partition) do update
set owner = excluded.owner, leased_until = excluded.leased_until
where lease.owner is null or lease.owner = excluded.owner or lease.leased_until < now()
returning log_partition, cluster_id, facts_offset, keyring_offset, letters_offset, calls_offset
"""
# The first statement of every transaction: whoever stood still while another took over, or read
# from another position, changes nothing.
ADVANCE = """
update log_positions as known
set facts_offset = moved.facts_to, keyring_offset = moved.keyring_to,
    letters_offset = moved.letters_to, calls_offset = moved.calls_to,
    leased_until = now() + $11 * interval '1 second'
from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
            $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
    as moved (log_partition, facts_from, keyring_from, letters_from, calls_from,
              facts_to, keyring_to, letters_to, calls_to)
where known.log_partition = moved.log_partition and known.owner = $10
and known.facts_offset = moved.facts_from and known.keyring_offset = moved.keyring_from
and known.letters_offset = moved.letters_from and known.calls_offset = moved.calls_from
"""
RELEASE = """
update log_positions set owner = null, leased_until = '-infinity' where owner = $1
"""


class LostError(Exception):
    """A partition is another's by now, or its position is not where it was left."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where one log partition goes on."""

    facts: int
    keyring: int
    letters: int
    calls: int

    def stretches(self, partition: int) -> dict[Stretch, int]:
        return {
            (KEYRING, partition): self.keyring,
            (CASE_FACTS, partition): self.facts,
            (DEAD_LETTERS, partition): self.letters,
            (ANSWERED_CALLS, partition): self.calls,
        }


Positions = Mapping[int, Position]


@dataclass(frozen=True, slots=True)
class Lease:
    """Whose, for how long, on which cluster's log, and of which partitions at most."""

    owner: str
    seconds: float
    cluster_id: str
    partitions: tuple[int, ...] = tuple(range(LOG_PARTITIONS))


async def claim(connection: asyncpg.Connection, lease: Lease) -> tuple[Positions, set[str]]:
    """Renews the owner's partitions and takes those that are free; tells their logs' clusters."""
    with away():
        rows = await connection.fetch(
            CLAIM, lease.cluster_id, lease.owner, lease.seconds, lease.partitions
        )
    positions = {
        row["log_partition"]: Position(
            row["facts_offset"], row["keyring_offset"], row["letters_offset"], row["calls_offset"]
        )
        for row in rows
    }
    return positions, {row["cluster_id"] for row in rows}


async def advance(
    connection: asyncpg.Connection, lease: Lease, old: Positions, new: Positions
) -> None:
    """Moves the positions on and renews the lease. Raises `LostError`."""
    moved = sorted(new)
    before, after = [old[one] for one in moved], [new[one] for one in moved]
    status = await connection.execute(
        ADVANCE,
        moved,
        *_columns(before),
        *_columns(after),
        lease.owner,
        lease.seconds,
    )
    if status != f"UPDATE {len(moved)}":
        raise LostError(f"{status} of {len(moved)} positions")


async def release(connection: asyncpg.Connection, lease: Lease) -> None:
    with away():
        await connection.execute(RELEASE, lease.owner)


def moved(old: Positions, next_offsets: Mapping[Stretch, int]) -> Positions:
    """The positions of the partitions that something was read of."""
    fields = {
        CASE_FACTS: "facts",
        KEYRING: "keyring",
        DEAD_LETTERS: "letters",
        ANSWERED_CALLS: "calls",
    }
    new: dict[int, Position] = {}
    for (topic, partition), offset in next_offsets.items():
        known = new.get(partition, old[partition])
        new[partition] = replace(known, **{fields[topic]: offset})
    return new


def _columns(positions: list[Position]) -> tuple[list[int], ...]:
    return (
        [one.facts for one in positions],
        [one.keyring for one in positions],
        [one.letters for one in positions],
        [one.calls for one in positions],
    )
