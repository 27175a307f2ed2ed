"""The dashboard of promises: what is late, what will be, who kept how many, and the timer."""

from grafana_foundation_sdk.builders import bargauge, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, Row
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

from deploy.grafana.parts import COLUMNS, Colours, bars, choice, lines, number, numbered
from schemas.city_metrics import SLA_DUE, SLA_LOOK_SECONDS, SLA_OPEN, SLA_PROMISES
from schemas.metrics import TIMER_HELD, TIMER_HELD_SECONDS, TIMER_LATENESS_SECONDS, TIMER_NOTICES

UID = "peygir-sla"
CHOSEN = 'municipality=~"$municipality",department=~"$department"'
CITIZENS = 'clock!="holding"'

NONE_IS_FINE: Colours = ((None, "green"), (1, "red"))
SOON: Colours = ((None, "green"), (1, "yellow"))
LATENESS: Colours = ((None, "green"), (5, "yellow"), (30, "red"))
BROKEN: Colours = ((None, "green"), (0.05, "yellow"), (0.1, "red"))
KEPT: Colours = ((None, "red"), (0.9, "yellow"), (0.95, "green"))
PLAIN: Colours = ((None, "blue"),)

Panels = tuple[stat.Panel | timeseries.Panel | bargauge.Panel, ...]


