"""Lays out the database: what is kept for ever, and an empty projection where there is none."""

from importlib import resources

import asyncpg

from schemas.topics import LOG_PARTITIONS

PROJECTION = "projection"
LOCK = 8137_001  # Two provisionings at once wait for each other.


class OtherClusterError(RuntimeError):
    """The projection was made from the log of another Kafka cluster."""


async def lay_out(connection: asyncpg.Connection, cluster_id: str) -> bool:
    """Whether a projection was made. Raises `OtherClusterError`."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        await connection.execute(ddl("desk.sql"))
        known = await _cluster_of_projection(connection)
        if known is None:
            await _make_projection(connection, cluster_id)
        elif known != cluster_id:
            raise OtherClusterError(
                f"the projection was read from the Kafka cluster {known}, and this is {cluster_id}:"
                " point PEYGIR_KAFKA at the first, or drop the schema `projection` to rebuild it"
            )
    return known is None


def ddl(name: str) -> str:
    return (resources.files("schemas") / "postgres" / name).read_text(encoding="utf-8")


async def _cluster_of_projection(connection: asyncpg.Connection) -> str | None:
    there = await connection.fetchval("select to_regnamespace($1) is not null", PROJECTION)
    if not there:
        return None
    return await connection.fetchval("select min(cluster_id) from projection.log_positions")


async def _make_projection(connection: asyncpg.Connection, cluster_id: str) -> None:
    await connection.execute("create schema if not exists projection")
    await connection.execute("set local search_path to projection")
    await connection.execute(ddl("projection.sql"))
    await connection.execute(
        """
        insert into log_positions (log_partition, cluster_id)
        select one, $1
        from generate_series(0, $2::int - 1) one
        """,
        cluster_id,
        LOG_PARTITIONS,
    )
