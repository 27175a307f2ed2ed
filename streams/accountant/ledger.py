"""The accounting's tables: marks, what is covered above them, and repairs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from streams import leases
from streams.core.accounting import InboxPartition, Repaired, advanced
from streams.postgres import away
from streams.process import HaltError

ROLE = "accountant"
COVERED_A_TURN_MAX = 20_000

FIRST_SEEN = """
insert into inbox_marks (inbox, generation, inbox_partition, mark)
select * from unnest($1::text[], $2::int[], $3::int[], $4::bigint[])
on conflict do nothing
"""
STANDING = """
select marks.inbox, marks.inbox_partition, marks.mark,
    array(
        select covered.inbox_offset
        from covered
        where covered.inbox = marks.inbox and covered.generation = marks.generation
        and covered.inbox_partition = marks.inbox_partition
        and covered.inbox_offset >= marks.mark
        order by covered.inbox_offset
        limit $2
    ) as covered
from inbox_marks as marks
where marks.generation = $1
"""
MOVE = """
update inbox_marks as marks set mark = greatest(marks.mark, moved.mark)
from unnest($1::text[], $2::int[], $3::int[], $4::bigint[])
    as moved (inbox, generation, inbox_partition, mark)
where marks.inbox = moved.inbox and marks.generation = moved.generation
and marks.inbox_partition = moved.inbox_partition
"""
FORGET = """
delete from covered using inbox_marks as marks
where marks.inbox = covered.inbox and marks.generation = covered.generation
and marks.inbox_partition = covered.inbox_partition and covered.inbox_offset < marks.mark
"""
# The inboxes before a restore are no more: what became of their messages is asked by nobody.
FORGET_FORMER = "delete from covered where generation < $1"
COVER = """
insert into covered (inbox, generation, inbox_partition, inbox_offset)
values ($1, $2, $3, $4)
on conflict do nothing
"""
REPAIRS = """
select inbox_offset, attempts, last_at from desk.repairs
where inbox = $1 and generation = $2 and inbox_partition = $3 and inbox_offset = any($4::bigint[])
"""
TRIED = """
insert into desk.repairs (
    inbox, generation, inbox_partition, inbox_offset, attempts, last_at
)
values ($1, $2, $3, $4, $5, $6)
on conflict (inbox, generation, inbox_partition, inbox_offset) do update
set attempts = excluded.attempts, last_at = excluded.last_at
"""
RESTORED_TO = "select coalesce(max(inbox_generation), 1) from desk.restores"
# Whoever claimed it last: it is shown on while a slow turn delays the next claim.
OURS = "select owner = $2 from desk.leases where role = $1 and log_partition = 0"
READ_TO = "select log_partition, facts_offset, letters_offset from log_positions"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an inbox partition stands: every offset below the mark, and these, has an outcome."""

    mark: int
    covered: tuple[int, ...] = ()

    @property
    def known_below(self) -> int | None:
        """Offsets from here on were not asked for; none when all were."""
        return self.covered[-1] + 1 if len(self.covered) == COVERED_A_TURN_MAX else None


Standings = Mapping[InboxPartition, Standing]


class Ledger:
    def __init__(self, connection: asyncpg.Connection, *, owner: str, generation: int) -> None:
        self._connection = connection
        self._owner = owner
        self._generation = generation

    async def ours(self, seconds: float) -> bool:
        """Whether we are the accountant; only one is."""
        held = await leases.claim(
            self._connection, ROLE, self._owner, seconds=seconds, partitions_max=1, partitions=1
        )
        return bool(held)

    async def check_generation(self) -> None:
        """Positions of inboxes that were lost must not pass for those of their successors."""
        with away():
            wanted = await self._connection.fetchval(RESTORED_TO) or 1
        if self._generation < wanted:
            raise HaltError(
                f"PEYGIR_INBOX_GENERATION is {self._generation}, and since the restore it must be "
                f"{wanted}, for every process"
            )

    async def release(self) -> None:
        await leases.release(self._connection, ROLE, self._owner)

    async def open(self, starts: Mapping[InboxPartition, int]) -> None:
        """Begins to account for inboxes that are new, from their first offset."""
        with away():
            await self._connection.execute(
                FIRST_SEEN, *_columns(starts), [starts[one] for one in starts]
            )

    async def merge(self) -> Standings:
        """Moves the marks over what is covered, and forgets what lies below them."""
        with away():
            async with self._connection.transaction():
                if not await leases.held(self._connection, ROLE, self._owner, frozenset({0})):
                    return {}
                standings = await self._standings()
                moved = {
                    one: advanced(standing.mark, standing.covered)
                    for one, standing in standings.items()
                    if standing.covered
                }
                if moved:
                    marks = [moved[one] for one in moved]
                    await self._connection.execute(MOVE, *_columns(moved), marks)
                    await self._connection.execute(FORGET)
                if self._generation > 1:
                    await self._connection.execute(FORGET_FORMER, self._generation)
        return {
            one: Standing(moved.get(one, standing.mark), standing.covered)
            for one, standing in standings.items()
        }

    async def read_to(self) -> Mapping[int, tuple[int, int]]:
        """How far the projector has read the facts and the dead letters of each log partition."""
        with away():
            rows = await self._connection.fetch(READ_TO)
        return {row["log_partition"]: (row["facts_offset"], row["letters_offset"]) for row in rows}

    async def cover(self, place: InboxPartition, offset: int) -> None:
        with away():
            await self._connection.execute(
                COVER, place.inbox, place.generation, place.partition, offset
            )

    async def repaired(
        self, place: InboxPartition, offsets: Collection[int]
    ) -> Mapping[int, Repaired]:
        with away():
            rows = await self._connection.fetch(
                REPAIRS, place.inbox, place.generation, place.partition, list(offsets)
            )
        return {
            row["inbox_offset"]: Repaired(attempts=row["attempts"], last_at=row["last_at"])
            for row in rows
        }

    async def tried(
        self, place: InboxPartition, offset: int, *, attempts: int, at: datetime
    ) -> None:
        with away():
            await self._connection.execute(
                TRIED, place.inbox, place.generation, place.partition, offset, attempts, at
            )

    async def _standings(self) -> Standings:
        rows = await self._connection.fetch(STANDING, self._generation, COVERED_A_TURN_MAX)
        return {
            InboxPartition(
                inbox=row["inbox"],
                generation=self._generation,
                partition=row["inbox_partition"],
            ): Standing(row["mark"], tuple(row["covered"]))
            for row in rows
        }


async def at_work(connection: asyncpg.Connection, owner: str) -> bool:
    """Whether that is the accountant now, for whoever only shows something."""
    with away():
        return bool(await connection.fetchval(OURS, ROLE, owner))


def _columns(places: Collection[InboxPartition]) -> tuple[list[str], list[int], list[int]]:
    return (
        [one.inbox for one in places],
        [one.generation for one in places],
        [one.partition for one in places],
    )
