"""The promises that are open, as they are counted, by who holds the case and how soon it is due."""

from collections import Counter
from collections.abc import Iterable, Mapping

import asyncpg

from schemas.city_metrics import DUE_WITHIN, OPEN_STATES, SLA_DUE, SLA_OPEN
from streams.accountant.cases import Series, Whose, none_of

# From the open cases, which have an index of their own: those of ten years are not read.
PROMISES = """
select cases.municipality, cases.department, cases.priority,
    case
        when clocks.state in ('paused', 'linked') then clocks.state
        when clocks.deadline < $1 then 'overdue'
        else 'running'
    end as state,
    case
        when clocks.deadline <= $1 + interval '1 hour' then '1h'
        when clocks.deadline <= $1 + interval '4 hours' then '4h'
        when clocks.deadline <= $1 + interval '24 hours' then '24h'
        else 'later'
    end as within,
    count(*) as promises
from cases join clocks on clocks.case_id = cases.case_id
where cases.state not in ('resolved', 'closed') and not cases.historical
and cases.department is not null and cases.priority is not null
and clocks.state in ('running', 'paused', 'breached', 'linked')
group by 1, 2, 3, 4, 5
"""


def promises_shown(rows: Iterable[asyncpg.Record], whose: Whose) -> Mapping[str, Series]:
    """What each metric shows: none of what there is none of."""
    by_state, by_time = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in rows:
        whom = (row["municipality"], row["department"], row["priority"])
        by_state[(*whom, row["state"])] += row["promises"]
        if row["state"] == "running":
            by_time[(*whom, row["within"])] += row["promises"]
    return {
        SLA_OPEN.name: {**none_of(whose, OPEN_STATES), **by_state},
        SLA_DUE.name: {**none_of(whose, DUE_WITHIN), **by_time},
    }
