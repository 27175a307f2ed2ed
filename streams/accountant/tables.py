"""How far the accounting, the projector and the dispatcher are, as Postgres says it."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from schemas.projection import OUTBOX_WAITING
from schemas.topics import CASE_FACTS, LOG_PARTITIONS
from streams.core.lag import Behind, Place
from streams.postgres import away

SESSION = {
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    # What is asked for lies at the end of a long table, and the planner expects a third of it.
    "enable_seqscan": "off",
}

PROJECTED = "select log_partition, facts_offset from log_positions"
MARKS = "select inbox, inbox_partition, mark from inbox_marks where generation = $1"
PARKED = "select topic, count(*) as deliveries from desk.undelivered group by topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`projected`: up to which offset of the log; `marks`: of each inbox, by the accounting."""

    projected: Mapping[Place, int]
    marks: Mapping[Place, int]
    outbox: Behind
    parked: Mapping[str, int]


async def progress(connection: asyncpg.Connection, generation: int) -> Progress:
    """Raises `AwayError`, or `QueryCanceledError` where it takes too long."""
    with away():
        projected = await connection.fetch(PROJECTED)
        marks = await connection.fetch(MARKS, generation)
        outbox = await connection.fetchrow(OUTBOX_WAITING, LOG_PARTITIONS)
        parked = await connection.fetch(PARKED)
    assert outbox is not None, "a sum without groups is one row"
    return Progress(
        projected={(CASE_FACTS, row["log_partition"]): row["facts_offset"] for row in projected},
        marks={(row["inbox"], row["inbox_partition"]): row["mark"] for row in marks},
        outbox=Behind(records=outbox["records"], since=outbox["since"]),
        parked={row["topic"]: row["deliveries"] for row in parked},
    )