def dashboard() -> models.Dashboard:
    board = Dashboard("Peygir: promises").uid(UID).tags(["peygir"]).readonly()
    board = board.description("What is promised to citizens, and what becomes of it.")
    board = board.timezone("browser").refresh("30s").time("now-24h", "now")
    board = board.link(
        DashboardLink("All of Peygir")
        .type(DashboardLinkType.DASHBOARDS)
        .tags(["peygir"])
        .as_dropdown(as_dropdown=True)
        .keep_time(keep_time=True)
    )
    names = SLA_PROMISES.name
    board = board.with_variable(
        choice("municipality", "Municipality", f"label_values({names}, municipality)")
    )
    of_city = f'{names}{{municipality=~"$municipality"}}'
    board = board.with_variable(
        choice("department", "Department", f"label_values({of_city}, department)")
    )
    for title, panels in (
        ("Is it fine now?", _now()),
        ("Kept and broken", _outcomes()),
        ("Still to be kept", _open()),
        ("The timer", _timer()),
    ):
        board = board.with_row(Row(title))
        for panel in panels:
            board = board.with_panel(panel.span(COLUMNS // len(panels)))
    return numbered(board.build())


def _now() -> Panels:
    return (
        number(
            "Overdue",
            "Promises whose deadline has passed and that nobody has kept yet.",
            f"sum({_open_in('overdue')})",
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Due within an hour",
            "Not overdue, and not stopped by a pause.",
            f"sum({_due_in('1h')})",
            unit="short",
            colours=SOON,
        ),
        number(
            "Broken in a day",
            "Of the citizens' promises that were decided in the last 24 hours; those that were "
            "voided do not count.",
            f"{_broken('1d')} / {_decided('1d')}",
            unit="percentunit",
            colours=BROKEN,
        ),
        number(
            "Stand still",
            "Promises of cases that wait for somebody, by a reason that the policy allows.",
            f"sum({_open_in('paused')})",
            unit="short",
            colours=PLAIN,
        ),
        number(
            "Timer behind",
            "99 % of the notices of the last 15 minutes came no later than this. For all "
            "departments.",
            # Where nothing was due there is nothing late.
            f"{_within(0.99, '15m')} >= 0 or vector(0)",
            unit="s",
            colours=LATENESS,
        ),
        number(
            "Notices held",
            "Until the log and the departments' inboxes are read past them. For all departments.",
            f"sum({TIMER_HELD.name})",
            unit="short",
            colours=SOON,
        ),
    )


def _outcomes() -> Panels:
    return (
        lines(
            "What became of promises",
            "Each hour: made when a clock begins, met in time, breached when the deadline passes, "
            "voided when a breach is shown wrong. With the departments' holding times.",
            {"{{outcome}}": f"sum by (outcome) ({_promises('', '1h')})"},
            unit="short",
        ),
        lines(
            "Broken, by department",
            "Citizens' promises each hour, by who held the case then.",
            {"{{department}}": f"sum by (department) ({_outcome('breached', '1h')})"},
            unit="short",
            stacked=True,
        ),
        bars(
            "Kept in a day, by department",
            "The citizens' promises that were met, of those that were decided.",
            {"{{department}}": _kept("department")},
            unit="percentunit",
            colours=KEPT,
        ),
        bars(
            "Kept in a day, by priority",
            "The citizens' promises that were met, of those that were decided.",
            {"{{priority}}": _kept("priority")},
            unit="percentunit",
            colours=KEPT,
        ),
    )


def _open() -> Panels:
    return (
        lines(
            "Time that is left",
            "Open promises by how soon their deadline is; those that stand still are left out.",
            {
                "overdue": f"sum({_open_in('overdue')})",
                "within {{within}}": f"sum by (within) ({SLA_DUE.name}{{{CHOSEN}}})",
            },
            unit="short",
            stacked=True,
        ),
        lines(
            "Overdue, by department",
            "By who holds the case now.",
            {"{{department}}": f"sum by (department) ({_open_in('overdue')})"},
            unit="short",
        ),
        lines(
            "Overdue, by priority",
            "By how urgent the case is now.",
            {"{{priority}}": f"sum by (priority) ({_open_in('overdue')})"},
            unit="short",
        ),
        lines(
            "Not running",
            "Paused, or of a case that follows another one and waits for nothing of its own.",
            {"{{state}}": f'sum by (state) ({SLA_OPEN.name}{{{CHOSEN},state=~"paused|linked"}})'},
            unit="short",
        ),
    )


def _timer() -> Panels:
    return (
        lines(
            "How late notices come",
            "From the moment a notice was due to its being appended. For all departments.",
            {"half within": _within(0.5, "5m"), "99 % within": _within(0.99, "5m")},
            unit="s",
        ),
        lines(
            "Notices each hour",
            "Appended by the timer, by kind. For all departments.",
            {"{{notice}}": f"sum by (notice) (increase({TIMER_NOTICES.name}[1h]))"},
            unit="short",
            stacked=True,
        ),
        lines(
            "How long notices are held",
            "The longest hold of each timer, until the log and the departments' inboxes are read.",
            {"{{instance}}": f"max by (instance) ({TIMER_HELD_SECONDS.name})"},
            unit="s",
        ),
        lines(
            "What counting costs",
            "One count of the open promises by the accountant; it takes a twentieth of a core at "
            "most.",
            {"99 % within": _quantile(0.99, SLA_LOOK_SECONDS.name, "30m")},
            unit="s",
        ),
    )


def _open_in(state: str) -> str:
    return f'{SLA_OPEN.name}{{{CHOSEN},state="{state}"}}'


def _due_in(within: str) -> str:
    return f'{SLA_DUE.name}{{{CHOSEN},within="{within}"}}'


def _promises(more: str, window: str) -> str:
    return f"increase({SLA_PROMISES.name}{{{CHOSEN}{more}}}[{window}])"


def _outcome(outcome: str, window: str) -> str:
    return _promises(f',{CITIZENS},outcome="{outcome}"', window)


def _broken(window: str, by: str = "") -> str:
    """What was voided may have been broken before the window began."""
    breached, voided = (_outcome(one, window) for one in ("breached", "voided"))
    return f"clamp_min(sum{by}({breached}) - sum{by}({voided}), 0)"


def _decided(window: str, by: str = "") -> str:
    """At least one, so that a share of nothing is none."""
    return f"clamp_min(sum{by}({_outcome('met', window)}) + {_broken(window, by)}, 1)"


def _kept(label: str) -> str:
    """Nothing is said of whom nothing was decided."""
    by = f" by ({label}) "
    met = f"sum{by}({_outcome('met', '1d')})"
    return f"{met} / ({met} + {_broken('1d', by)} > 0)"


def _within(share: float, window: str) -> str:
    return _quantile(share, TIMER_LATENESS_SECONDS.name, window)


def _quantile(share: float, histogram: str, window: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket[{window}])))"
