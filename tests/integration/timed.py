"""A timer in this process over a real log and a real projection, with a clock of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from schemas import metrics
from schemas.exposition import Meters
from schemas.fact_parts import EscalationPoint, Promise
from schemas.facts import Routed
from schemas.notices import Notice
from schemas.topics import LOG_PARTITIONS
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.projection import Projection
from streams.sla_timer.sources import Sources
from streams.sla_timer.timer import Timer
from tests.books import FixedBook
from tests.builders import promise, routed, submitted
from tests.ground import Ground, new_case, now

ALL = frozenset(range(LOG_PARTITIONS))
SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    """The timer's clock, set by the test."""

    at: datetime = field(default_factory=now)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Watch:
    """A timer in this process, with its clock and its numbers."""

    timer: Timer
    clock: Clock
    meters: Meters

    async def look(self) -> None:
        while await self.timer.look(ALL):
            pass

    @property
    def held(self) -> float | None:
        return self.meters.registry.get_sample_value(metrics.TIMER_HELD.name)


def watch(on: Ground, *, hold_seconds: float = 300) -> Watch:
    meters, clock = Meters(metrics.ALL), Clock()
    timer = Timer(
        Projection(on.connection, inbox_generation=1),
        Sources(on.broker),
        Announcer(on.log, FixedBook(on.terms), meters, clock),
        meters,
        clock=clock,
        hold_max=timedelta(seconds=hold_seconds),
    )
    return Watch(timer, clock, meters)


async def opened(
    on: Ground, *, start: datetime, seconds: int = 60, steps: Sequence[int] = ()
) -> Routed:
    """A case with one clock, appended and not projected."""
    first = submitted(new_case(), at=start)
    promised = promise("first-response", seconds=seconds, start=start, percents=(50, 80))
    clocks = (replace(promised, escalations=ladder(promised, steps)),)
    second = routed(first, promises=clocks)
    await on.append(first, second)
    return second


def ladder(promised: Promise, steps: Sequence[int]) -> tuple[EscalationPoint, ...]:
    return tuple(
        EscalationPoint(
            step=number,
            role="head",
            at=promised.deadline + seconds * SECOND,
            after_seconds=seconds,
            working_time=False,
        )
        for number, seconds in enumerate(steps, start=1)
    )


async def notices(on: Ground, *cases: Routed) -> list[Notice]:
    facts = await on.facts_of(*(one.case_id for one in cases))
    return [fact for fact in facts if isinstance(fact, Notice)]


@asynccontextmanager
async def projecting(on: Ground) -> AsyncIterator[None]:
    """The projector and the accountant at work, as long as the test takes."""

    stopping = asyncio.Event()

    async def work() -> None:
        # Not cancelled: in the middle of a batch that may be lost, and then it goes on for ever.
        while not stopping.is_set():
            await on.project()
            await on.account()
            await asyncio.sleep(0.05)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        stopping.set()
        await task


async def all_breached(on: Ground, cases: list[Routed]) -> bool:
    return await notices_are(on, cases, 3 * len(cases))


async def notices_are(on: Ground, cases: list[Routed], count: int) -> bool:
    return len({one.fact_id for one in await notices(on, *cases)}) >= count


async def told(on: Ground, case: Routed) -> list[str]:
    rows = await on.connection.fetch(
        "select kind from outbox where case_id = $1 order by log_offset, ordinal", case.case_id
    )
    return [row["kind"] for row in rows]
