"""What the projector shows of its work, and of what became of the promises that it folds."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from schemas import city_metrics, metrics
from schemas.exposition import Meters
from streams.core.at_work import departments
from streams.core.counting import counted
from streams.core.terms import AllTerms
from streams.projector.batch import Batch
from streams.projector.folding import Judged, case_of


class Figures:
    """Told of a batch when its transaction is committed, so that nothing is counted twice.

    What is folded again counts for nobody: a rebuild's processes show no metrics.
    """

    def __init__(self, meters: Meters, now: Callable[[], datetime]) -> None:
        self._meters = meters
        self._now = now
        self._expected = 0

    def expect(self, terms: AllTerms) -> None:
        """Begins the series of every department at work, and of those that are announced."""
        if len(terms) == self._expected:
            return
        self._expected = len(terms)
        for municipality, department in departments(terms.values(), self._now()):
            self._meters.expect(city_metrics.SLA_PROMISES, municipality, department)

    def written(self, batch: Batch, judged: Collection[Judged], seconds: float) -> None:
        self._meters.observe(metrics.PROJECTION_BATCH_SECONDS, seconds)
        verdicts = Counter(
            one.judgement.verdict if one.judgement else "unfoldable" for one in judged
        )
        verdicts["unreadable"] = len(batch.unreadable)
        for verdict, count in verdicts.items():
            self._meters.count(metrics.PROJECTION_FACTS, verdict, by=count)
        now = self._now()
        for one in judged:
            delay = (now - one.record.fact.recorded_at).total_seconds()
            self._meters.observe(metrics.PROJECTION_DELAY_SECONDS, max(delay, 0))
        self._promises(one for one in judged if one.effective)

    def _promises(self, effective: Iterable[Judged]) -> None:
        for one in effective:
            case = case_of(one.state)
            if case.submitted is None:
                continue
            for what, times in counted(case_of(one.before), case).items():
                self._meters.count(
                    city_metrics.SLA_PROMISES,
                    case.submitted.municipality,
                    what.department,
                    what.priority,
                    what.clock,
                    what.outcome,
                    by=times,
                )
