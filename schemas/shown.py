"""Which metrics each kind of process shows: those that it has figures of, and no others at 0."""

from collections.abc import Mapping
from dataclasses import replace

from schemas import city_metrics, metrics
from schemas.linker_metrics import LINKER
from schemas.metric import Metric

EDGE: tuple[Metric, ...] = (
    metrics.BUILD_INFO,
    metrics.INTAKE_EVENTS,
    metrics.INTAKE_PUBLISH_SECONDS,
    metrics.INTAKE_REPORTS,
    metrics.STREAMS_SUBSCRIBERS,
    metrics.STREAMS_EVENTS,
    metrics.STREAMS_ENDED,
    metrics.DATABASE_CONNECTIONS,
    metrics.HTTP_SECONDS,
)
"""Of each HTTP edge, whatever part of it: the intake, the readers, or both."""

ROUTER: tuple[Metric, ...] = (
    metrics.BUILD_INFO,
    metrics.ROUTER_MESSAGES,
    metrics.ROUTER_SECONDS,
    metrics.DEAD_LETTERS,
    metrics.ROUTER_REBALANCES,
    metrics.ROUTING_DECISIONS,
)

_WORKERS: Mapping[str, tuple[Metric, ...]] = {
    **dict.fromkeys(metrics.PROCESSORS, ROUTER),
    "projector": (
        metrics.BUILD_INFO,
        metrics.LEASES,
        metrics.PROJECTION_FACTS,
        metrics.PROJECTION_DELAY_SECONDS,
        metrics.PROJECTION_BATCH_SECONDS,
        metrics.PROJECTION_LEASES,
        metrics.CASES_UNFOLDABLE,
        city_metrics.CASE_EVENTS,
        city_metrics.CASE_RATINGS,
        city_metrics.SLA_PROMISES,
        city_metrics.SLA_ELAPSED,
        city_metrics.ANSWERED_CALLS,
    ),
    "accountant": (
        metrics.BUILD_INFO,
        metrics.LEASES,
        metrics.LAG_MESSAGES,
        metrics.LAG_SECONDS,
        metrics.ACCOUNTING_GAPS,
        metrics.ACCOUNTING_OPEN,
        metrics.ACCOUNTING_BEHIND,
        metrics.DISPATCHER_PARKED,
        city_metrics.CASES_OPEN,
        city_metrics.CASES_OLDEST,
        city_metrics.CASES_WAITING,
        city_metrics.CASES_AT_CENTRE,
        city_metrics.SLA_OPEN,
        city_metrics.SLA_DUE,
        city_metrics.SLA_LOOK_SECONDS,
    ),
    "sla-timer": (
        metrics.BUILD_INFO,
        metrics.LEASES,
        metrics.TIMER_NOTICES,
        metrics.TIMER_LATENESS_SECONDS,
        metrics.TIMER_HELD,
        metrics.TIMER_HELD_SECONDS,
        metrics.TIMER_POLL_SECONDS,
    ),
    "dispatcher": (
        metrics.BUILD_INFO,
        metrics.LEASES,
        metrics.DISPATCHER_DELIVERIES,
        metrics.DISPATCHER_FAILURES,
        metrics.DISPATCHER_UNKNOWN,
        metrics.DELIVERY_SECONDS,
    ),
    "linker": (
        metrics.BUILD_INFO,
        metrics.LEASES,
        *LINKER,
    ),
    "janitor": (
        metrics.BUILD_INFO,
        metrics.LEASES,
        metrics.JANITOR_DELETED,
        metrics.JANITOR_OVERDUE,
        metrics.JANITOR_TOMBSTONES,
        metrics.JANITOR_OWED,
        metrics.JANITOR_OWED_SECONDS,
    ),
}


def _its_own(metric: Metric, worker: str) -> Metric:
    """Without the series of the other processors and roles, which are theirs to show."""
    labels = tuple(
        (name, (worker,) if name in {"processor", "role"} else values)
        for name, values in metric.labels
    )
    return replace(metric, labels=labels)


WORKERS: Mapping[str, tuple[Metric, ...]] = {
    worker: tuple(_its_own(one, worker) for one in shown) for worker, shown in _WORKERS.items()
}


def shown_by(worker: str) -> tuple[Metric, ...]:
    """What works to its end and serves nothing may count anything."""
    return WORKERS.get(worker, metrics.ALL)
