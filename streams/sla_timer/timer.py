"""One look at what is due in the partitions that are ours, and what came of it."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import perf_counter

from schemas import metrics
from schemas.exposition import Meters
from streams.core.firing import SETTLING, Reach, reach
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.answered import Answered
from streams.sla_timer.holding import Holding
from streams.sla_timer.projection import Due, Place, Projection
from streams.sla_timer.sources import Sources
from streams.sla_timer.turns import in_turn

DUE_A_LOOK_MAX = 500  # Of each partition: a flood takes turns with what is due elsewhere.
CASES_A_LOOK_MAX = 2_000  # Of all: no look outlasts a lease.


class Timer:
    """Never early, once by fact id, late only by the tick and by what has to be read first."""

    def __init__(
        self,
        projection: Projection,
        sources: Sources,
        announcer: Announcer,
        meters: Meters,
        *,
        clock: Callable[[], datetime],
        hold_max: timedelta,
    ) -> None:
        self._projection = projection
        self._sources = sources
        self._announcer = announcer
        self._meters = meters
        self._clock = clock
        self._hold_max = hold_max
        self._holding = Holding(meters)
        self._watched_since: dict[int, datetime] = {}
        self._places: dict[int, Place] = {}
        self._answered = Answered()

    async def look(self, mine: frozenset[int]) -> bool:
        """Announces what may be; tells whether there was more than one look takes."""
        now = self._clock()
        self._own(mine, now)
        began = perf_counter()
        dues = await self._projection.due(
            self._places, before=now - SETTLING, each_max=DUE_A_LOOK_MAX
        )
        self._meters.observe(metrics.TIMER_POLL_SECONDS, perf_counter() - began)
        left = await self._answer(dues, mine, now) if dues else {}
        return self._went_on(dues, left)

    def _own(self, mine: frozenset[int], now: datetime) -> None:
        """What was known of a partition that another timer had meanwhile is worth nothing."""
        for gone in self._places.keys() - mine:
            self._places.pop(gone)
            self._watched_since.pop(gone)
            self._holding.forget(gone)
            self._sources.forget(gone)
        for new in mine - self._places.keys():
            self._places[new] = Place()
            self._watched_since[new] = now

    async def _answer(
        self, dues: Sequence[Due], mine: frozenset[int], now: datetime
    ) -> Mapping[int, Due]:
        """The first clock of each partition that has to wait for the next look."""
        # In this order: the facts are read after what tells how far they reach.
        positions = await self._projection.positions(mine)
        self._answered.forget_projected(positions)
        asking = [due for due in dues if not self._answered.has(due, now)]
        if not asking:
            return {}
        _, marks = await asyncio.gather(self._sources.look(mine, now), self._projection.marks())
        self._sources.reached(positions, marks)
        reaches = {due: self._reach(due, now) for due in asking}
        free = [due for due, far in reaches.items() if far.reaches(due.due_at)]
        chosen, left = in_turn(free, min(CASES_A_LOOK_MAX, self._answered.room))
        held = [due for due, far in reaches.items() if not far.reaches(due.due_at)]
        self._holding.held((due for due in held if not due.behind(left)), self._behind, now)
        await self._announce(chosen, reaches, now)
        return left

    async def _announce(
        self, chosen: Collection[Due], reaches: Mapping[Due, Reach], now: datetime
    ) -> None:
        if not chosen:
            return
        of_case = {due.case_id: reaches[due] for due in chosen}
        histories = await self._projection.histories(of_case.keys())
        announced = await self._announcer.announce(histories, of_case, now)
        for due in chosen:
            if due.case_id in announced:
                self._answered.announced(due, announced[due.case_id])
            else:
                self._answered.fruitless(due, now)

    def _reach(self, due: Due, now: datetime) -> Reach:
        return reach(
            self._sources.read_until(due.log_partition, due.municipality),
            now=now,
            watched_since=self._watched_since[due.log_partition],
            hold_max=self._hold_max,
        )

    def _behind(self, due: Due) -> tuple[str, ...]:
        return self._sources.behind(due.log_partition, due.municipality, due.due_at)

    def _went_on(self, dues: Sequence[Due], left: Mapping[int, Due]) -> bool:
        """The next look begins where this one ended, or anew where it saw all that is due."""
        pages: dict[int, list[Due]] = {partition: [] for partition in self._places}
        for due in dues:
            pages[due.log_partition].append(due)
        more = False
        for partition, page in pages.items():
            done = [due for due in page if not due.behind(left)]
            whole = len(done) == len(page) < DUE_A_LOOK_MAX
            more |= not whole
            if whole:
                self._places[partition] = Place()
                self._holding.looked(partition)
            elif done:
                self._places[partition] = Place(done[-1].due_at, done[-1].case_id)
        return more and self._answered.room > 0
