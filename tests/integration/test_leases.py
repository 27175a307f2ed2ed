"""Leases on a real database: one owner at a time, whoever asks at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from schemas import projection
from schemas.topics import LOG_PARTITIONS
from streams import leases
from streams.projector import positions
from streams.projector.positions import Lease

pytestmark = pytest.mark.integration

ROUNDS = 20
Claim = Callable[[asyncpg.Connection, str], Awaitable[frozenset[int]]]


async def _by_role(connection: asyncpg.Connection, owner: str) -> frozenset[int]:
    return await leases.claim(connection, "role", owner, seconds=60)


async def _by_position(connection: asyncpg.Connection, owner: str) -> frozenset[int]:
    claimed, _ = await positions.claim(connection, Lease(owner, 60, "cluster"))
    return frozenset(claimed)


@pytest.mark.parametrize("claim", [_by_role, _by_position])
def test_no_partition_has_two_owners_though_both_ask_at_once(database: str, claim: Claim) -> None:
    async def run() -> None:
        async with _Tables(database) as (one, other):
            for _ in range(ROUNDS):
                first, second = await asyncio.gather(claim(one, "one"), claim(other, "other"))

                assert not first & second
                assert first | second == frozenset(range(LOG_PARTITIONS))
                await one.execute("delete from desk.leases; delete from log_positions")

    asyncio.run(run())


def test_a_lease_is_renewed_given_back_taken_when_it_has_ended_and_shared(database: str) -> None:
    async def run() -> None:
        async with _Tables(database) as (one, other):
            assert await leases.claim(one, "r", "a", seconds=60, partitions_max=5) == {
                0,
                1,
                2,
                3,
                4,
            }
            assert await leases.claim(other, "r", "b", seconds=0.1) == {5, 6, 7}
            assert await leases.claim(one, "r", "a", seconds=60, partitions_max=5) == {
                0,
                1,
                2,
                3,
                4,
            }
            assert await leases.held(other, "r", "b", frozenset({4, 5})) == {5}
            await asyncio.sleep(0.2)
            assert await leases.held(other, "r", "b", frozenset({4, 5})) == frozenset()
            assert await leases.claim(one, "r", "a", seconds=60) == frozenset(range(8))
            assert await leases.claim(other, "r", "b", seconds=60) == frozenset()
            await leases.release(one, "r", "a")
            assert await leases.claim(other, "r", "b", seconds=60) == frozenset(range(8))

    asyncio.run(run())


class _Tables:
    """Two sessions on fresh tables."""

    def __init__(self, database: str) -> None:
        self._database = database

    async def __aenter__(self) -> list[asyncpg.Connection]:
        settings = {"search_path": "projection, desk"}
        self._sessions = [
            await asyncpg.connect(self._database, server_settings=settings) for _ in range(2)
        ]
        await self._sessions[0].execute("drop schema if exists projection, desk cascade")
        await self._sessions[0].execute("create schema projection")
        for layout in (projection.TABLES, projection.DESK):
            await self._sessions[0].execute(layout)
        return self._sessions

    async def __aexit__(self, *_: object) -> None:
        for session in self._sessions:
            await session.close()
