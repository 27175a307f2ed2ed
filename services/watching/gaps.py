"""Messages that a router has passed and that have no outcome, found without the accountant."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from schemas.kafka import Kafka
from schemas.topics import CASE_FACTS, DEAD_LETTERS, LOG_PARTITIONS, REPAIRS
from services.watching.ask_kafka import Asked, Offsets, Position, Record
from services.watching.ask_postgres import Repair, Tables, tables
from streams.core.accounting import TRIES_BY_ROUTER
from streams.core.lag import Place

LISTED_MAX = 200
READ_SECONDS_MAX = 5.0
PROJECTOR_WAIT_SECONDS = 5.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A message of which nobody knows what became; `since`, when it came."""

    inbox: str
    generation: int
    partition: int
    offset: int
    since: datetime | None
    repair: Repair | None

    @property
    def tries(self) -> int:
        return self.repair.attempts if self.repair else 0

    def what_to_do(self) -> str:
        if self.tries == 0:
            return "nobody has asked for it again: see that the accountant runs"
        if self.tries <= TRIES_BY_ROUTER:
            return "it was sent to repair: see that router-repairs runs, and read its log"
        return "it was sent to the 137 centre: read the log of router-repairs, and report it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Of all that were found the first; `unprojected` may have the outcome of what is not listed.

    While the projector is behind, only what was sent to repair is known to be a gap.
    """

    found: int
    listed: Sequence[Gap]
    unprojected: int


async def look(kafka: Kafka, url: str, generation: int) -> Gaps:
    """Raises `KafkaAwayError`, or a failure of Postgres."""
    asked = Asked(kafka)
    try:
        seen = asked.positions()
        # What was committed before that has its outcome below these ends, where it has one.
        ends = asked.ends({CASE_FACTS: LOG_PARTITIONS, DEAD_LETTERS: LOG_PARTITIONS})
        passed = {place: one for place, one in seen.committed.items() if place[0] != REPAIRS}
        async with tables(url) as answers:
            unprojected = await _unprojected(answers, ends)
            holes = await answers.holes(generation, seen.starts, passed)
            repairs = await answers.repairs(generation)
        known = repairs if unprojected else None
        found = sum(len(one) for _, one in holes) if known is None else 0
        listed = list(islice(_positions(holes, known), LISTED_MAX))
        records = asked.records(listed, READ_SECONDS_MAX)
    finally:
        asked.close()
    # An offset that holds no record has nothing to answer for.
    empty = {one for one, record in records.items() if record.offset != one[2]}
    gaps = [_gap(one, generation, records, repairs) for one in listed if one not in empty]
    return Gaps(found=max(found - len(empty), len(gaps)), listed=gaps, unprojected=unprojected)


async def _unprojected(answers: Tables, ends: Offsets) -> int:
    """How many records the projector has still to read up to there, after a wait for it."""
    give_up_at = time.monotonic() + PROJECTOR_WAIT_SECONDS
    while True:
        read_to = await answers.read_to()
        left = sum(max(end - read_to.get(place, 0), 0) for place, end in ends.items())
        if not left or time.monotonic() >= give_up_at:
            return left
        await asyncio.sleep(LOOK_SECONDS)


def _positions(
    holes: Iterable[tuple[Place, range]], known: Mapping[Position, Repair] | None
) -> Iterator[Position]:
    """One by one, in order; of those that are known, where only they are gaps for sure."""
    for (inbox, partition), offsets in holes:
        if known is None:
            yield from ((inbox, partition, offset) for offset in offsets)
        else:
            yield from (
                one for one in sorted(known) if one[:2] == (inbox, partition) and one[2] in offsets
            )


def _gap(
    position: Position,
    generation: int,
    records: Mapping[Position, Record],
    repairs: Mapping[Position, Repair],
) -> Gap:
    inbox, partition, offset = position
    record = records.get(position)
    return Gap(
        inbox=inbox,
        generation=generation,
        partition=partition,
        offset=offset,
        since=record.at if record else None,
        repair=repairs.get(position),
    )
