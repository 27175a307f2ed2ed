"""The accounting held against the log: which inbox positions have their outcome, and the marks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from aiokafka.structs import TopicPartition

from streams.core.tables import Row
from streams.kafka import Broker
from streams.verifier.report import Report
from streams.verifier.snapshot import Snapshot

OFFSETS_AS_BITS_MAX = 2**33
RECORDS_ASKED_FOR_MAX = 200

Place = tuple[str, int, int]
"""An inbox, its generation and a partition of it."""


class Offsets:
    """A set of offsets at a bit each; what is absurdly high stands apart."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._far: set[int] = set()

    def add(self, offset: int) -> None:
        if not 0 <= offset < OFFSETS_AS_BITS_MAX:
            self._far.add(offset)
            return
        place = offset >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1024 - len(self._bits)))
        self._bits[place] |= 1 << (offset & 7)

    def __contains__(self, offset: int) -> bool:
        place = offset >> 3
        here = 0 <= place < len(self._bits) and self._bits[place] >> (offset & 7) & 1
        return bool(here) or offset in self._far

    def at_or_above(self, mark: int) -> Iterator[int]:
        last = len(self._bits) * 8
        yield from (one for one in range(max(mark, 0), last) if one in self)
        yield from sorted(one for one in self._far if one >= mark)

    def absent(self, start: int, end: int) -> Iterator[int]:
        return (one for one in range(start, end) if one not in self)


class Accounts:
    """Learns the outcomes from the log, then compares."""

    def __init__(self) -> None:
        self._wanted: defaultdict[Place, Offsets] = defaultdict(Offsets)
        self._asked = 0
        self._sizes: Mapping[str, int] = {}

    def learn(self, position: Row) -> None:
        inbox, generation, partition, offset = position
        self._wanted[inbox, generation, partition].add(offset)

    async def check(
        self, snapshot: Snapshot, broker: Broker, report: Report, generation: int
    ) -> None:
        """The accounts of inboxes before a restore are closed: nothing is said of them."""
        self._sizes = await broker.partitions(("",))
        found = await self._covered(snapshot, broker, report)
        marks = {(row[0], row[1], row[2]): row[3] for row in await snapshot.marks()}
        for place in self._wanted.keys() | marks.keys():
            if place[1] != generation:
                continue
            wanted, mark = self._wanted[place], marks.get(place, 0)
            for offset in wanted.at_or_above(mark):
                if offset not in found[place]:
                    report.missing("covered", where=_named(place, offset))
            await self._check_mark(broker, report, place, mark)

    async def _covered(
        self, snapshot: Snapshot, broker: Broker, report: Report
    ) -> defaultdict[Place, Offsets]:
        found: defaultdict[Place, Offsets] = defaultdict(Offsets)
        async for inbox, generation, partition, offset in snapshot.covered():
            place = (inbox, generation, partition)
            found[place].add(offset)
            if offset not in self._wanted[place] and await self._holds(broker, place, offset):
                report.too_many("covered", where=_named(place, offset))
        return found

    async def _check_mark(self, broker: Broker, report: Report, place: Place, mark: int) -> None:
        """Every position below it has its outcome, or there is no record."""
        if not self._there(place):
            return
        where = TopicPartition(place[0], place[2])
        start, end = (await broker.starts([where]))[where], (await broker.ends([where]))[where]
        if mark > end:
            report.differs("inbox_marks", "mark", where=_named(place, mark))
        for offset in self._wanted[place].absent(start, min(mark, end)):
            if await self._holds(broker, place, offset):
                report.differs("inbox_marks", "mark", where=_named(place, offset))

    def _there(self, place: Place) -> bool:
        """Whether the broker has such a partition: asked for one that it has not, it is silent."""
        return place[2] < self._sizes.get(place[0], 0)

    async def _holds(self, broker: Broker, place: Place, offset: int) -> bool:
        """Whether a record lies there; not asked without end."""
        if not self._there(place):
            return False
        self._asked += 1
        if self._asked > RECORDS_ASKED_FOR_MAX:
            return True
        return await broker.record_at(TopicPartition(place[0], place[2]), offset) is not None


def _named(place: Place, offset: int) -> str:
    return "/".join(str(part) for part in (*place, offset))
