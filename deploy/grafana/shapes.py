"""The shapes that a picture of a dashboard is drawn of, as SVG."""

from dataclasses import dataclass
from typing import Self
from xml.sax.saxutils import escape

INK, FAINT, LINE, PAPER, WHITE = "#1f2733", "#5b6573", "#d5dae1", "#eef0f3", "#ffffff"
# Grafana's names of colours; the text on each can be read.
COLOURS = {
    "green": ("#2e7d32", WHITE),
    "yellow": ("#f2c037", INK),
    "orange": ("#c75300", WHITE),
    "red": ("#c62828", WHITE),
    "blue": ("#1f60c4", WHITE),
}
SERIES = ("#1f60c4", "#c75300", "#2e7d32", "#8e3fb5", "#00838f", "#ad1457", "#6d4c41", "#5b6573")
# A letter is as wide as this share of its height, on the average.
LETTER = 0.56


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place in the picture, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def within(self, *, left: float, top: float, right: float, bottom: float) -> Self:
        """The rest, when that much is cut from its sides."""
        return type(self)(
            left=self.left + left,
            top=self.top + top,
            width=self.width - left - right,
            height=self.height - top - bottom,
        )


def rectangle(box: Box, fill: str, *, edge: str = "none", opacity: float = 1) -> str:
    return (
        f'<rect x="{box.left:g}" y="{box.top:g}" width="{box.width:.4g}" height="{box.height:g}" '
        f'rx="3" fill="{fill}" fill-opacity="{opacity:.2g}" stroke="{edge}"/>'
    )


def line(*, left: float, right: float, at: float, colour: str = LINE, dashed: bool = False) -> str:
    """From left to right."""
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="M{left:g} {at:.4g}H{right:g}" stroke="{colour}"{dashes}/>'


def dot(left: float, top: float, colour: str) -> str:
    return f'<circle cx="{left:g}" cy="{top:.4g}" r="4" fill="{colour}"/>'


def text(  # what is written, where, and how
    words: str, left: float, base: float, *, size: int = 13, colour: str = INK, style: str = ""
) -> str:
    """`style` has `bold`, and `middle` or `end` where the words are not to begin there."""
    anchor = next((one for one in ("middle", "end") if one in style), "start")
    weight = ' font-weight="600"' if "bold" in style else ""
    return (
        f'<text x="{left:g}" y="{base:.4g}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}"{weight}>{escape(words)}</text>'
    )


def shortened(words: str, width: float, *, size: int = 13) -> str:
    """What there is room for, with a mark where something is left out."""
    letters_max = max(1, int(width / (size * LETTER)))
    return words if len(words) <= letters_max else words[: letters_max - 1].rstrip() + "…"
