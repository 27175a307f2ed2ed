"""The dashboard of promises: what is late, what will be, who kept how many, and where time goes."""

from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana import asking
from deploy.grafana.asking import BY_DEPARTMENT, CITIZENS, DEPARTMENT, chosen, grew
from deploy.grafana.frame import assemble, places
from deploy.grafana.operations import KEPT, OLD
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
from deploy.grafana.verdicts import verdicts
from schemas.city_metrics import (
    CASE_EVENTS,
    CASES_OLDEST,
    CASES_OPEN,
    CASES_WAITING,
    SLA_DUE,
    SLA_ELAPSED,
    SLA_OPEN,
    SLA_PROMISES,
)
from schemas.metrics import TIMER_LATENESS_SECONDS

UID = "peygir-sla"
LATENESS: Colours = ((None, "green"), (5, "yellow"), (30, "red"))
BROKEN: Colours = ((None, "green"), (0.05, "yellow"), (0.1, "red"))
USED: Colours = ((None, "green"), (0.8, "yellow"), (1, "red"))


def dashboard() -> models.Dashboard:
    rows = {
        "Is it fine now?": _now(),
        "Kept and broken": _outcomes(),
        "The citizen's verdict": verdicts(),
        "Still to be kept": _open(),
        "Where the time goes": _time(),
        "The cases": _cases(),
    }
    words = "What is promised to citizens, and what becomes of it, by department."
    return assemble("Peygir: promises", UID, words, rows, choices=places())


def _now() -> tuple[Panel, ...]:
    return (
        number(
            "Overdue",
            "Promises whose deadline has passed and that nobody has kept yet.",
            f"sum({asking.overdue()})",
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Due within an hour",
            "Not overdue, and not stopped by a pause.",
            f"sum({chosen(SLA_DUE, within='1h')})",
            unit="short",
            colours=SOME_IS_NOTED,
        ),
        number(
            "Broken in a day",
            "Of the citizens' promises that were decided in the last 24 hours; those that were "
            "voided do not count.",
            asking.share_broken(),
            unit="percentunit",
            colours=BROKEN,
        ),
        number(
            "Stand still",
            "Promises of cases that wait for somebody, by a reason that the policy allows.",
            f"sum({chosen(SLA_OPEN, state='paused')})",
            unit="short",
            colours=PLAIN,
        ),
        number(
            "Oldest open case",
            "Since its submission.",
            # Where none is open there is no oldest; where nobody counts there is no answer.
            f"time() - min({chosen(CASES_OLDEST)}) or sum({chosen(CASES_OPEN)}) * 0",
            unit="s",
            colours=OLD,
        ),
        number(
            "Timer behind",
            "99 % of the notices of the last 15 minutes came no later than this. For all "
            "departments.",
            asking.latest(0.99, TIMER_LATENESS_SECONDS),
            unit="s",
            colours=LATENESS,
            detail="peygir-pipeline",
        ),
    )


def _outcomes() -> tuple[Panel, ...]:
    breached = chosen(SLA_PROMISES, clock=CITIZENS, outcome="breached")
    return (
        lines(
            "What became of promises",
            "Each hour: made when a clock begins, met in time, breached when the deadline passes, "
            "voided when a breach is shown wrong. With the departments' holding times.",
            {"{{outcome}}": f"sum by (outcome) ({grew(chosen(SLA_PROMISES))})"},
            unit="short",
        ),
        lines(
            "Broken, by department",
            "Citizens' promises each hour, by who held the case then.",
            {DEPARTMENT: f"sum {BY_DEPARTMENT} ({grew(breached)})"},
            unit="short",
            stacked=True,
        ),
        bars(
            "Kept in a day, by department",
            "The citizens' promises that were met, of those that were decided.",
            {DEPARTMENT: asking.kept("municipality, department")},
            unit="percentunit",
            colours=KEPT,
        ),
        bars(
            "Kept in a day, by priority",
            "The citizens' promises that were met, of those that were decided.",
            {"{{priority}}": asking.kept("priority")},
            unit="percentunit",
            colours=KEPT,
        ),
    )


