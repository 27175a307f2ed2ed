"""Looks at Postgres with questions that change nothing."""

import asyncio
from datetime import UTC, datetime

import asyncpg

from services.doctor.judge_database import QUIET
from services.doctor.seen import Away, Database, InboxPlace, Work

CONNECT_SECONDS_MAX = 4
QUERY_SECONDS_MAX = 5.0
PER_VERSION = 10_000
COUNTED_MAX = 100_000

SERVER = """
select current_setting('server_version_num')::int as version,
       current_setting('server_encoding') as encoding,
       clock_timestamp() as clock,
       (select nspname from pg_extension join pg_namespace n on n.oid = extnamespace
        where extname = 'pg_trgm') as trigrams,
       to_regclass('projection.about') is not null
       and to_regclass('desk.leases') is not null as laid_out
"""
LOGGING = "select name, setting from pg_settings where name = any($1::text[])"
LAYOUT = "select layout from projection.about"
POSITIONS = """
select log_partition, cluster_id, facts_offset, leased_until > now() as leased
from projection.log_positions
"""
LEASES = """
select role, count(*)::int as held from desk.leases where leased_until > now() group by role
"""
MARKS = """
select inbox, inbox_partition, mark from projection.inbox_marks where generation = $1
"""
# Counted up to a bound: a doctor does not keep the patient waiting.
COUNTS = """
select
  (select wrapped from projection.keyring where wrapped is not null limit 1) as wrapped,
  (select count(*) from (select from projection.clocks
    where next_due_at < now() - interval '1 minute' limit $1) as late) as late_notices,
  (select count(*) from (select from projection.dead_letters limit $1) as letters) as letters,
  (select count(*) from (select from projection.dead_letters
    where kind = 'incident' limit $1) as incidents) as incidents,
  (select count(*) from (select from projection.unreadable limit $1) as bad) as unreadable,
  (select count(*) from (select from projection.facts
    where judgement = 'unfoldable' limit $1) as bad) as unfoldable,
  (select count(*) from desk.undelivered) as undelivered,
  (select count(*) from desk.api_keys where revoked_at is null) as api_keys,
  (select count(*) from projection.cases where erased_at is not null) as erased
"""


def database(url: str, generation: int) -> Database | Away:
    try:
        return asyncio.run(_seen(url, generation))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Away(why=f"Postgres cannot be asked ({type(error).__name__})")


async def _seen(url: str, generation: int) -> Database:
    connection = await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS_MAX,
        command_timeout=QUERY_SECONDS_MAX,
        server_settings={"application_name": "peygir doctor", "timezone": "UTC"},
    )
    try:
        asked = datetime.now(UTC)  # noqa: TID251  # the two clocks are what is compared
        server = await connection.fetchrow(SERVER)
        took = datetime.now(UTC) - asked  # noqa: TID251
        assert server is not None, "a select without a table gives one row"
        return Database(
            version=server["version"] // PER_VERSION,
            encoding=server["encoding"],
            ahead_seconds=(server["clock"] - asked - took / 2).total_seconds(),
            trigrams=server["trigrams"],
            logging={row["name"]: row["setting"] for row in await _logging(connection)},
            layout=await connection.fetchval(LAYOUT) if server["laid_out"] else None,
            work=await _work(connection, generation) if server["laid_out"] else None,
        )
    finally:
        await connection.close()


async def _logging(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(LOGGING, list(QUIET))


async def _work(connection: asyncpg.Connection, generation: int) -> Work:
    positions = await connection.fetch(POSITIONS)
    leases = await connection.fetch(LEASES)
    marks = await connection.fetch(MARKS, generation)
    counts = await connection.fetchrow(COUNTS, COUNTED_MAX)
    assert counts is not None, "a select without a table gives one row"
    held = {"projector": sum(1 for row in positions if row["leased"])}
    return Work(
        clusters=frozenset(row["cluster_id"] for row in positions),
        facts_offsets={row["log_partition"]: row["facts_offset"] for row in positions},
        leased=held | {row["role"]: row["held"] for row in leases},
        marks={_place(row): row["mark"] for row in marks},
        **counts,
    )


def _place(row: asyncpg.Record) -> InboxPlace:
    return row["inbox"], row["inbox_partition"]
