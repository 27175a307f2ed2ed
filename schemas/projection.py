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
