"""The schema `desk` as rows: what no log can give back."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import orjson

# Leases and repairs under way are of the processes and inboxes that were; they are left out. So are
# sessions and tries to sign in: after a restore, everybody signs in again.
TABLES = (
    "api_keys",
    "staff",
    "delivered",
    "looked_at",
    "undelivered",
    "unknown_deliveries",
    "restores",
)
ROWS_AT_ONCE = 1_000

Row = Mapping[str, Any]

COLUMNS = """
select column_name from information_schema.columns
where table_schema = 'desk' and table_name = $1
"""
CLAMP_DELIVERED = """
update desk.delivered set log_offset = least(delivered.log_offset, log.log_end)
from unnest($1::int[], $2::bigint[]) as log (log_partition, log_end)
where delivered.log_partition = log.log_partition
"""
CLAMP_LOOKED_AT = """
update desk.looked_at set log_offset = least(looked_at.log_offset, log.log_end)
from unnest($1::int[], $2::bigint[]) as log (log_partition, log_end)
where looked_at.log_partition = log.log_partition
"""
RESTORED = """
insert into desk.restores (
    restored_at, backup_made_at, backup_cluster, inbox_generation, erasures
)
values ($1, $2, $3, $4, $5)
"""


async def rows(connection: asyncpg.Connection) -> AsyncIterator[tuple[str, Row]]:
    """Every row of every table, as they stood at one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for table in TABLES:
            query = f"select to_jsonb(kept)::text from desk.{table} as kept"  # noqa: S608
            async for row in connection.cursor(query, prefetch=ROWS_AT_ONCE):
                yield table, orjson.loads(row[0])


async def put(connection: asyncpg.Connection, found: Iterable[tuple[str, Row]]) -> None:
    """Inside the caller's transaction."""
    waiting: dict[str, list[Row]] = {}
    for table, row in found:
        waiting.setdefault(table, []).append(row)
        if len(waiting[table]) >= ROWS_AT_ONCE:
            await _insert(connection, table, waiting.pop(table))
    for table, left in waiting.items():
        await _insert(connection, table, left)


async def clamp_positions(connection: asyncpg.Connection, ends: Mapping[int, int]) -> None:
    """Nothing is delivered, or looked at, that the log does not have."""
    for statement in (CLAMP_DELIVERED, CLAMP_LOOKED_AT):
        await connection.execute(statement, list(ends.keys()), list(ends.values()))


async def _insert(connection: asyncpg.Connection, table: str, found: Sequence[Row]) -> None:
    if table not in TABLES:
        return  # A later version kept more.
    there = {row["column_name"] for row in await connection.fetch(COLUMNS, table)}
    names = ", ".join(sorted(there & found[0].keys()))
    await connection.execute(
        f"insert into desk.{table} ({names}) "  # noqa: S608
        f"select {names} from jsonb_populate_recordset(null::desk.{table}, $1::jsonb)",
        orjson.dumps(found).decode(),
    )
