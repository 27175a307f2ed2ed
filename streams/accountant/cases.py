"""The cases that are open, as they are counted, by who has them and how far they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import asyncpg

from schemas.city_metrics import (
    CASES_AT_CENTRE,
    CASES_OLDEST,
    CASES_OPEN,
    CASES_WAITING,
    OPEN_CASE_STATES,
)
from schemas.vocabulary import PRIORITIES
from streams.core.at_work import City

# By the index of the open ones: those of ten years are not read.
CASES = """
select municipality, department, priority, state, waiting_for,
    count(*) as cases, min(submitted_at) as oldest
from cases
where state not in ('resolved', 'closed') and not historical
and department is not null and priority is not null
group by 1, 2, 3, 4, 5
"""

Series = Mapping[tuple[str, ...], float]
Whose = Iterable[tuple[str, str]]


def cases_shown(
    rows: Sequence[asyncpg.Record], whose: Whose, cities: Iterable[City]
) -> Mapping[str, Series]:
    """What each metric shows: none of what there is none of, where it is known to be possible."""
    by_state, waiting = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    oldest: dict[tuple[str, ...], float] = {}
    at_centre: dict[tuple[str, ...], float] = {(city.municipality,): 0 for city in cities}
    centres = {(city.municipality, city.centre) for city in cities}
    for row in rows:
        whom = (row["municipality"], row["department"])
        by_state[(*whom, row["priority"], row["state"])] += row["cases"]
        oldest[whom] = min(oldest.get(whom, float("inf")), row["oldest"].timestamp())
        if row["waiting_for"] is not None:
            waiting[(*whom, row["waiting_for"])] += row["cases"]
        if whom in centres:
            at_centre[whom[:1]] += row["cases"]
    reasons = {
        (city.municipality, department, reason): 0
        for city in cities
        for department in city.departments
        for reason in city.pauses
    }
    return {
        CASES_OPEN.name: {**none_of(whose, OPEN_CASE_STATES), **by_state},
        CASES_OLDEST.name: oldest,
        CASES_WAITING.name: {**reasons, **waiting},
        CASES_AT_CENTRE.name: at_centre,
    }


def none_of(whose: Whose, last: tuple[str, ...]) -> Series:
    """What those would show who had nothing: each priority with each of the last label's values."""
    return {(*one, *rest): 0 for one in whose for rest in product(PRIORITIES, last)}
