"""Imports handled a batch at a time, while Faust delivers them one by one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from schemas.fact_parts import Source
from schemas.topics import IMPORTS
from streams.away import AwayError
from streams.router.ahead import Ahead
from streams.router.outlet import Incoming


def record(offset: int, *, partition: int = 0, key: str | None = None) -> Incoming:
    return Incoming(
        source=Source(inbox=IMPORTS, generation=1, partition=partition, offset=offset),
        at=datetime(2026, 11, 24, tzinfo=UTC),
        value=b"{}",
        key=(key or f"{partition}/{offset}").encode(),
    )


@dataclass
class World:
    """An inbox that is read some records ahead, and what was handled, and how much at once."""

    lying: Sequence[Incoming]
    ahead: int = 3
    away_at: int | None = None
    handled: list[Incoming] = field(default_factory=list[Incoming])
    at_work: list[bytes | None] = field(default_factory=list[bytes | None])
    at_once: int = 0

    async def after(self, incoming: Incoming) -> Sequence[Incoming]:
        ours = [one for one in self.lying if one.source.partition == incoming.source.partition]
        place = ours.index(incoming)
        return ours[place + 1 : place + 1 + self.ahead]

    async def handle(self, incoming: Incoming) -> None:
        assert incoming.key not in self.at_work, "two messages of one case at once"
        self.at_work.append(incoming.key)
        self.at_once = max(self.at_once, len(self.at_work))
        await asyncio.sleep(0.01)
        if incoming.source.offset == self.away_at:
            raise AwayError("the broker is away")
        self.handled.append(incoming)
        self.at_work.remove(incoming.key)

    @property
    def offsets(self) -> list[int]:
        return sorted(one.source.offset for one in self.handled)


def deliver(world: World, *records: Incoming) -> None:
    async def delivered() -> None:
        ahead = Ahead(world, world.handle)
        for one in records:
            await ahead.handle(one)
            assert one in world.handled, "it is acknowledged to Faust now"

    asyncio.run(delivered())


def test_every_record_is_handled_once_and_several_at_once() -> None:
    world = World([record(offset) for offset in range(10)])

    deliver(world, *world.lying)

    assert world.offsets == list(range(10))
    assert world.at_once == 4


def test_records_of_one_case_are_never_handled_at_once() -> None:
    world = World([record(0, key="a"), record(1, key="b"), record(2, key="a"), record(3, key="c")])

    deliver(world, *world.lying)

    assert world.offsets == [0, 1, 2, 3]
    assert world.at_once == 2


def test_what_is_delivered_again_from_an_earlier_offset_is_handled_again() -> None:
    world = World([record(offset) for offset in range(6)])

    deliver(world, *world.lying[:5], *world.lying[2:])

    assert set(world.offsets) == set(range(6))


def test_partitions_do_not_pass_over_each_others_records() -> None:
    first, second = [record(n) for n in range(4)], [record(n, partition=1) for n in range(4)]
    world = World([*first, *second])

    deliver(world, first[0], *second[1:], *first[1:])

    assert world.offsets == [0, 1, 1, 2, 2, 3, 3]


def test_when_one_of_them_fails_nothing_is_acknowledged() -> None:
    world = World([record(offset) for offset in range(4)], away_at=2)

    with pytest.raises(AwayError):
        deliver(world, *world.lying)


def test_the_last_record_is_handled_though_nothing_follows() -> None:
    world = World([record(0)])

    deliver(world, record(0))

    assert world.offsets == [0]
