"""One look at the cases that have settled, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from schemas import logs
from streams.core.duplicates import Again, Compared, duplicate_of, where_to_look
from streams.core.terms import Terms
from streams.linker.figures import Figures
from streams.linker.projection import Place, Projection
from streams.linker.settling import Fresh, next_offsets, settled, to_look_at
from streams.linker.sources import Sources
from streams.linker.telling import Telling, Told
from streams.policies import Book

FACTS_A_PAGE_MAX = 500  # Of each partition.
CASES_A_LOOK_MAX = 200  # No look outlasts a lease.
# Longer than a link takes to be in the projection.
REMEMBERED = timedelta(seconds=30)
_log = logs.logger()

T = TypeVar("T")
Pages = Mapping[int, Sequence[Place]]


class Linker:
    """Looks at each case once, when it has settled and all that came before it is read."""

    def __init__(
        self,
        projection: Projection,
        sources: Sources,
        telling: Telling,
        book: Book,
        figures: Figures,
        *,
        hold_max: timedelta,
    ) -> None:
        self._projection = projection
        self._sources = sources
        self._telling = telling
        self._book = book
        self._figures = figures
        self._hold_max = hold_max
        # Looked at, behind one that has to settle for longer.
        self._looked: set[tuple[int, int]] = set()
        self._told = Told()

    async def look(self, now: datetime) -> bool:
        """Links what is to be linked; tells whether there was more than one look takes."""
        pages = await self._projection.pages(each_max=FACTS_A_PAGE_MAX)
        waiting = await self._waiting(pages, now)
        ready = await self._ready(waiting, now)
        chosen = ready[:CASES_A_LOOK_MAX]
        await self._answer(chosen, now)
        self._looked |= {one.key for one in chosen}
        left = [one for one in waiting if one.key not in self._looked]
        passed = await self._move(pages, left)
        self._figures.waiting(left, now)
        return passed or len(chosen) < len(ready)

    def forget(self) -> None:
        """Another is the linker."""
        self._looked.clear()
        self._figures.forget()

    async def _waiting(self, pages: Pages, now: datetime) -> list[Fresh]:
        fresh = [
            place
            for page in pages.values()
            for place in page
            if (place.log_partition, place.log_offset) not in self._looked
        ]
        named = {place.policy_version for place in fresh if place.policy_version is not None}
        waiting = to_look_at(fresh, await self._book.knowing(named), now)
        self._figures.expect({one.terms.policy.municipality for one in waiting})
        return waiting

    async def _ready(self, waiting: Sequence[Fresh], now: datetime) -> list[Fresh]:
        if not waiting:
            return []
        # In this order: where the inboxes end is asked before how far they are read.
        await self._sources.look(now)
        read_until = self._sources.read_until(await self._projection.marks())
        return settled(waiting, read_until=read_until, now=now, hold_max=self._hold_max)

    async def _answer(self, chosen: Sequence[Fresh], now: datetime) -> None:
        """In the order in which they came: what comes after finds what follows already."""
        if not chosen:
            return
        self._told.forget(before=now - REMEMBERED)
        cases = await self._projection.cases([one.place.case_id for one in chosen])
        links: dict[Compared, Again] = {}
        for one in chosen:
            case = cases.get(one.place.case_id)
            again = None if case is None else await self._again(case, one.terms)
            if case is not None and again is not None:
                links[case] = again
                self._told.add(case.case_id, again.parent, now)
            self._figures.compared(one, case, again)
        await self._telling.tell(links, now)
        self._figures.told(chosen)
        if links:
            parents = {again.parent for again in links.values()}
            self._figures.followers(await self._projection.followers(parents))

    async def _move(self, pages: Pages, left: Sequence[Fresh]) -> bool:
        """Tells whether a whole page is behind us. What was told is acknowledged by now."""
        offsets = next_offsets(pages, left)
        if offsets:
            await self._projection.moved(offsets)
        self._looked = {key for key in self._looked if key[1] >= offsets.get(key[0], 0)}
        return any(
            len(page) == FACTS_A_PAGE_MAX and offsets[partition] > page[-1].log_offset
            for partition, page in pages.items()
        )

    async def _again(self, case: Compared, terms: Terms) -> Again | None:
        around = self._tried(case, where_to_look, terms)
        if around is None:
            return None
        alike = await self._projection.alike(case, around, self._told.known)
        return self._tried(case, duplicate_of, alike, terms)

    def _tried(self, case: Compared, reason: Callable[..., T], *given: object) -> T | None:
        """One case that cannot be reasoned about never stops the others: it stays by itself."""
        try:
            return reason(case, *given)
        except Exception as error:  # noqa: BLE001  # the one boundary around the pure calls
            _log.error("incident", case_id=case.case_id, error=type(error).__name__)
            return None
