"""One look at what is due in the partitions that are ours, and what came of it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from time import perf_counter

from schemas import metrics
from schemas.exposition import Meters
from schemas.vocabulary import CaseId
from streams.core.firing import SETTLING, Reach, reach
from streams.sla_timer.announcer import Announcer
from streams.sla_timer.holding import Holding
from streams.sla_timer.projection import Due, Place, Projection
from streams.sla_timer.sources import Sources

DUE_A_LOOK_MAX = 500  # Of each partition: a flood takes turns with what is due elsewhere.
UNPROJECTED_MAX = 20_000  # Then the projection has to follow before more is announced.


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
        # Announced cases, with the log offset that the projection has to pass to know of it.
        self._unprojected: dict[CaseId, tuple[int, int]] = {}

    async def look(self, mine: frozenset[int]) -> bool:
        """Announces what may be; tells whether there was more than one look takes."""
        now = self._clock()
        self._own(mine, now)
        began = perf_counter()
        dues = await self._projection.due(
            self._places, before=now - SETTLING, each_max=DUE_A_LOOK_MAX
        )
        self._meters.observe(metrics.TIMER_POLL_SECONDS, perf_counter() - began)
        if dues:
            await self._answer(dues, mine, now)
        return self._went_on(dues)

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

    async def _answer(self, dues: Collection[Due], mine: frozenset[int], now: datetime) -> None:
        await self._sources.look(mine, now)
        # In this order: the facts are read after what tells how far they reach.
        positions = await self._projection.positions(mine)
        self._sources.reached(positions, await self._projection.marks())
        self._forget_projected(positions)
        reaches = {due: self._reach(due, now) for due in dues}
        held = [due for due, far in reaches.items() if not far.reaches(due.due_at)]
        self._holding.held(held, self._behind, now)
        await self._announce(
            {due: far for due, far in reaches.items() if far.reaches(due.due_at)}, now
        )

    async def _announce(self, reaches: Mapping[Due, Reach], now: datetime) -> None:
        room = UNPROJECTED_MAX - len(self._unprojected)
        waiting = [due for due in reaches if due.case_id not in self._unprojected]
        chosen = {due.case_id: due for due in waiting[:room]}
        if not chosen:
            return
        histories = await self._projection.histories(chosen.keys())
        of_case = {case_id: reaches[due] for case_id, due in chosen.items()}
        announced = await self._announcer.announce(histories, of_case, now)
        for case_id, offset in announced.items():
            self._unprojected[case_id] = (chosen[case_id].log_partition, offset)

    def _forget_projected(self, positions: Mapping[int, int]) -> None:
        self._unprojected = {
            case_id: (partition, offset)
            for case_id, (partition, offset) in self._unprojected.items()
            if partition in positions and offset >= positions[partition]
        }

    def _reach(self, due: Due, now: datetime) -> Reach:
        return reach(
            self._sources.read_until(due.log_partition, due.municipality),
            now=now,
            watched_since=self._watched_since[due.log_partition],
            hold_max=self._hold_max,
        )

    def _behind(self, due: Due) -> tuple[str, ...]:
        return self._sources.behind(due.log_partition, due.municipality, due.due_at)

    def _went_on(self, dues: Collection[Due]) -> bool:
        """The next look begins where this one ended, or anew where it saw all that is due."""
        found = Counter(due.log_partition for due in dues)
        last = {due.log_partition: Place(due.due_at, due.case_id) for due in dues}
        for partition in self._places:
            full = found[partition] >= DUE_A_LOOK_MAX
            self._places[partition] = last[partition] if full else Place()
            if not full:
                self._holding.looked(partition)
        return any(count >= DUE_A_LOOK_MAX for count in found.values())
