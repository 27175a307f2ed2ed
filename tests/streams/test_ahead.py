"""Records handled some at a time, while Faust delivers them one by one."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from schemas.fact_parts import Source
from schemas.topics import IMPORTS, PROGRESS_DESK
from streams.away import AwayError
from streams.router.ahead import RECORDS_AHEAD_MAX, Ahead
from streams.router.outlet import Incoming

OF_OTHERS = "progress-hashtgerd-parks"


def record(
    offset: int, *, partition: int = 0, key: str | None = None, inbox: str = IMPORTS
) -> Incoming:
    return Incoming(
        source=Source(inbox=inbox, generation=1, partition=partition, offset=offset),
        at=datetime(2026, 11, 24, tzinfo=UTC),
        value=b"{}",
        key=(key or f"{inbox}/{partition}/{offset}").encode(),
    )


@dataclass
class World:
    """What lies in the inboxes, how much of it is seen ahead, and what was handled together."""

    lying: Sequence[Incoming]
    seen: int = 3
    away_at: int | None = None
    handled: list[Incoming] = field(default_factory=list[Incoming])
    at_work: list[bytes | None] = field(default_factory=list[bytes | None])
    at_once: int = 0

    def following(self, incoming: Incoming) -> Iterable[Incoming]:
        place = incoming.source.inbox, incoming.source.partition
        ours = [one for one in self.lying if (one.source.inbox, one.source.partition) == place]
        behind = ours.index(incoming) + 1
        return iter(ours[behind : behind + self.seen])

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
        ahead = Ahead(world.handle, keyed={IMPORTS, PROGRESS_DESK})
        for one in records:
            await ahead.handle(one, world.following(one))
            assert one in world.handled, "it is acknowledged to Faust now"

    asyncio.run(delivered())


def test_every_record_is_handled_once_and_several_at_once() -> None:
    world = World([record(offset) for offset in range(10)])

    deliver(world, *world.lying)

    assert world.offsets == list(range(10))
    assert world.at_once == 4


def test_no_more_than_so_many_are_handled_at_once() -> None:
    world = World([record(offset) for offset in range(100)], seen=100)

    deliver(world, *world.lying)

    assert world.offsets == list(range(100))
    assert world.at_once == 1 + RECORDS_AHEAD_MAX


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


def test_inboxes_do_not_pass_over_each_others_records() -> None:
    first, second = (
        [record(n) for n in range(4)],
        [record(n, inbox=PROGRESS_DESK) for n in range(4)],
    )
    world = World([*first, *second])

    deliver(world, first[0], *second[1:], *first[1:])

    assert world.offsets == [0, 1, 1, 2, 2, 3, 3]


def test_where_a_key_may_name_anything_each_record_is_handled_alone() -> None:
    world = World([record(offset, inbox=OF_OTHERS) for offset in range(4)])

    deliver(world, *world.lying)

    assert [one.source.offset for one in world.handled] == [0, 1, 2, 3]
    assert world.at_once == 1


def test_when_one_of_them_fails_nothing_is_acknowledged() -> None:
    world = World([record(offset) for offset in range(4)], away_at=2)

    with pytest.raises(AwayError):
        deliver(world, *world.lying)


def test_the_last_record_is_handled_though_nothing_follows() -> None:
    world = World([record(0)])

    deliver(world, record(0))

    assert world.offsets == [0]
