"""How one panel is drawn from its last values: a figure, bars, the ends of lines, a heat map."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

from deploy.grafana.amounts import rounded_up, shown
from deploy.grafana.shapes import (
    COLOURS,
    FAINT,
    INK,
    LINE,
    SERIES,
    WHITE,
    Box,
    dot,
    line,
    rectangle,
    shortened,
    text,
)

BARS_MAX = 10
LEGEND_ROWS_MAX = 4
LONG_LEGEND = 9
STEP = 19
SLIVER = 0.04  # Of a bar, so that nothing has its colour too.
NO_DATA = "no data"

Panel = Mapping[str, Any]
Values = Sequence[tuple[str, float]]


def figure(panel: Panel, box: Box, values: Values) -> Iterator[str]:
    """In its colour, or on it."""
    words = _as_figure(panel, values[0][1]) if values else NO_DATA
    ink = ink_on(panel, values)
    if values and _is_filled(panel):
        yield rectangle(box, _colour(panel, values[0][1])[0])
    elif values:
        ink = _colour(panel, values[0][1])[0]
    size = 34 if values else 20
    centre = box.left + box.width / 2
    base = box.top + box.height / 2 + 22
    yield text(words, centre, base, size=size, colour=ink, style="bold middle")


def ink_on(panel: Panel, values: Values) -> str:
    """What is written in on a figure."""
    if not values:
        return FAINT
    return _colour(panel, values[0][1])[1] if _is_filled(panel) else INK


def _as_figure(panel: Panel, value: float) -> str:
    is_count = panel["fieldConfig"]["defaults"].get("decimals") == 0
    return shown(round(value) if is_count else value, unit(panel))


def nothing(panel: Panel, box: Box) -> Iterator[str]:
    words = panel["fieldConfig"]["defaults"].get("noValue", NO_DATA)
    centre, middle = box.left + box.width / 2, box.top + box.height / 2
    yield text(words, centre, middle, colour=FAINT, style="middle")


def bars(panel: Panel, box: Box, values: Values) -> Iterator[str]:
    """One below the other, with the legend on the left and the value on the right."""
    step = min(26.0, box.height / min(len(values), BARS_MAX))
    names, figures = box.width * 0.5, 62
    longest = max(*(value for _, value in values), 1e-9)
    room = box.width - names - figures - 12
    for place, (legend, value) in enumerate(values[:BARS_MAX]):
        top = box.top + place * step
        base = top + step * 0.68
        bar = Box(left=box.left + names, top=top + 3, width=room, height=step - 7)
        yield rectangle(bar, LINE, opacity=0.5)
        share = max(value / longest, SLIVER)
        filled = bar.within(left=0, top=0, right=room * (1 - share), bottom=0)
        yield rectangle(filled, _colour(panel, value)[0])
        yield text(shortened(legend, names - 6, size=12), box.left, base, size=12)
        yield text(shown(value, unit(panel)), box.right, base, size=12, style="bold end")


def lines(panel: Panel, box: Box, values: Values) -> Iterator[str]:
    """The last point of each line, the limits, and the legend; the highest first."""
    values = sorted(values, key=lambda one: -one[1])
    columns = 1 if max(len(legend) for legend, _ in values) > LONG_LEGEND else 2
    rows = min(-(-len(values) // columns), LEGEND_ROWS_MAX)
    graph = box.within(left=52, top=2, right=8, bottom=rows * STEP + 14)
    top = rounded_up(max(values[0][1], *_near(panel, values[0][1]), 0), unit(panel))
    yield from _axis(panel, graph, top)
    for limit, colour in _limits(panel):
        if limit <= top:
            height = graph.bottom - graph.height * limit / top
            yield line(left=graph.left, right=graph.right, at=height, colour=colour, dashed=True)
    for colour, (_, value) in zip(cycle(SERIES), values, strict=False):
        height = graph.bottom - graph.height * max(value, 0) / top
        yield dot(graph.right - 4, height, colour)
    below = box.within(left=0, top=box.height - rows * STEP + 14, right=0, bottom=0)
    yield from _legend(panel, below, values, columns)


def heat(panel: Panel, box: Box, values: Values) -> Iterator[str]:
    """The last column: how many fell into each bucket, which Prometheus counts in sums."""
    bounds = sorted(((float(legend), value) for legend, value in values), key=lambda one: one[0])
    below = [0.0, *(value for _, value in bounds)]
    counts = [max(one - before, 0) for before, (_, one) in zip(below, bounds, strict=False)]
    step, most = box.height / len(bounds), max(*counts, 1e-9)
    unit_of_axis = panel["options"]["yAxis"]["unit"]
    for place, ((bound, _), count) in enumerate(zip(bounds, counts, strict=True)):
        top = box.bottom - (place + 1) * step
        yield text(f"≤ {shown(bound, unit_of_axis)}", box.left, top + step * 0.8, size=11)
        yield line(left=box.left + 64, right=box.right, at=top + step)
        cell = Box(left=box.right - 70, top=top + 1, width=70, height=step - 2)
        yield rectangle(cell, SERIES[0], opacity=0.08 + 0.92 * count / most)
        ink = WHITE if count > most / 2 else INK
        count_words = shown(count, "short") if count else ""
        yield text(
            count_words, cell.left + 35, top + step * 0.8, size=11, colour=ink, style="middle"
        )


def unit(panel: Panel) -> str:
    return panel["fieldConfig"]["defaults"]["unit"]


def _axis(panel: Panel, graph: Box, top: float) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        height = graph.bottom - graph.height * share
        yield line(left=graph.left, right=graph.right, at=height)
        words = shown(top * share, unit(panel))
        yield text(words, graph.left - 6, height + 4, size=11, colour=FAINT, style="end")
    yield text("now", graph.right, graph.bottom + 14, size=11, colour=FAINT, style="end")


def _legend(panel: Panel, box: Box, values: Values, columns: int) -> Iterator[str]:
    """`box` begins at the foot of the first row's letters."""
    width = box.width / columns
    places = columns * LEGEND_ROWS_MAX
    for place, (colour, (legend, value)) in enumerate(zip(cycle(SERIES), values, strict=False)):
        left, at = box.left + place % columns * width, box.top + place // columns * STEP
        if place == places - 1 < len(values) - 1:
            more = len(values) - place
            yield text(f"and {more} more", left + 14, at, size=12, colour=FAINT)
            return
        yield dot(left + 4, at - 4, colour)
        figure_words = shown(value, unit(panel))
        room = width - 30 - len(figure_words) * 7
        yield text(shortened(legend, room, size=12), left + 14, at, size=12)
        yield text(figure_words, left + width - 10, at, size=12, style="bold end")


def _near(panel: Panel, highest: float) -> Iterator[float]:
    """Limits that are near enough to be in the picture."""
    yield from (limit for limit, _ in _limits(panel) if limit <= 2 * highest)


def _limits(panel: Panel) -> Iterator[tuple[float, str]]:
    drawn = panel["fieldConfig"]["defaults"].get("custom", {}).get("thresholdsStyle")
    for step in _steps(panel) if drawn else ():
        if step["value"] is not None:
            yield step["value"], COLOURS[step["color"]][0]


def _steps(panel: Panel) -> Sequence[Mapping[str, Any]]:
    return panel["fieldConfig"]["defaults"]["thresholds"]["steps"]


def _colour(panel: Panel, value: float) -> tuple[str, str]:
    """That of the highest step that the value has reached, and what is read on it."""
    reached = [one for one in _steps(panel) if one["value"] is None or value >= one["value"]]
    return COLOURS[reached[-1]["color"]]


def _is_filled(panel: Panel) -> bool:
    return panel["options"]["colorMode"] == "background"
