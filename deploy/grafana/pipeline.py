"""The line from an inbox to a department: where it is blocked, and how each process does."""

from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana import asking, machinery
from deploy.grafana.asking import grew, only, rate
from deploy.grafana.frame import assemble
from deploy.grafana.operations import BLOCKED
from deploy.grafana.parts import NONE_IS_FINE, PLAIN, SOME_IS_NOTED, Panel, bars, lines, number
from schemas.metrics import (
    ACCOUNTING_BEHIND,
    ACCOUNTING_GAPS,
    ACCOUNTING_OPEN,
    CASES_UNFOLDABLE,
    DEAD_LETTERS,
    LAG_MESSAGES,
    LAG_SECONDS,
    PROJECTION_BATCH_SECONDS,
    PROJECTION_DELAY_SECONDS,
    PROJECTION_FACTS,
    ROUTER_MESSAGES,
    ROUTER_REBALANCES,
    ROUTER_SECONDS,
)

UID = "peygir-pipeline"


def dashboard() -> models.Dashboard:
    rows = {
        "Is it fine now?": _now(),
        "What waits": _waits(),
        "The routers": _routers(),
        "What is set aside or missing": _missing(),
        "The projector": _projector(),
        **machinery.rows(),
    }
    words = "From an inbox to a department: what waits where, and how each process does."
    return assemble("Peygir: the line", UID, words, rows, since="now-6h")


def _now() -> tuple[Panel, ...]:
    incidents = only(DEAD_LETTERS, kind="incident")
    return (
        number(
            "Line blocked for",
            "How long the oldest message, fact or delivery waits for who handles it next.",
            asking.BLOCKED_FOR,
            unit="s",
            colours=BLOCKED,
        ),
        number(
            "What waits",
            "Messages, facts and deliveries that somebody has still to handle.",
            f"sum({LAG_MESSAGES.name})",
            unit="short",
            colours=PLAIN,
        ),
        number(
            "Processes down",
            "They did not answer when they were last asked.",
            asking.down(),
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Without an outcome",
            "Messages that a router has passed and said nothing of; they are sent to repair: "
            "`peygir gaps`.",
            f"sum({ACCOUNTING_OPEN.name})",
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Incidents in a day",
            "Messages and cases that could not be decided: mistakes of ours, to be reported.",
            f"sum({grew(incidents, '1d')}) + sum({grew(CASES_UNFOLDABLE.name, '1d')})",
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Deliveries refused",
            "A department's topic did not take them; they are tried again.",
            asking.refused(),
            unit="short",
            colours=SOME_IS_NOTED,
        ),
    )


def _waits() -> tuple[Panel, ...]:
    return (
        lines(
            "How long the oldest waits",
            "By who has to handle it. An import may wait: it is the past.",
            {"{{consumer}}": f"max by (consumer) ({LAG_SECONDS.name})"},
            unit="s",
            limits=BLOCKED,
        ),
        lines(
            "How many wait",
            "By who has to handle them.",
            {"{{consumer}}": f"sum by (consumer) ({LAG_MESSAGES.name})"},
            unit="short",
        ),
        bars(
            "Where the oldest wait",
            "The ten inboxes, or the log or the outbox, where something waits longest.",
            {"{{source}}": f"topk(10, max by (source) ({LAG_SECONDS.name}) > 0)"},
            unit="s",
            colours=BLOCKED,
        ),
        lines(
            "Not yet accounted for",
            "Inbox positions above the marks below which everything has its outcome; and those "
            "that a router has passed without one.",
            {
                "above the marks": f"sum({ACCOUNTING_BEHIND.name})",
                "passed": f"sum({ACCOUNTING_OPEN.name})",
            },
            unit="short",
        ),
    )


def _routers() -> tuple[Panel, ...]:
    return (
        lines(
            "Messages each second",
            "Handled by each router.",
            {"{{processor}}": f"sum by (processor) ({rate(ROUTER_MESSAGES.name)})"},
            unit="reqps",
        ),
        lines(
            "What became of messages",
            "Each second: appended to the log, set aside, or taken up after its end was cut off.",
            {"{{result}}": f"sum by (result) ({rate(ROUTER_MESSAGES.name)})"},
            unit="reqps",
        ),
        lines(
            "How long a message takes",
            "99 % of the messages of each router are handled within this, up to the log's "
            "acknowledgement.",
            {"{{processor}}": asking.quantile(0.99, ROUTER_SECONDS, by="processor")},
            unit="s",
        ),
        lines(
            "Given their partitions anew",
            "How often in an hour, starts included; a router stands still meanwhile.",
            {"{{processor}}": f"sum by (processor) ({grew(ROUTER_REBALANCES.name)})"},
            unit="short",
        ),
    )


def _missing() -> tuple[Panel, ...]:
    return (
        lines(
            "Set aside, by kind",
            "Messages each hour that are kept sealed, with the reason: `peygir dead-letters list`.",
            {"{{kind}}": f"sum by (kind) ({grew(DEAD_LETTERS.name)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "Set aside, by router",
            "Messages each hour, by who could not process them.",
            {"{{processor}}": f"sum by (processor) ({grew(DEAD_LETTERS.name)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "Sent to repair",
            "Inbox positions each hour that a router had skipped; what three repairs do not help "
            "goes to the 137 centre in words.",
            {"to the {{to}}": f"sum by (to) ({grew(ACCOUNTING_GAPS.name)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "Cases that cannot be folded",
            "Each hour: they stay as they were, the others go on. A mistake of ours.",
            {"cases": f"sum({grew(CASES_UNFOLDABLE.name)})"},
            unit="short",
        ),
    )


def _projector() -> tuple[Panel, ...]:
    return (
        lines(
            "Facts each second",
            "Folded into the projection, by what was judged of each.",
            {"{{judgement}}": f"sum by (judgement) ({rate(PROJECTION_FACTS.name)})"},
            unit="reqps",
        ),
        lines(
            "From a fact to its being readable",
            "From its recording to the projector's commit.",
            asking.quantiles(PROJECTION_DELAY_SECONDS),
            unit="s",
            limits=((None, "green"), (5, "red")),
        ),
        lines(
            "How long a transaction takes",
            "One batch of facts.",
            asking.quantiles(PROJECTION_BATCH_SECONDS),
            unit="s",
        ),
    )
