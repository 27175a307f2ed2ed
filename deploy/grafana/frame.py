"""What is around the panels of a dashboard: its name, its rows, the choices above, the links."""

import json
from collections.abc import Iterable, Mapping

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.parts import SOURCE, Panel
from schemas.city_metrics import SLA_PROMISES
from schemas.metrics import BUILD_INFO

COLUMNS = 24
TAG = "peygir"

Rows = Mapping[str, tuple[Panel, ...]]
"""Panels by the title of their row; a row's panels are of the same width."""


def assemble(
    title: str,
    uid: str,
    words: str,
    rows: Rows,
    *,
    choices: Iterable[dashboard.QueryVariable] = (),
    since: str = "now-24h",
) -> models.Dashboard:
    """The whole dashboard, with an id for each panel, by which Grafana's addresses name it."""
    board = dashboard.Dashboard(title).uid(uid).description(words).tags([TAG]).readonly()
    board = board.timezone("browser").refresh("30s").time(since, "now")
    board = board.link(_others()).annotation(_new_versions()).with_variable(_source())
    for choice in choices:
        board = board.with_variable(choice)
    for name, panels in rows.items():
        board = board.with_row(dashboard.Row(name))
        for panel in panels:
            board = board.with_panel(panel.span(COLUMNS // len(panels)))
    made = board.build()
    for place, panel in enumerate(made.panels or (), start=1):
        panel.id_val = place
    return made


def places() -> tuple[dashboard.QueryVariable, ...]:
    """The municipality, and the departments of those that are chosen."""
    known = SLA_PROMISES.name
    of_city = f'{known}{{municipality=~"$municipality"}}'
    return (
        _choice("municipality", "Municipality", f"label_values({known}, municipality)"),
        _choice("department", "Department", f"label_values({of_city}, department)"),
    )


def as_text(made: models.Dashboard) -> str:
    """As it is checked in: the same whenever it is made."""
    text = json.dumps(made, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
    return text + "\n"


def _choice(name: str, label: str, query: str) -> dashboard.QueryVariable:
    """What the reader chooses above the panels; at first, all."""
    variable = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(query)
    variable = variable.multi(multi=True).include_all(include_all=True).all_value(".*")
    variable = variable.current(VariableOption(selected=True, text="All", value="$__all"))
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(
        VariableSort.ALPHABETICAL_ASC
    )


def _source() -> dashboard.DatasourceVariable:
    """Which Prometheus: the dashboards are of use in a Grafana that is not ours, too."""
    first = VariableOption(selected=True, text="Prometheus", value="prometheus")
    return (
        dashboard.DatasourceVariable("datasource").label("Source").type("prometheus").current(first)
    )


def _others() -> dashboard.DashboardLink:
    """All the dashboards of Peygir, with the same time and the same choices."""
    link = dashboard.DashboardLink("All of Peygir").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    link = link.as_dropdown(as_dropdown=True).keep_time(keep_time=True)
    return link.include_vars(include_vars=True)


def _new_versions() -> dashboard.AnnotationQuery:
    """A line through every panel when a version begins that was not there before."""
    now, before = (
        f"count by (version) ({BUILD_INFO.name}{moment})" for moment in ("", " offset 10m")
    )
    note = dashboard.AnnotationQuery().name("New version").datasource(SOURCE).enable(enable=True)
    return note.icon_color("purple").expr(f"{now} unless {before}")
