"""Pictures of the dashboards: drawn from their JSON, with values of the day that a test records."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.__main__ import MADE, PICTURES, day, files
from deploy.grafana.amounts import rounded_up, shown
from deploy.grafana.picture import picture
from deploy.grafana.shapes import COLOURS
from tests.boards import PATHS, Board, boards, panels, read
from tests.deployments import ROOT

SVG = "{http://www.w3.org/2000/svg}"
PAGE = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
# Some of each kind of panel, with more departments than there is room for.
MANY = [(f"hashtgerd, a-department-with-a-long-name-{place}", 40.0 - place) for place in range(40)]
BUCKETS = [("0.1", 4.0), ("1.0", 4.0), ("+Inf", 13.0)]

every_board = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
Values = Sequence[tuple[str, float]]


def some_values(panel: dict[str, Any]) -> Values:
    if panel["type"] == "stat":
        return [(panel["title"], 0.5)]
    return BUCKETS if panel["type"] == "heatmap" else MANY


def drawn(board: Board, values: dict[str, Values]) -> ET.Element:
    return ET.fromstring(picture(board, values))  # noqa: S314  # we wrote it


def words(element: ET.Element) -> list[str]:
    return [one.text or "" for one in element.iter(f"{SVG}text")]


def one_panel(board: str, title: str, values: Values) -> ET.Element:
    """What is drawn of one panel of a dashboard, alone."""
    (found,) = (one for one in boards() if one["uid"] == board)
    alone = {**found, "panels": [one for one in found["panels"] if one["title"] == title]}
    (group,) = drawn(alone, {title: values}).iter(f"{SVG}g")
    return group


def test_every_picture_is_as_its_code_draws_it() -> None:
    stale = [str(path.relative_to(ROOT)) for path, text in files() if path.read_text() != text]

    assert stale == [], "run `make dashboards`"


def test_the_page_shows_every_picture() -> None:
    names = {path.name for path in PICTURES.glob("*.svg")}

    assert names == {f"{Path(name).stem}.svg" for name in MADE}
    assert [name for name in sorted(names) if f"](dashboards/{name})" not in PAGE] == []


def test_what_the_day_recorded_is_of_panels_that_there_are() -> None:
    titles = {board["uid"]: {panel["title"] for panel in panels(board)} for board in boards()}

    gone = {
        f"{uid}: {title}"
        for uid, values in day().items()
        for title in values
        if title not in titles.get(uid, ())
    }
    assert gone == set(), "record the day again"


@every_board
def test_every_panel_is_drawn_with_its_words(path: Path) -> None:
    board = read(path)
    whole = drawn(board, {panel["title"]: some_values(panel) for panel in panels(board)})

    titled = [one.findtext(f"{SVG}title") for one in whole.iter(f"{SVG}g")]
    assert titled == [panel["description"] for panel in panels(board)]
    assert {panel["title"] for panel in panels(board)} <= set(words(whole)), "a title is cut off"


@every_board
def test_nothing_is_drawn_outside_of_its_panel(path: Path) -> None:
    board = read(path)
    whole = drawn(board, {panel["title"]: some_values(panel) for panel in panels(board)})

    for group in whole.iter(f"{SVG}g"):
        (left, right), (top, bottom) = edges(next(group.iter(f"{SVG}rect")))
        for rectangle in group.iter(f"{SVG}rect"):
            (x, x_end), (y, y_end) = edges(rectangle)
            assert left <= x <= x_end <= right + 0.1
            assert top <= y <= y_end <= bottom + 0.1
        for text in group.iter(f"{SVG}text"):
            assert left <= float(text.attrib["x"]) <= right
            assert top <= float(text.attrib["y"]) <= bottom, text.text


def edges(rectangle: ET.Element) -> Iterator[tuple[float, float]]:
    for start, length in (("x", "width"), ("y", "height")):
        begins = float(rectangle.attrib[start])
        yield begins, begins + float(rectangle.attrib[length])


@pytest.mark.parametrize(
    ("value", "said", "colour"),
    [(0, "0 s", "green"), (31, "31 s", "yellow"), (90, "1.5 min", "red")],
)
def test_a_figure_stands_on_the_colour_of_the_step_it_has_reached(
    value: float, said: str, colour: str
) -> None:
    group = one_panel("peygir-operations", "Line blocked for", [("Line blocked for", value)])

    assert said in words(group)
    assert [one.attrib["fill"] for one in group.iter(f"{SVG}rect")][-1] == COLOURS[colour][0]


def test_a_count_has_no_fractions_even_where_it_is_estimated() -> None:
    title = "Set aside in a day"

    assert "3" in words(one_panel("peygir-operations", title, [(title, 3.07)]))


def test_what_nobody_showed_is_no_zero() -> None:
    assert "no data" in words(one_panel("peygir-operations", "Line blocked for", []))
    assert "no data" in words(one_panel("peygir-operations", "Submissions each hour", []))
    assert "nothing to show" in words(one_panel("peygir-operations", "Most overdue", []))


def test_bars_are_as_long_as_their_values_and_no_more_than_there_is_room_for() -> None:
    group = one_panel("peygir-operations", "Most overdue", [("roads", 8), ("waste", 2)])

    _, _, longest, _, short = (float(one.attrib["width"]) for one in group.iter(f"{SVG}rect"))
    assert longest == pytest.approx(4 * short, rel=0.01)
    assert [one for one in words(group) if one.isdigit()] == ["8", "2"]
    crowded = one_panel("peygir-operations", "Most overdue", MANY)
    assert sum(one.startswith("hashtgerd") for one in words(crowded)) == 10


def test_the_highest_line_is_named_first_and_who_has_no_room_is_counted() -> None:
    values = [("waste", 1.0), ("roads", 9.0), ("parks", 4.0)]
    said = words(one_panel("peygir-sla", "Overdue, by department", values))

    assert [said.index(name) for name in ("roads", "parks", "waste")] == sorted(
        said.index(name) for name in ("roads", "parks", "waste")
    )
    dots = one_panel("peygir-sla", "Overdue, by department", values).iter(f"{SVG}circle")
    heights = [float(one.attrib["cy"]) for one in dots][:3]
    assert all(above < below for above, below in pairwise(heights))
    assert "and 37 more" in words(one_panel("peygir-sla", "Overdue, by department", MANY))


def test_a_heat_map_shows_what_fell_into_each_bucket_alone() -> None:
    said = words(one_panel("peygir-api", "How long reading takes", BUCKETS))

    assert said[0:2] == ["≤ 100 ms", "4"]
    assert said[-3:-1] == ["≤ ∞", "9"]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0, "short", "0"),
        (12, "short", "12"),
        (1_234, "short", "1.23 k"),
        (0.0004, "s", "0.4 ms"),
        (90, "s", "1.5 min"),
        (3 * 86_400, "s", "3 d"),
        (0.9995, "percentunit", "99.95 %"),
        (-0.2, "percentunit", "-20 %"),
        (0.25, "reqps", "0.25 /s"),
        (90 * 2**20, "bytes", "90 MiB"),
        (float("inf"), "s", "∞"),
        (float("nan"), "s", "no number"),
    ],
)
def test_values_are_written_in_their_unit(value: float, unit: str, said: str) -> None:
    assert shown(value, unit) == said


@pytest.mark.parametrize(
    ("value", "unit", "top"),
    [(0, "short", 1), (41, "short", 50), (0.03, "s", 0.05), (61, "s", 120), (3, "bytes", 4)],
)
def test_an_axis_ends_with_a_round_number(value: float, unit: str, top: float) -> None:
    assert rounded_up(value, unit) == pytest.approx(top)
