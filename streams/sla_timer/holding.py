"""What is held and why, counted, and said once while it lasts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from schemas import logs, metrics
from schemas.exposition import Meters
from schemas.vocabulary import Municipality
from streams.sla_timer.projection import Due

# The log and the accounting are always a moment behind; that alone is not worth a word.
UNREMARKABLE = timedelta(seconds=2)

Behind = Callable[[Due], Collection[str]]
_log = logs.logger()


class Holding:
    """The held notices of the partitions that are ours, as the last whole look found them."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._counting: dict[int, Counter[Municipality]] = {}
        self._counted: dict[int, Counter[Municipality]] = {}
        self._since: dict[tuple[int, Municipality], datetime] = {}
        self._said: set[tuple[int, Municipality]] = set()
        self._now: datetime | None = None

    def held(self, dues: Iterable[Due], behind: Behind, now: datetime) -> None:
        """These are held at `now`; `behind` names what has to be read first."""
        self._now = now
        for due in dues:
            key = (due.log_partition, due.municipality)
            self._counting.setdefault(due.log_partition, Counter())[due.municipality] += 1
            # By a clock that was set back they would be held since a time to come.
            since = self._since[key] = min(self._since.get(key, now), now)
            if now - since >= UNREMARKABLE and key not in self._said:
                self._said.add(key)
                _log.warning(
                    "notices are held until more is read",
                    log_partition=due.log_partition,
                    municipality=due.municipality,
                    due_at=due.due_at.isoformat(),
                    behind=list(behind(due)),
                )

    def looked(self, log_partition: int) -> None:
        """All that is due in the partition was looked at."""
        self._counted[log_partition] = self._counting.pop(log_partition, Counter())
        still = self._counted[log_partition]
        for key in [one for one in self._since if one[0] == log_partition]:
            if key[1] not in still:
                self._since.pop(key)
                self._said.discard(key)
        self._show()

    def forget(self, log_partition: int) -> None:
        """The partition is another timer's."""
        self._counting.pop(log_partition, None)
        self.looked(log_partition)
        self._counted.pop(log_partition)

    def _show(self) -> None:
        total = sum(counted.total() for counted in self._counted.values())
        self._meters.show(metrics.TIMER_HELD, total)
        first = min(self._since.values(), default=None)
        longest = self._now - first if first and self._now else timedelta()
        self._meters.show(metrics.TIMER_HELD_SECONDS, max(longest.total_seconds(), 0.0))
