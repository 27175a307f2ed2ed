"""What the bench of the timer fills the tables with is what a projector would."""

import asyncio

import asyncpg
import pytest

from schemas.codec import decode_fact
from services.provision.tables import lay_out
from tests.bench.million_clocks import CLOCKS_A_CASE, Filling
from tests.builders import NOON

pytestmark = pytest.mark.integration

CALM, DUE = 3, 2
CLOCKS = "select count(*) from clocks join cases using (case_id)"
FACTS = "select facts.*, version from facts join cases using (case_id)"


def test_each_fact_and_clock_is_of_a_case_that_there_is(database: str) -> None:
    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database, server_settings={"search_path": "projection"})
        try:
            await lay_out(connection, "a cluster")
            filling = Filling(connection)
            await filling.calm(CALM, NOON)
            await filling.due(DUE, NOON, a_second=1)
            assert await connection.fetchval(CLOCKS) == (CALM + DUE) * CLOCKS_A_CASE
            return await connection.fetch(FACTS)
        finally:
            await connection.close()

    rows = asyncio.run(run())

    for row in rows:
        assert decode_fact(row["fact"]).case_id == row["case_id"]
        assert (row["judgement"], row["refused_for"]) == ("effective", None)
    last = {row["case_id"] for row in rows if row["log_offset"] == row["version"]}
    assert last == {row["case_id"] for row in rows}
    assert len(last) == CALM + DUE
