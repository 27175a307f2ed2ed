"""Calls that were answered and made no case: their rows, and which of them are new."""

from collections import Counter
from collections.abc import Iterable

import asyncpg

from schemas.exposition import Labels
from streams.core.tables import CALL_COLUMNS, call_row
from streams.projector.batch import CallRecord

# Said again of the same call: it takes the place of what was said, and is no further call.
CALLS = """
insert into answered_calls (
    municipality, call, log_partition, outcome, category, answered_at, seconds
)
select * from unnest(
    $1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::timestamptz[], $7::int[]
)
on conflict (municipality, call) do update
set log_partition = excluded.log_partition, outcome = excluded.outcome,
    category = excluded.category, answered_at = excluded.answered_at, seconds = excluded.seconds
returning municipality, outcome, xmax = 0 as is_new
"""


async def write(connection: asyncpg.Connection, records: Iterable[CallRecord]) -> Counter[Labels]:
    """How many calls are new, by municipality and outcome. In the caller's transaction."""
    # Of two records of one call the later counts, as compaction has it.
    last = {(one.call.municipality, one.call.call): one for one in records}
    if not last:
        return Counter()
    rows = [call_row(one.partition, one.call) for one in last.values()]
    columns = [[row[index] for row in rows] for index in range(len(CALL_COLUMNS))]
    written = await connection.fetch(CALLS, *columns)
    return Counter((row["municipality"], row["outcome"]) for row in written if row["is_new"])
