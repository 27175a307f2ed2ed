"""Due clocks that were answered: what need not be asked again for a while."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from schemas.vocabulary import CaseId
from streams.sla_timer.projection import Due

UNPROJECTED_MAX = 20_000  # Then the projection has to follow before more is announced.
FRUITLESS_MAX = 100_000
# So often a clock is asked that is due and says nothing: its case cannot be read, or be folded.
FRUITLESS_AGAIN_AFTER = timedelta(seconds=30)


class Answered:
    """Cases with a notice in the log that is not projected, and clocks that had nothing to say."""

    def __init__(self) -> None:
        # With the log offset that the projection has to pass to know of it.
        self._unprojected: dict[CaseId, tuple[int, int]] = {}
        self._fruitless: dict[tuple[CaseId, datetime], datetime] = {}

    @property
    def room(self) -> int:
        """How many cases more may be announced now."""
        return UNPROJECTED_MAX - len(self._unprojected)

    def has(self, due: Due, now: datetime) -> bool:
        """Whether to ask its case now would tell nothing new."""
        if due.case_id in self._unprojected:
            return True
        until = self._fruitless.get((due.case_id, due.due_at))
        return until is not None and now < until

    def announced(self, due: Due, offset: int) -> None:
        self._unprojected[due.case_id] = (due.log_partition, offset)

    def fruitless(self, due: Due, now: datetime) -> None:
        """Nothing was owed. Its row has another moment as soon as its case changes."""
        key = (due.case_id, due.due_at)
        self._fruitless.pop(key, None)
        self._fruitless[key] = now + FRUITLESS_AGAIN_AFTER
        if len(self._fruitless) > FRUITLESS_MAX:
            self._fruitless.pop(next(iter(self._fruitless)))

    def forget_projected(self, positions: Mapping[int, int]) -> None:
        """What is projected shows in the tables; what is another timer's is not ours to know."""
        self._unprojected = {
            case_id: (partition, offset)
            for case_id, (partition, offset) in self._unprojected.items()
            if partition in positions and offset >= positions[partition]
        }
