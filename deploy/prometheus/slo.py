"""The rules of the platform's own objectives: how fast each one's budget of errors is used up."""

from dataclasses import dataclass
from typing import Any

from schemas import metrics

RUNBOOK = "https://peygir.example/docs/runbook.md"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
HOURS = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}
# Long window, short window, factor. The first of a pair is over when the budget of 30 days would be
# gone in two days, five days, ten days, a month.
FAST = (("1h", "5m", "14.4"), ("6h", "30m", "6"))
SLOW = (("1d", "2h", "3"), ("3d", "6h", "1"))
# A town that is asked ten times an hour is not woken by one error of ten, and is by five of five.
ERRORS_MIN = 5
# The errors of 30 days are summed from windows that lie beside each other.
LEFT = """\
1 - (
  sum_over_time((peygir:slo_error:ratio_rate5m * peygir:slo_events:rate5m)[30d:5m])
  / sum_over_time(peygir:slo_events:rate5m[30d:5m])
) / (1 - peygir:slo_objective:ratio)
"""

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What share of events must be good over 30 days. `WINDOW` stands for the time looked at."""

    slo: str
    title: str
    share: str
    allowed: str
    events: str
    errors: str
    says: str


def _rate(selector: str) -> str:
    return f"sum(rate({selector}[WINDOW]))"


def _slower(histogram: str, seconds: str) -> str:
    within = f'{histogram}_bucket{{le="{seconds}"}}'
    return f"{_rate(f'{histogram}_count')} - {_rate(within)}"


_INTAKE = metrics.INTAKE_EVENTS.name
_DELAY = metrics.PROJECTION_DELAY_SECONDS.name
_LATENESS = metrics.TIMER_LATENESS_SECONDS.name
_HTTP = metrics.HTTP_SECONDS.name
# A stream of changes is answered at once and then lives for hours.
_READ = 'http_route=~"/api/v1/.+", http_route!="/api/v1/changes"'
_READ_WELL = f'{_READ}, http_response_status_code!~"5..", le="0.3"'
_READS = _rate(f"{_HTTP}_count{{{_READ}}}")

OBJECTIVES = (
    Objective(
        slo="intake",
        title="Intake",
        share="0.999",
        allowed="0.001",
        events=_rate(f'{_INTAKE}{{result=~"accepted|unavailable"}}'),
        errors=_rate(f'{_INTAKE}{{result="unavailable"}}'),
        says="submissions were turned away with 503",
    ),
    Objective(
        slo="freshness",
        title="Freshness",
        share="0.99",
        allowed="0.01",
        events=_rate(f"{_DELAY}_count"),
        errors=_slower(_DELAY, "5.0"),
        says="facts took more than 5 seconds to be readable",
    ),
    Objective(
        slo="timer",
        title="Timer",
        share="0.999",
        allowed="0.001",
        events=_rate(f"{_LATENESS}_count"),
        errors=_slower(_LATENESS, "30.0"),
        says="warnings and breaches were announced more than 30 seconds late",
    ),
    Objective(
        slo="api",
        title="Api",
        share="0.99",
        allowed="0.01",
        events=_READS,
        # Where every answer is an error there is no series of a good one.
        errors=f"{_READS} - ({_rate(f'{_HTTP}_bucket{{{_READ_WELL}}}')} or vector(0))",
        says="readings by HTTP failed or took more than 0.3 seconds",
    ),
)


def groups() -> list[Rule]:
    """As they stand in rules/slo.yml; the long windows are looked at less often."""
    short = [one for window in WINDOWS[:5] for one in _windows(window)]
    long = [one for window in WINDOWS[5:] for one in _windows(window)]
    return [
        {"name": "peygir-slo", "rules": [*_constants(), *short]},
        {"name": "peygir-slo-long", "interval": "5m", "rules": [*long, _left()]},
        {"name": "peygir-slo-alerts", "rules": [one for of in OBJECTIVES for one in _alerts(of)]},
    ]


def _constants() -> list[Rule]:
    return [
        {
            "record": "peygir:slo_objective:ratio",
            "expr": f"vector({one.share})",
            "labels": {"slo": one.slo},
        }
        for one in OBJECTIVES
    ]


def _windows(window: str) -> list[Rule]:
    rules: list[Rule] = []
    for one in OBJECTIVES:
        events, errors = (words.replace("WINDOW", window) for words in (one.events, one.errors))
        ratio = f"({errors})\n/ ({events} > 0)\n"
        for name, expression in (
            (f"peygir:slo_events:rate{window}", events),
            (f"peygir:slo_error:ratio_rate{window}", ratio),
        ):
            rules.append({"record": name, "expr": expression, "labels": {"slo": one.slo}})
    return rules


def _left() -> Rule:
    return {"record": "peygir:slo_budget_left:ratio30d", "expr": LEFT}


def _alerts(one: Objective) -> list[Rule]:
    fast, slow = f"Peygir{one.title}BudgetBurnFast", f"Peygir{one.title}BudgetBurnSlow"
    return [
        _alert(one, fast, FAST, severity="page", when="The budget of a month is gone in days"),
        _alert(one, slow, SLOW, severity="ticket", when="More is used than a month allows"),
    ]


def _alert(
    one: Objective, name: str, pairs: tuple[tuple[str, str, str], ...], *, severity: str, when: str
) -> Rule:
    return {
        "alert": name,
        "expr": "or\n".join(_arm(one, *pair) for pair in pairs),
        "labels": {"severity": severity, "audience": "platform"},
        "annotations": {
            "summary": f"{when}: {one.says}.",
            "description": (
                "{{ $value | humanizePercentage }} of them, where "
                f"{float(one.allowed):.1%} is allowed over 30 days."
            ),
            "runbook_url": f"{RUNBOOK}#{name.lower()}",
        },
    }


def _arm(one: Objective, long: str, short: str, factor: str) -> str:
    """Over in both windows, so that it stops soon after the errors stop; and not by one error."""
    chosen = f'{{slo="{one.slo}"}}'
    ratio = f"peygir:slo_error:ratio_rate{long}{chosen}"
    return (
        "(\n"
        f"  {ratio} > {factor} * {one.allowed}\n"
        f"  and peygir:slo_error:ratio_rate{short}{chosen} > {factor} * {one.allowed}\n"
        f"  and {ratio} * peygir:slo_events:rate{long}{chosen} * {HOURS[long]} * 3600"
        f" > {ERRORS_MIN - 1}.5\n"
        ")\n"
    )
