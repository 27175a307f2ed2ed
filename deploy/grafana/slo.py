"""The platform's own objectives: what is left of each month's errors, and the alerts that fire."""

from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana.frame import assemble
from deploy.grafana.parts import (
    NONE_IS_FINE,
    PLAIN,
    SOME_IS_NOTED,
    Colours,
    Panel,
    bars,
    lines,
    number,
)
from deploy.prometheus.slo import FAST, OBJECTIVES, SLOW, Objective

UID = "peygir-slo"
# An alert fires where both windows of a pair burn faster than its factor; deploy/prometheus/rules.
FACTORS: Colours = (
    (None, "green"),
    *((float(factor), "yellow") for _, _, factor in reversed(SLOW)),
    *((float(factor), "red") for _, _, factor in reversed(FAST)),
)
WINDOWS_SHOWN = ("5m", "1h", "6h", "1d", "3d")
LEFT: Colours = ((None, "red"), (0.1, "yellow"), (0.25, "green"))
FIRING = 'alertstate="firing"'


def dashboard() -> models.Dashboard:
    rows = {
        "Is it fine now?": _now(),
        "How fast each budget is used: 1 is what a month allows": _burning(),
        "Over the month": _month(),
        "Alerts": _alerts(),
    }
    words = "What the platform promises of itself over 30 days, and what wakes somebody now."
    return assemble("Peygir: objectives and alerts", UID, words, rows, since="now-3d")


def _now() -> tuple[Panel, ...]:
    budgets = tuple(
        number(
            f"{_name(one)}: budget left",
            f"At most {float(one.allowed):.1%} may be so over 30 days: {one.says}. Of that, this "
            "share is left.",
            f'peygir:slo_budget_left:ratio30d{{slo="{one.slo}"}}',
            unit="percentunit",
            colours=LEFT,
        )
        for one in OBJECTIVES
    )
    return (
        *budgets,
        number(
            "Alerts that page",
            "They wake somebody: of severity page, firing now.",
            f'count(ALERTS{{{FIRING},severity="page"}}) or vector(0)',
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Alerts for the morning",
            "They may wait: of severity ticket, firing now.",
            f'count(ALERTS{{{FIRING},severity="ticket"}}) or vector(0)',
            unit="short",
            colours=SOME_IS_NOTED,
        ),
    )


def _burning() -> tuple[Panel, ...]:
    return tuple(
        lines(
            f"{_name(one)}: burn",
            f"How much faster than 30 days allow. Somebody is woken at {_limits(FAST)}; for the "
            f"morning it is noted at {_limits(SLOW)}.",
            {f"within {window}": _burn(one.slo, window) for window in WINDOWS_SHOWN},
            unit="short",
            limits=FACTORS,
        )
        for one in OBJECTIVES
    )


def _month() -> tuple[Panel, ...]:
    return (
        lines(
            "Budgets left",
            "Of the errors that 30 days allow; below zero, the objective is missed.",
            {"{{slo}}": "peygir:slo_budget_left:ratio30d"},
            unit="percentunit",
        ),
        lines(
            "Errors within an hour",
            "The share of events that was not as it should be.",
            {"{{slo}}": "peygir:slo_error:ratio_rate1h"},
            unit="percentunit",
        ),
        bars(
            "What is promised",
            "The share of events that has to be good over 30 days.",
            {"{{slo}}": "peygir:slo_objective:ratio"},
            unit="percentunit",
            colours=PLAIN,
        ),
    )


def _alerts() -> tuple[Panel, ...]:
    return (
        bars(
            "Firing now",
            "How many of each; what to do stands in docs/runbook.md, under the alert's name.",
            {"{{alertname}}": f"sort_desc(count by (alertname) (ALERTS{{{FIRING}}}))"},
            unit="short",
            colours=((None, "red"),),
        ),
        bars(
            "Waiting to fire",
            "Their condition holds, and not yet for long enough.",
            {"{{alertname}}": 'sort_desc(count by (alertname) (ALERTS{alertstate="pending"}))'},
            unit="short",
            colours=((None, "yellow"),),
        ),
        lines(
            "Alerts over time",
            "How many fire, by whom they are for.",
            {"{{audience}}": f"count by (audience) (ALERTS{{{FIRING}}})"},
            unit="short",
            stacked=True,
        ),
    )


def _name(one: Objective) -> str:
    return "API" if one.slo == "api" else one.title


def _limits(pairs: tuple[tuple[str, str, str], ...]) -> str:
    return " or ".join(f"{factor} within {window}" for window, _, factor in pairs)


def _burn(slo: str, window: str) -> str:
    """How many times faster than what would use the budget up in just 30 days."""
    of = f'{{slo="{slo}"}}'
    return f"peygir:slo_error:ratio_rate{window}{of} / (1 - peygir:slo_objective:ratio{of})"
