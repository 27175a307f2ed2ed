"""What the projection knows of rows, and how far the imports have come in it."""

from collections.abc import Collection, Mapping

import asyncpg

from schemas.topics import IMPORTS
from schemas.vocabulary import CaseId, FactId

CONNECT_SECONDS_MAX = 10
QUERY_SECONDS_MAX = 60

KNOWN = "select distinct fact_id from projection.facts where case_id = any($1::text[])"
MARKS = """
select inbox_partition, mark from projection.inbox_marks
where inbox = $1 and generation = $2
"""
SET_ASIDE = """
select inbox_partition, inbox_offset, reason from projection.dead_letters
where inbox = $1 and generation = $2 and inbox_partition = $3
and inbox_offset >= $4 and inbox_offset < $5
order by inbox_offset limit $6
"""


class Projection:
    """Asked by one import, one question at a time. Raises what `services.postgres.AWAY` names."""

    def __init__(self, url: str, *, generation: int) -> None:
        self._url = url
        self._generation = generation
        self._connection: asyncpg.Connection | None = None

    async def open(self) -> None:
        self._connection = await asyncpg.connect(
            self._url,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=QUERY_SECONDS_MAX,
            server_settings={"timezone": "UTC", "application_name": "peygir-import"},
        )

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=CONNECT_SECONDS_MAX)

    async def known(self, cases: Collection[CaseId]) -> frozenset[FactId]:
        """The ids of all facts of these cases."""
        rows = await self._asked.fetch(KNOWN, list(cases))
        return frozenset(FactId(row["fact_id"]) for row in rows)

    async def marks(self) -> Mapping[int, int]:
        """By partition of the inbox: below which offset everything has its outcome."""
        rows = await self._asked.fetch(MARKS, IMPORTS, self._generation)
        return {row["inbox_partition"]: row["mark"] for row in rows}

    async def set_aside(
        self, partition: int, since: int, before: int, *, limit: int
    ) -> list[tuple[int, str]]:
        """Offsets and reasons of what the router set aside in that range."""
        rows = await self._asked.fetch(
            SET_ASIDE, IMPORTS, self._generation, partition, since, before, limit
        )
        return [(row["inbox_offset"], row["reason"]) for row in rows]

    @property
    def _asked(self) -> asyncpg.Connection:
        assert self._connection is not None, "opened before it is asked"
        return self._connection
