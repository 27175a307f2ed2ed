"""The screen at every width, without colours, and in both languages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from schemas import city_metrics, metrics
from services.watching.figures import View, view
from services.watching.pace import Pace
from services.watching.screen import Screen
from services.watching.seen import Process
from services.watching.words import WORDS, Language, number, span
from tests.terminal.shown import CALM, DAY, process

AT = datetime(2026, 11, 24, 18, 40, 12, tzinfo=UTC)
WIDTHS = [40, 66, 80, 113, 120, 200]
MANY = {
    **DAY,
    **{
        (city_metrics.SLA_OPEN, ("hashtgerd", f"department-{one}", "low", "overdue")): 1.0
        for one in range(40)
    },
    **{(metrics.LAG_SECONDS, ("router-intake", f"inbox-{one}")): 9.0 for one in range(40)},
}
DEAD = process("janitor", {}, "down", wrong="nobody listens")
ILL = process("edge", {}, "ill", wrong="[its source] stands still")


def seen(*processes: Process) -> View:
    return view(processes, Pace(), AT)


def drawn(
    found: View, width: int = 120, language: Language = "en", height: int | None = None
) -> str:
    console = Console(width=width, height=height or 50, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(Screen(view=found, language=language, whole=height is None))
    return capture.get()


def plain(text: str) -> str:
    return re.sub(r"[\s│╭╮╰╯─]+", " ", text)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_nothing_is_cut_and_nothing_is_wider_than_the_terminal(
    width: int, language: Language
) -> None:
    text = drawn(seen(process("accountant", DAY), DEAD, ILL), width, language)

    assert "…" not in text
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_row_is_there_at_every_width(width: int) -> None:
    text = plain(drawn(seen(process("accountant", DAY)), width))

    # In a narrow tile a title goes on in a second line.
    for words in (
        "112",
        "14",
        "Open cases",
        "Overdue promises",
        "Urgent and",
        "act now",
        "Due within an",
        "At the 137",
        "Line blocked for",
        "25 s",
    ):
        assert words in text, text
    assert all(word in text for word in ("overdue", "hour", "centre"))


def test_a_state_is_a_word_and_not_a_colour_alone() -> None:
    calm = drawn(seen(process("accountant", CALM)))
    late = drawn(seen(process("accountant", DAY)))
    dark = drawn(seen(process("edge", {})))

    assert not {"look", "act now", "unknown"} & set(re.findall(r"look|act now|unknown", calm))
    assert late.count("look") == 3
    assert late.count("act now") == 1
    assert dark.count("unknown") == 6
    assert "nothing is known of the departments" in dark
    assert "nothing is known of what waits" in dark


def test_where_all_is_calm_it_is_said() -> None:
    text = drawn(seen(process("accountant", CALM)))

    assert "1 of 1 processes answer" in text
    assert "no department has anything overdue" in text
    assert "nothing waits" in text


def test_a_process_that_is_not_well_is_told_of_and_the_rest_goes_on() -> None:
    text = drawn(seen(process("accountant", DAY), DEAD, ILL))

    assert "2 of 3 processes answer" in text
    assert re.search(r"janitor +janitor:9137 +down +nobody listens", text)
    assert re.search(r"edge +edge:9137 +ill +\[its source\] stands still", text)
    assert re.search(r"hashtgerd/parks +5 +1 +5 +9 ", text)
    assert re.search(r"router-progress +progress-fani +12 +25 s", text)


def test_one_municipality_needs_no_name_before_its_departments() -> None:
    of_one = {key: value for key, value in DAY.items() if "boston" not in key[1]}

    assert "hashtgerd" not in drawn(seen(process("accountant", of_one)))


def test_an_ended_process_is_told_of_in_persian() -> None:
    ended = process("janitor", {}, "down", wrong="has ended, and is started again")

    text = drawn(seen(process("accountant", DAY), ended), language="fa")

    assert "پایان یافت و دوباره آغاز می‌شود" in text
    assert "۱ از ۲ پردازه پاسخ می‌دهند" in text
    assert "۱۸:۴۰:۱۲" in text


@pytest.mark.parametrize("height", [24, 30, 50, 100])
@pytest.mark.parametrize("width", [80, 120])
def test_a_living_screen_is_no_higher_than_the_terminal(height: int, width: int) -> None:
    crowded = seen(process("accountant", MANY))

    text = drawn(crowded, width, height=height)

    assert len(text.splitlines()) <= height
    assert text.count(" more") == (2 if height < 100 else 1)
    assert "department-39" in drawn(crowded, width)
    assert "inbox-39" in drawn(crowded, width)


def test_a_pace_is_shown_from_the_second_look_on() -> None:
    web = (metrics.INTAKE_EVENTS, ("web", "accepted"))
    pace = Pace()
    pace.learn([process("edge", {web: 100})], 0)
    before = drawn(view([process("edge", {web: 100})], pace, AT))
    pace.learn([process("edge", {web: 120})], 60)

    assert "in a minute" not in before
    assert "in a minute: accepted 20  refused 0" in drawn(
        view([process("edge", {web: 120})], pace, AT)
    )


def test_both_languages_have_the_same_words() -> None:
    of_processes = {key for key in WORDS["fa"] if " " in key}

    assert WORDS["fa"].keys() - of_processes == WORDS["en"].keys()
    assert all(re.search("[آ-ی]", words) for words in WORDS["fa"].values())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, {"en": "?", "fa": "?"}),
        (0, {"en": "0 s", "fa": "۰ ثانیه"}),
        (119.9, {"en": "119 s", "fa": "۱۱۹ ثانیه"}),
        (120, {"en": "2 min", "fa": "۲ دقیقه"}),
        (7_199, {"en": "119 min", "fa": "۱۱۹ دقیقه"}),
        (7_200, {"en": "2 hours", "fa": "۲ ساعت"}),
        (172_800, {"en": "2 days", "fa": "۲ روز"}),
    ],
)
def test_lengths_of_time_are_said_as_one_says_them(
    seconds: float | None, said: Mapping[Language, str]
) -> None:
    assert {language: span(seconds, language) for language in said} == said


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert [number(1_234_567, "en"), number(1_234_567, "fa")] == ["1,234,567", "۱٬۲۳۴٬۵۶۷"]
