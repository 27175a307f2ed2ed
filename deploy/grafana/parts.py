"""What dashboards are put together from: panels that look alike, each with its unit and words."""

import json
from collections.abc import Mapping

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    GraphDrawStyle,
    LegendDisplayMode,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
COLUMNS = 24
STAT_HEIGHT = 4
HEIGHT = 8

Colours = tuple[tuple[float | None, str], ...]
"""From which value on in which colour; the first from none."""

Queries = Mapping[str, str]
"""Expressions by their legends; braces in a legend stand for a label's value."""


def number(title: str, words: str, query: str, *, unit: str, colours: Colours) -> stat.Panel:
    """One figure of now."""
    panel = stat.Panel().title(title).description(words).datasource(SOURCE).unit(unit).min(0)
    panel = panel.thresholds(_thresholds(colours)).no_value("none").height(STAT_HEIGHT)
    return panel.with_target(_query("A", title, query).instant())


def lines(
    title: str, words: str, queries: Queries, *, unit: str, stacked: bool = False
) -> timeseries.Panel:
    """Figures over time; stacked, each is a part of one whole."""
    panel = timeseries.Panel().title(title).description(words).datasource(SOURCE).unit(unit).min(0)
    panel = panel.height(HEIGHT).legend(
        common.VizLegendOptions().show_legend(show_legend=True).display_mode(LegendDisplayMode.LIST)
    )
    if stacked:
        panel = panel.draw_style(GraphDrawStyle.BARS).fill_opacity(70)
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    for letter, (legend, query) in zip("ABCDEF", queries.items(), strict=False):
        panel = panel.with_target(_query(letter, legend, query).range())
    return panel


def bars(
    title: str, words: str, queries: Queries, *, unit: str, colours: Colours
) -> bargauge.Panel:
    """One figure of now for each department, or for each of something else."""
    panel = bargauge.Panel().title(title).description(words).datasource(SOURCE).unit(unit).min(0)
    panel = panel.height(HEIGHT).thresholds(_thresholds(colours)).no_value("none")
    panel = panel.orientation(VizOrientation.HORIZONTAL).display_mode(BarGaugeDisplayMode.BASIC)
    for letter, (legend, query) in zip("ABCDEF", queries.items(), strict=False):
        panel = panel.with_target(_query(letter, legend, query).instant())
    return panel


def choice(name: str, label: str, query: str) -> dashboard.QueryVariable:
    """What the reader chooses above the panels; at first, all."""
    variable = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(query)
    variable = variable.multi(multi=True).include_all(include_all=True).all_value(".*")
    variable = variable.current(VariableOption(selected=True, text="All", value="$__all"))
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(
        VariableSort.ALPHABETICAL_ASC
    )


def numbered(made: models.Dashboard) -> models.Dashboard:
    """With an id for each panel, by which Grafana's addresses name it."""
    for place, panel in enumerate(made.panels or (), start=1):
        panel.id_val = place
    return made


def as_text(made: models.Dashboard) -> str:
    """As it is checked in: the same whenever it is made."""
    text = json.dumps(made, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
    return text + "\n"


def _query(letter: str, legend: str, expression: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().ref_id(letter).legend_format(legend).datasource(SOURCE)
    return query.expr(expression)


def _thresholds(colours: Colours) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=value, color=colour) for value, colour in colours]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
