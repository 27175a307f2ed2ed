"""The wall of the operations room: is it fine now, what comes and goes, and where it hurts."""

from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana import asking
from deploy.grafana.asking import BY_DEPARTMENT, DEPARTMENT, chosen, grew, only
from deploy.grafana.frame import assemble, places
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
from schemas.city_metrics import CASE_EVENTS, CASES_AT_CENTRE, CASES_OLDEST, CASES_OPEN, SLA_DUE
from schemas.metrics import (
    ACCOUNTING_OPEN,
    DEAD_LETTERS,
    INTAKE_EVENTS,
    ROUTING_DECISIONS,
    TIMER_HELD,
)

UID = "peygir-operations"
BLOCKED: Colours = ((None, "green"), (30, "yellow"), (60, "red"))
OLD: Colours = ((None, "green"), (14 * 86_400, "yellow"), (30 * 86_400, "red"))
KEPT: Colours = ((None, "red"), (0.9, "yellow"), (0.95, "green"))


def dashboard() -> models.Dashboard:
    rows = {
        "Is it fine now?": _now(),
        "What comes and goes": _flow(),
        "Where it hurts": _hurts(),
        "Behind it": _behind(),
    }
    words = "Is it fine now? What comes in and what is done with it; who is late."
    return assemble("Peygir: operations", UID, words, rows, choices=places())


def _now() -> tuple[Panel, ...]:
    """The same six, by the same words, as `peygir watch` shows."""
    return (
        number(
            "Open cases",
            "Cases that somebody has and that are not done, those that follow another included.",
            f"sum({chosen(CASES_OPEN)})",
            unit="short",
            colours=PLAIN,
            detail="peygir-sla",
        ),
        number(
            "Overdue promises",
            "Their deadline has passed and nobody has kept them yet.",
            f"sum({asking.overdue()})",
            unit="short",
            colours=SOME_IS_NOTED,
            detail="peygir-sla",
        ),
        number(
            "Urgent and overdue",
            "Overdue promises of urgent cases.",
            f"sum({asking.overdue(priority='urgent')})",
            unit="short",
            colours=NONE_IS_FINE,
            detail="peygir-sla",
        ),
        number(
            "Due within an hour",
            "Not overdue, and not stopped by a pause.",
            f"sum({chosen(SLA_DUE, within='1h')})",
            unit="short",
            colours=SOME_IS_NOTED,
            detail="peygir-sla",
        ),
        number(
            "At the 137 centre",
            "Open cases that no rule could place: a person has to say whose they are. For all "
            "departments.",
            f"sum({only(CASES_AT_CENTRE, municipality='$municipality')})",
            unit="short",
            colours=SOME_IS_NOTED,
        ),
        number(
            "Line blocked for",
            "How long the oldest message, fact or delivery waits for who handles it next. For all "
            "departments.",
            asking.BLOCKED_FOR,
            unit="s",
            colours=BLOCKED,
            detail="peygir-pipeline",
        ),
    )


def _flow() -> tuple[Panel, ...]:
    accepted = only(INTAKE_EVENTS, result="accepted")
    return (
        lines(
            "Submissions each hour",
            "What citizens sent and what was accepted, by channel. For all departments.",
            {"{{channel}}": f"sum by (channel) ({grew(accepted)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "Against last week",
            "Accepted submissions each hour, and those of the same hour a week before. For all "
            "departments.",
            {
                "this week": f"sum({grew(accepted)})",
                "a week before": f"sum(increase({accepted}[1h] offset 7d))",
            },
            unit="short",
        ),
        lines(
            "What happens to cases each hour",
            "By who had the case then. Imported cases are not counted.",
            {"{{event}}": f"sum by (event) ({grew(chosen(CASE_EVENTS))})"},
            unit="short",
        ),
        lines(
            "Open cases, by how far they are",
            "Linked ones follow another case and wait for nothing of their own.",
            {"{{state}}": f"sum by (state) ({chosen(CASES_OPEN)})"},
            unit="short",
            stacked=True,
        ),
    )


def _hurts() -> tuple[Panel, ...]:
    overdue = f"sum {BY_DEPARTMENT} ({asking.overdue()})"
    oldest = f"time() - min {BY_DEPARTMENT} ({chosen(CASES_OLDEST)})"
    return (
        bars(
            "Most overdue",
            "The ten departments with the most overdue promises.",
            {DEPARTMENT: f"topk(10, {overdue} > 0)"},
            unit="short",
            colours=SOME_IS_NOTED,
        ),
        bars(
            "Kept least in a day",
            "The ten departments that kept the smallest share of the citizens' promises that were "
            "decided in the last 24 hours.",
            {DEPARTMENT: f"bottomk(10, {asking.kept('municipality, department')})"},
            unit="percentunit",
            colours=KEPT,
        ),
        bars(
            "Oldest open case",
            "Since its submission, of the ten departments where it is oldest.",
            {DEPARTMENT: f"topk(10, {oldest})"},
            unit="s",
            colours=OLD,
        ),
        lines(
            "Who decides where cases go",
            "Each hour: chosen by whoever submitted it, by its words, or by the 137 centre. For "
            "all departments.",
            {"{{by}}": f"sum by (by) ({grew(ROUTING_DECISIONS.name)})"},
            unit="short",
            stacked=True,
        ),
    )


def _behind() -> tuple[Panel, ...]:
    return (
        number(
            "Processes down",
            "They did not answer when they were last asked. For all departments.",
            asking.down(),
            unit="short",
            colours=NONE_IS_FINE,
            detail="peygir-pipeline",
        ),
        number(
            "Alerts that fire",
            "Those that wake somebody and those that wait for the morning. For all departments.",
            'count(ALERTS{alertstate="firing"}) or vector(0)',
            unit="short",
            colours=NONE_IS_FINE,
            detail="peygir-slo",
        ),
        number(
            "Set aside in a day",
            "Messages that could not be processed and are kept, with the reason: `peygir "
            "dead-letters list`. For all departments.",
            f"sum({grew(DEAD_LETTERS.name, '1d')})",
            unit="short",
            colours=SOME_IS_NOTED,
            detail="peygir-pipeline",
        ),
        number(
            "Without an outcome",
            "Messages that a router has passed and said nothing of; they are sent to repair: "
            "`peygir gaps`. For all departments.",
            f"sum({ACCOUNTING_OPEN.name})",
            unit="short",
            colours=NONE_IS_FINE,
            detail="peygir-pipeline",
        ),
        number(
            "Deliveries refused",
            "A department's topic did not take them; they are tried again. For all departments.",
            asking.refused(),
            unit="short",
            colours=SOME_IS_NOTED,
            detail="peygir-pipeline",
        ),
        number(
            "Notices held",
            "Due, and held until the log and the departments' inboxes are read past them. For all "
            "departments.",
            f"sum({TIMER_HELD.name})",
            unit="short",
            colours=SOME_IS_NOTED,
            detail="peygir-pipeline",
        ),
    )
