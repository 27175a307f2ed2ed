"""Whether the projection that stands in the database is one that this version may write."""

import asyncpg

from schemas.projection import LAYOUT
from streams import postgres
from streams.process import HaltError


async def check_layout(connection: asyncpg.Connection) -> None:
    """Raises `HaltError` where another version laid it out."""
    layout = None
    with postgres.away():
        # Seen from the search path: a projection of long ago has no such table.
        if await connection.fetchval("select to_regclass('about') is not null"):
            layout = await connection.fetchval("select layout from about")
    if layout != LAYOUT:
        raise HaltError(
            f"the projection was laid out as {layout or 'by an older version'}, "
            f"this version needs {LAYOUT}: run `peygir rebuild` of this version"
        )
