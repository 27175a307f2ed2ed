"""Which due clocks one look takes, so that no partition waits for the flood of another."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.vocabulary import CaseId
from streams.sla_timer.projection import Due


def in_turn(free: Iterable[Due], cases_max: int) -> tuple[Sequence[Due], Mapping[int, Due]]:
    """One clock of each case that is taken, and the first of each partition that is not.

    Every partition has the same share, the oldest first. `free` is in that order.
    """
    cases: dict[int, dict[CaseId, Due]] = {}
    for due in free:
        cases.setdefault(due.log_partition, {}).setdefault(due.case_id, due)
    share = -(-cases_max // max(len(cases), 1))
    taken: list[Due] = []
    left: dict[int, Due] = {}
    for partition, dues in cases.items():
        some = list(dues.values())
        taken += some[:share]
        if share < len(some):
            left[partition] = some[share]
    return taken, left
