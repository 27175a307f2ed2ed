"""Panels that look alike, each with its unit and words, of which dashboards are put together."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    GraphDrawStyle,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

# Whatever Prometheus the reader chooses; the one that is provisioned, at first.
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
STAT_HEIGHT = 4
HEIGHT = 8

Colours = tuple[tuple[float | None, str], ...]
"""From which value on in which colour; the first from none."""

Queries = Mapping[str, str]
"""Expressions by their legends; braces in a legend stand for a label's value."""

Panel = stat.Panel | timeseries.Panel | bargauge.Panel | heatmap.Panel

PLAIN: Colours = ((None, "blue"),)
SOME_IS_NOTED: Colours = ((None, "green"), (1, "yellow"))
NONE_IS_FINE: Colours = ((None, "green"), (1, "red"))


def number(
    title: str, words: str, query: str, *, unit: str, colours: Colours, detail: str = ""
) -> stat.Panel:
    """One figure of now; `detail` is the uid of the dashboard that says more."""
    panel = stat.Panel().title(title).description(words).datasource(SOURCE).unit(unit)
    panel = panel.thresholds(_thresholds(colours)).no_value("no data").height(STAT_HEIGHT)
    panel = panel.graph_mode(BigValueGraphMode.NONE).reduce_options(_last())
    # What may be wrong is seen from across the room.
    is_judged = len(colours) > 1
    panel = panel.color_mode(BigValueColorMode.BACKGROUND if is_judged else BigValueColorMode.VALUE)
    if unit == "short":
        # An increase is estimated from what was seen, and nobody has half a case.
        panel = panel.decimals(0)
    if detail:
        panel = panel.links([_to(detail)])
    return panel.with_target(_query("A", title, query).instant())


def lines(
    title: str,
    words: str,
    queries: Queries,
    *,
    unit: str,
    stacked: bool = False,
    limits: Colours = (),
) -> timeseries.Panel:
    """Figures over time; stacked, each is a part of one whole. A limit is a dashed line."""
    panel = timeseries.Panel().title(title).description(words).datasource(SOURCE).unit(unit)
    panel = (
        panel.axis_soft_min(0)
        .height(HEIGHT)
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(LegendDisplayMode.LIST)
        )
    )
    if stacked:
        panel = panel.draw_style(GraphDrawStyle.BARS).fill_opacity(70)
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if limits:
        style = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        panel = panel.thresholds(_thresholds(limits)).thresholds_style(style)
    for letter, (legend, query) in zip("ABCDEF", queries.items(), strict=False):
        of_histogram = "_bucket" in query
        asked = _query(letter, legend, query).range()
        # Where tracing is on, a dot leads to the trace of one such event.
        panel = panel.with_target(asked.exemplar(exemplar=True) if of_histogram else asked)
    return panel


def bars(
    title: str, words: str, queries: Queries, *, unit: str, colours: Colours
) -> bargauge.Panel:
    """One figure of now for each department, or for each of something else."""
    panel = bargauge.Panel().title(title).description(words).datasource(SOURCE).unit(unit).min(0)
    panel = panel.height(HEIGHT).thresholds(_thresholds(colours)).no_value("nothing to show")
    panel = (
        panel.reduce_options(_last())
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
    )
    for letter, (legend, query) in zip("ABCDEF", queries.items(), strict=False):
        panel = panel.with_target(_query(letter, legend, query).instant())
    return panel


def heat(title: str, words: str, query: str, *, unit: str) -> heatmap.Panel:
    """How many fell into each bucket of a histogram, over time."""
    panel = heatmap.Panel().title(title).description(words).datasource(SOURCE).unit("short")
    panel = panel.y_axis(heatmap.YAxisConfig().unit(unit)).height(HEIGHT)
    panel = panel.calculate(calculate=False).show_legend()
    panel = panel.color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues"))
    asked = _query("A", "{{le}}", query).range().format(PromQueryFormat.HEATMAP)
    return panel.with_target(asked.exemplar(exemplar=True))


def _to(uid: str) -> dashboard.DashboardLink:
    """With the time and the choices that the reader looks at."""
    kept = "&".join(f"${{{name}}}" for name in ("__url_time_range", "__all_variables"))
    return dashboard.DashboardLink("More").type(DashboardLinkType.LINK).url(f"/d/{uid}?{kept}")


def _query(letter: str, legend: str, expression: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().ref_id(letter).legend_format(legend).datasource(SOURCE)
    return query.expr(expression)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _thresholds(colours: Colours) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=value, color=colour) for value, colour in colours]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
