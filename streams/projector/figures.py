"""What the projector shows of its work, and of what became of the cases that it folds."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from schemas import city_metrics, metrics
from schemas.exposition import Labels, Meters
from schemas.facts import Fact
from schemas.metric import Metric
from schemas.tracing import UNTRACED, Tracer
from schemas.vocabulary import Municipality
from streams.core.at_work import departments
from streams.core.case import Case
from streams.core.counting import counted
from streams.core.elapsed import elapsed
from streams.core.happening import happened, rated
from streams.core.terms import AllTerms
from streams.projector.batch import Batch
from streams.projector.folding import Judged, case_of

OF_A_DEPARTMENT = (
    city_metrics.SLA_PROMISES,
    city_metrics.CASE_EVENTS,
    city_metrics.CASE_RATINGS,
    city_metrics.SLA_ELAPSED,
)


class Figures:
    """Told of a batch when its transaction is committed, so that nothing is counted twice.

    What is folded again counts for nobody: a rebuild's processes show no metrics.
    """

    def __init__(
        self, meters: Meters, now: Callable[[], datetime], tracer: Tracer = UNTRACED
    ) -> None:
        self._meters = meters
        self._now = now
        self._tracer = tracer
        self._expected = 0

    def expect(self, terms: AllTerms) -> None:
        """Begins the series of every department at work, and of those that are announced."""
        if len(terms) == self._expected:
            return
        self._expected = len(terms)
        for municipality in {one.policy.municipality for one in terms.values()}:
            self._meters.expect(city_metrics.ANSWERED_CALLS, municipality)
        for place in departments(terms.values(), self._now()):
            for metric in OF_A_DEPARTMENT:
                self._meters.expect(metric, *place)

    def written(
        self, batch: Batch, judged: Collection[Judged], terms: AllTerms, seconds: float
    ) -> None:
        self._meters.observe(metrics.PROJECTION_BATCH_SECONDS, seconds)
        verdicts = Counter(
            (one.judgement.verdict if one.judgement else "unfoldable",) for one in judged
        )
        verdicts[("unreadable",)] = len(batch.unreadable)
        self._count(metrics.PROJECTION_FACTS, verdicts)
        failed = sum(one.judgement is None and isinstance(one.before, Case) for one in judged)
        self._meters.count(metrics.CASES_UNFOLDABLE, by=failed)
        now = self._now()
        for one in judged:
            delay = (now - one.record.fact.recorded_at).total_seconds()
            trace = self._traced(one, seconds) if self._tracer.on else None
            self._meters.observe(metrics.PROJECTION_DELAY_SECONDS, delay, trace=trace)
        effective = [one for one in judged if one.effective]
        self._count(city_metrics.SLA_PROMISES, _promises(effective))
        self._count(city_metrics.CASE_EVENTS, _events(effective))
        self._count(city_metrics.CASE_RATINGS, _ratings(effective))
        for labels, ratio in _elapsed(effective, terms):
            self._meters.observe(city_metrics.SLA_ELAPSED, ratio, *labels)

    def answered(self, new_calls: Counter[Labels]) -> None:
        self._count(city_metrics.ANSWERED_CALLS, new_calls)

    def _traced(self, one: Judged, seconds: float) -> str | None:
        """Says of a fact that is traced how long its batch took; gives the trace's id."""
        fact = one.record.fact
        span = self._tracer.follow(
            one.record.trace,
            "project case-facts",
            "consumer",
            attributes={"peygir.case_id": fact.case_id, "peygir.fact": fact.type},
            ago=seconds,
        )
        span.end()
        return span.trace_id

    def _count(self, metric: Metric, counted: Counter[Labels]) -> None:
        for labels, times in counted.items():
            self._meters.count(metric, *labels, by=times)


def _promises(effective: Iterable[Judged]) -> Counter[Labels]:
    found = Counter[Labels]()
    for municipality, before, case, _ in _changes(effective):
        for one, times in counted(before, case).items():
            found[municipality, one.department, one.priority, one.clock, one.outcome] += times
    return found


def _events(effective: Iterable[Judged]) -> Counter[Labels]:
    return Counter(
        (municipality, one.department, one.priority, one.event)
        for municipality, before, case, fact in _changes(effective)
        if (one := happened(before, fact, case)) is not None
    )


def _ratings(effective: Iterable[Judged]) -> Counter[Labels]:
    return Counter(
        (municipality, one.department, str(one.stars))
        for municipality, _, case, fact in _changes(effective)
        if (one := rated(fact, case)) is not None
    )


def _elapsed(effective: Iterable[Judged], terms: AllTerms) -> Iterator[tuple[Labels, float]]:
    for municipality, before, case, _ in _changes(effective):
        for one in elapsed(before, case, terms):
            yield (municipality, one.department, one.clock), one.ratio


def _changes(effective: Iterable[Judged]) -> Iterator[tuple[Municipality, Case, Case, Fact]]:
    """Of each fact: whose it is, the case before and after it, and itself."""
    for one in effective:
        case = case_of(one.state)
        if case.submitted is not None:
            yield case.submitted.municipality, case_of(one.before), case, one.record.fact
