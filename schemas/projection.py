"""The projection's layout: its SQL, and the digest by which a process knows that it fits."""

import hashlib
from importlib import resources

PROJECTION = "projection"
NEXT = "projection_next"
"""Where a rebuild makes the projection that will take the other's place."""
OLD = "projection_old"
_FOLDER = resources.files("schemas") / "postgres"

TABLES = (_FOLDER / "projection.sql").read_text(encoding="utf-8")
INDEXES = (_FOLDER / "projection_indexes.sql").read_text(encoding="utf-8")
DESK = (_FOLDER / "desk.sql").read_text(encoding="utf-8")
# The trigram operators are found under this name, whatever the search path is.
EXTENSIONS = "create extension if not exists pg_trgm schema public"

LAYOUT = hashlib.sha256((TABLES + INDEXES).encode()).hexdigest()[:12]
"""Another layout is another projection: it is rebuilt, never altered."""

LAYING_LOCK = 8137_001  # Two that lay out at once wait for each other.
REBUILD_LOCK = 8137_002  # Held by the session of whoever rebuilds.

LAY_OUT = """
insert into about (layout) values ($1)
"""
POSITIONS = """
insert into log_positions (log_partition, cluster_id)
select one, $1
from generate_series(0, $2::int - 1) one
"""
# What the dispatcher has still to bring: above what is delivered. What a topic did not take waits
# in desk.undelivered, and holds up nobody.
OUTBOX_WAITING = """
select coalesce(sum(waiting.deliveries), 0)::bigint as records, min(oldest.recorded_at) as since
from generate_series(0, $1 - 1) as part (log_partition)
left join desk.delivered using (log_partition)
cross join lateral (
    select count(*) as deliveries
    from projection.outbox
    where outbox.log_partition = part.log_partition
    and outbox.log_offset >= coalesce(delivered.log_offset, 0)
) as waiting
left join lateral (
    select (
        -- A join would read all facts up to this one.
        select facts.recorded_at
        from projection.facts
        where facts.log_partition = first.log_partition and facts.log_offset = first.log_offset
    ) as recorded_at
    from (
        select outbox.log_partition, outbox.log_offset
        from projection.outbox
        where outbox.log_partition = part.log_partition
        and outbox.log_offset >= coalesce(delivered.log_offset, 0)
        order by outbox.log_offset
        limit 1
    ) as first
) as oldest on true
"""
