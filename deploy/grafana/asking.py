"""Expressions that several dashboards ask alike."""

from collections.abc import Mapping

from schemas.city_metrics import SLA_OPEN, SLA_PROMISES
from schemas.metric import Metric
from schemas.metrics import ACCOUNTING_OPEN, DISPATCHER_PARKED, LAG_SECONDS

# Where many processes are asked, those of Peygir; only names that others may use too need it.
OURS = 'job="peygir"'
CHOSEN = 'municipality=~"$municipality",department=~"$department"'
BY_DEPARTMENT = "by (municipality, department)"
DEPARTMENT = "{{municipality}}, {{department}}"
# What is promised between departments, a holding time, is no promise to a citizen.
CITIZENS = "first-response|resolution"
BLOCKED_FOR = f"max({LAG_SECONDS.name})"


def only(metric: Metric, **labels: str) -> str:
    """The series of a metric that have these values; several are joined as in `met|breached`."""
    return f"{metric.name}{{{_matched(labels)}}}"


def chosen(metric: Metric, **labels: str) -> str:
    """Those of the municipalities and departments that the reader chose."""
    return f"{metric.name}{{{CHOSEN}{',' if labels else ''}{_matched(labels)}}}"


def overdue(**labels: str) -> str:
    return chosen(SLA_OPEN, state="overdue", **labels)


def grew(asked: str, window: str = "1h") -> str:
    """How often something happened; Prometheus knows that a process began anew at zero."""
    return f"increase({asked}[{window}])"


def rate(asked: str) -> str:
    """Each second, over what the width of the panel asks for."""
    return f"rate({asked}[$__rate_interval])"


def quantile(share: float, metric: Metric, *, by: str = "", of: str = "") -> str:
    """Within which value that share of the events was."""
    groups = f"le, {by}" if by else "le"
    buckets = rate(f"{metric.name}_bucket{of}")
    return f"histogram_quantile({share}, sum by ({groups}) ({buckets}))"


def quantiles(metric: Metric, *, of: str = "") -> dict[str, str]:
    return {
        "half within": quantile(0.5, metric, of=of),
        "99 % within": quantile(0.99, metric, of=of),
    }


def buckets(metric: Metric, *, of: str = "") -> str:
    return f"sum by (le) (increase({metric.name}_bucket{of}[$__rate_interval]))"


def latest(share: float, metric: Metric, *, of: str = "") -> str:
    """As of the last quarter of an hour; where nothing happened nothing was slow."""
    moved = f"sum by (le) (increase({metric.name}_bucket{of}[15m]))"
    return f"histogram_quantile({share}, {moved}) >= 0 or vector(0)"


def kept(label: str) -> str:
    """The share of a day's decided promises; nothing is said of whom nothing was decided."""
    by = f" by ({label}) "
    met = f"sum{by}({_outcome('met')})"
    return f"{met} / ({met} + {_broken(by)} > 0)"


def share_broken() -> str:
    """Of what was decided in a day; of nothing, none."""
    decided = f"sum({_outcome('met')}) + {_broken()}"
    return f"{_broken()} / clamp_min({decided}, 1)"


def refused() -> str:
    """Deliveries that are tried again; none, while somebody counts and finds none."""
    return f"sum({DISPATCHER_PARKED.name}) or sum({ACCOUNTING_OPEN.name}) * 0"


def down() -> str:
    """Processes that do not answer; where none is asked for, that is no answer."""
    ours = f"up{{{OURS}}}"
    return f"count({ours} == 0) or count({ours}) * 0"


def _broken(by: str = "") -> str:
    """What was voided may have been broken before the day began."""
    return f"clamp_min(sum{by}({_outcome('breached')}) - sum{by}({_outcome('voided')}), 0)"


def _outcome(outcome: str) -> str:
    return grew(chosen(SLA_PROMISES, clock=CITIZENS, outcome=outcome), "1d")


def _matched(labels: Mapping[str, str]) -> str:
    return ",".join(
        f'{label}{"=~" if set(value) & set("$|") else "="}"{value}"'
        for label, value in labels.items()
    )