def _open() -> tuple[Panel, ...]:
    return (
        lines(
            "Time that is left",
            "Open promises by how soon their deadline is; those that stand still are left out.",
            {
                "overdue": f"sum({asking.overdue()})",
                "within {{within}}": f"sum by (within) ({chosen(SLA_DUE)})",
            },
            unit="short",
            stacked=True,
        ),
        lines(
            "Overdue, by department",
            "By who holds the case now.",
            {DEPARTMENT: f"sum {BY_DEPARTMENT} ({asking.overdue()})"},
            unit="short",
        ),
        lines(
            "Overdue, by priority",
            "By how urgent the case is now.",
            {"{{priority}}": f"sum by (priority) ({asking.overdue()})"},
            unit="short",
        ),
        lines(
            "Not running",
            "Paused, or of a case that follows another one and waits for nothing of its own.",
            {"{{state}}": f"sum by (state) ({chosen(SLA_OPEN, state='paused|linked')})"},
            unit="short",
        ),
    )


def _time() -> tuple[Panel, ...]:
    used = f"{SLA_ELAPSED.name}_bucket{{{asking.CHOSEN}}}"
    by_place = f"sum by (le, municipality, department) ({grew(used, '1d')})"
    again = chosen(CASE_EVENTS, event="passed-on|reopened|escalated")
    by_clock = f"sum by (le, clock) ({grew(used, '1d')})"
    return (
        lines(
            "Time that promises take",
            "Of the promises kept in the 24 hours before, in time or too late: 1 is all of the "
            "time that there was, without the pauses.",
            {
                "{{clock}}, half within": f"histogram_quantile(0.5, {by_clock})",
                "{{clock}}, 95 % within": f"histogram_quantile(0.95, {by_clock})",
            },
            unit="percentunit",
            limits=USED,
        ),
        bars(
            "Time used, by department",
            "Within which share of their time half of the promises were kept in the last 24 hours.",
            {DEPARTMENT: f"histogram_quantile(0.5, {by_place}) >= 0"},
            unit="percentunit",
            colours=USED,
        ),
        bars(
            "What cases wait for",
            "Open cases that wait for somebody else, by the reason that the policy names.",
            {
                "{{municipality}}, {{reason}}": (
                    f"sum by (municipality, reason) ({chosen(CASES_WAITING)}) > 0"
                )
            },
            unit="short",
            colours=PLAIN,
        ),
        lines(
            "Passed on, reopened, escalated",
            "Cases in the 24 hours before: given away by who had them, taken up again since they "
            "were not done, or told to the next above.",
            {"{{event}}": f"sum by (event) ({grew(again, '1d')})"},
            unit="short",
        ),
    )


def _cases() -> tuple[Panel, ...]:
    coming, done = (
        chosen(CASE_EVENTS, event=events)
        for events in ("routed|reopened|disputed", "resolved|closed")
    )
    return (
        lines(
            "Coming and done",
            "Cases each hour. Where more come than are done, the open ones grow.",
            {
                "coming": f"sum({grew(coming)})",
                "done": f"sum({grew(done)})",
            },
            unit="short",
        ),
        lines(
            "Open cases, by department",
            "By who has them now.",
            {DEPARTMENT: f"sum {BY_DEPARTMENT} ({chosen(CASES_OPEN)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "Open cases, by priority",
            "By how urgent they are now.",
            {"{{priority}}": f"sum by (priority) ({chosen(CASES_OPEN)})"},
            unit="short",
            stacked=True,
        ),
        bars(
            "Oldest open case, by department",
            "Since its submission; who has none open has no bar.",
            {DEPARTMENT: f"time() - min {BY_DEPARTMENT} ({chosen(CASES_OLDEST)})"},
            unit="s",
            colours=OLD,
        ),
    )
