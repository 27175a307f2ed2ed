"""A picture of a dashboard's layout, drawn from its JSON and from values that its panels had."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from deploy.grafana import drawn
from deploy.grafana.shapes import (
    FAINT,
    INK,
    LINE,
    PAPER,
    WHITE,
    Box,
    rectangle,
    shortened,
    text,
)

COLUMN, ROW, GAP, MARGIN, HEAD = 52, 36, 8, 16, 56
COLUMNS = 24

Shown = Mapping[str, drawn.Values]
"""What each panel showed, by its title: its values with their legends."""


def picture(board: Mapping[str, Any], values: Shown) -> str:
    """As SVG. A panel that has no values is drawn as Grafana draws it without data."""
    rows = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in board["panels"])
    width, height = 2 * MARGIN + COLUMNS * COLUMN, HEAD + rows * ROW + MARGIN
    whole = Box(left=0, top=0, width=width, height=height)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label={quoteattr(board["title"])} '
        'font-family="Inter, Roboto, Helvetica, Arial, sans-serif">'
    )
    shapes = [opening, rectangle(whole, PAPER), *_head(board)]
    for panel in board["panels"]:
        shapes += _panel(panel, values.get(panel["title"], ()))
    return "\n".join([*shapes, "</svg>\n"])


def _head(board: Mapping[str, Any]) -> Iterator[str]:
    yield text(board["title"], MARGIN, 35, size=19, style="bold")
    right = MARGIN + COLUMNS * COLUMN
    choices = [one for one in board["templating"]["list"] if one["type"] == "query"]
    words = [*(f"{one['label']}: {one['current']['text']}" for one in choices)]
    for label in (f"{board['links'][0]['title']} ▾", *reversed(words)):
        box = Box(left=right - 170, top=16, width=162, height=28)
        yield rectangle(box, WHITE, edge=LINE)
        yield text(label, box.left + 10, box.top + 19, colour=FAINT)
        right -= 170


def _panel(panel: Mapping[str, Any], values: drawn.Values) -> Iterator[str]:
    place = panel["gridPos"]
    box = Box(
        left=MARGIN + place["x"] * COLUMN,
        top=HEAD + place["y"] * ROW,
        width=place["w"] * COLUMN - GAP,
        height=place["h"] * ROW - GAP,
    )
    if panel["type"] == "row":
        yield text(f"▾ {panel['title']}", box.left, box.top + 20, size=15, style="bold")
        return
    yield f"<g><title>{escape(panel['description'])}</title>"
    yield rectangle(box, WHITE, edge=LINE)
    title = shortened(panel["title"], box.width - 20)
    # On a figure's colour the title is read as the figure is.
    ink = drawn.ink_on(panel, values) if panel["type"] == "stat" else INK
    inner = box.within(left=12, top=32, right=12, bottom=10)
    if panel["type"] == "stat":
        yield from drawn.figure(panel, box, values)
    elif not values:
        yield from drawn.nothing(panel, inner)
    elif panel["type"] == "bargauge":
        yield from drawn.bars(panel, inner, values)
    elif panel["type"] == "heatmap":
        yield from drawn.heat(panel, inner, values)
    else:
        yield from drawn.lines(panel, inner, values)
    yield text(title, box.left + 12, box.top + 21, colour=ink, style="bold")
    yield "</g>"
