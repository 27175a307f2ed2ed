"""Lays out the database: what is kept for ever, and an empty projection where there is none."""

import asyncpg

from schemas import projection
from schemas.projection import LAYING_LOCK, LAYOUT, PROJECTION
from schemas.topics import LOG_PARTITIONS


class OtherClusterError(RuntimeError):
    """The projection was made from the log of another Kafka cluster."""


class OtherLayoutError(RuntimeError):
    """Workers of another version are at work on a projection of another layout."""


async def lay_out(connection: asyncpg.Connection, cluster_id: str) -> bool:
    """Whether a projection was made. Raises `OtherClusterError`, `OtherLayoutError`."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LAYING_LOCK)
        await connection.execute(projection.EXTENSIONS)
        await connection.execute(projection.DESK)
        known = await _cluster_of_projection(connection)
        if known is not None and known != cluster_id:
            raise OtherClusterError(
                f"the projection was read from the Kafka cluster {known}, and this is {cluster_id}:"
                " point PEYGIR_KAFKA at the first, or drop the schema `projection` to rebuild it"
            )
        if known is not None and await _laid_out_otherwise(connection):
            await connection.execute(f"drop schema {PROJECTION} cascade")
            known = None
        if known is None:
            await _make_projection(connection, cluster_id)
    return known is None


async def _cluster_of_projection(connection: asyncpg.Connection) -> str | None:
    if not await connection.fetchval("select to_regnamespace($1) is not null", PROJECTION):
        return None
    return await connection.fetchval("select min(cluster_id) from projection.log_positions")


async def _laid_out_otherwise(connection: asyncpg.Connection) -> bool:
    """Whether the projection has to be made anew, and nobody works on the old one."""
    known = "select to_regclass('projection.about') is not null"
    layout = None
    if await connection.fetchval(known):
        layout = await connection.fetchval("select layout from projection.about")
    if layout == LAYOUT:
        return False
    at_work = "select exists (select from projection.log_positions where leased_until > now())"
    if await connection.fetchval(at_work):
        raise OtherLayoutError(
            f"the projection is laid out as {layout or 'by an older version'}, this version needs "
            f"{LAYOUT}, and workers are at work on it: run `peygir rebuild` of this version first"
        )
    return True


async def _make_projection(connection: asyncpg.Connection, cluster_id: str) -> None:
    await connection.execute("create schema if not exists projection")
    await connection.execute("set local search_path to projection")
    await connection.execute(projection.TABLES)
    await connection.execute(projection.INDEXES)
    await connection.execute(projection.LAY_OUT, LAYOUT)
    await connection.execute(projection.POSITIONS, cluster_id, LOG_PARTITIONS)
