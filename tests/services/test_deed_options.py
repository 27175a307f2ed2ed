"""What goes with each deed on the command line: needed, allowed, refused, and what it becomes."""

from collections.abc import Mapping
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from schemas.messages import ProgressReport, ReportedPart
from schemas.vocabulary import DEEDS, Category, Deed
from services.command import deed_options, judged
from services.command.composed import composed
from services.command.department_says import BY_THE_DESK, SAID
from services.embedded.errors import MissingError
from streams.core.permissions import MAY
from streams.core.refusal import refused_for
from streams.core.reporting import DEPARTMENTS_DEEDS

USAGE = 2
# Who speaks is known from where it is said; these two only our doors know.
NOT_OPTIONS = {
    "type",
    "case_id",
    "did",
    "department",
    "municipality",
    "author",
    "role",
    "parent_recorded_at",
    "because",
    "reporter_of",
}
WORDS: Mapping[str, str] = {
    "reason": "weather",
    "why": "not-ours",
    "parent": "x",
    "category": "GRN-02",
    "note": "n",
    "body": "water",
    "answer": "done",
    "stars": "4",
    "part": "a hole",
}


def test_a_department_has_a_command_for_each_thing_that_it_may_say() -> None:
    said = {deed for deed, _ in SAID.values()}

    assert said == set(MAY["member"])
    assert said == DEPARTMENTS_DEEDS | set(BY_THE_DESK)
    assert all(words.endswith(".") for _, words in SAID.values())


def test_every_field_of_a_report_has_an_option() -> None:
    fields = set(ProgressReport.__dataclass_fields__) - NOT_OPTIONS
    become = {"evidence": {"photo", "document"}, "parts": {"part"}}

    wanted = {option for field in fields for option in become.get(field, {field})}

    assert wanted == set(deed_options.OPTIONS)


def test_what_a_deed_needs_is_an_option_and_every_option_goes_with_a_deed() -> None:
    going = {name for deed in DEEDS for name in deed_options.of_deed(deed)}

    assert going | set(deed_options.COMMON) == set(deed_options.OPTIONS)
    assert all(name in deed_options.of_deed(deed) for deed, name in deed_options.CHOICES)


@pytest.mark.parametrize("deed", DEEDS)
def test_what_a_deed_needs_is_asked_for_and_what_goes_with_another_is_not_taken(
    deed: Deed, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {name: _value(deed, name) for name in deed_options.NEEDED.get(deed, ())}
    others = set(deed_options.OPTIONS) - {*deed_options.of_deed(deed), *deed_options.COMMON}

    deed_options.check(deed, needed)
    for name in needed:
        _ends(deed, {})
        assert f"{deed} needs --{name}" in capsys.readouterr().err
    for name in others:
        _ends(deed, {**needed, name: "x"})
        assert f"--{name.replace('_', '-')} does not go with {deed}" in capsys.readouterr().err


@pytest.mark.parametrize(("deed", "name"), deed_options.CHOICES)
def test_a_word_that_is_none_of_the_choices_is_answered_with_them(
    deed: Deed, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {one: _value(deed, one) for one in deed_options.NEEDED.get(deed, ())}

    _ends(deed, {**needed, name: "whatever"})

    said = capsys.readouterr().err
    assert f"--{name} of {deed} is one of" in said
    assert all(one in said for one in deed_options.CHOICES[deed, name])


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("a hole", ReportedPart(text="a hole")),
        ("GRN-02:the tree", ReportedPart(text="the tree", category=Category("GRN-02"))),
        ("and: a hole", ReportedPart(text="and: a hole")),
        ("نشانی:کوچه", ReportedPart(text="نشانی:کوچه")),
        ("https://maps.example/1", ReportedPart(text="https://maps.example/1")),
        ("two\nlines: here", ReportedPart(text="two\nlines: here")),
        ("", ReportedPart(text="")),
    ],
)
def test_a_part_is_words_with_a_category_before_them_or_without(
    given: str, part: ReportedPart
) -> None:
    assert deed_options.fields({"part": [given]})["parts"] == (part,)


def test_a_photo_and_a_document_are_evidence_of_their_kind() -> None:
    found = deed_options.fields(
        {"document": ["letter 7"], "photo": ["1.jpg", "2.jpg"], "case": "x"}
    )

    assert found == {"evidence": ("photo:1.jpg", "photo:2.jpg", "document:letter 7"), "parts": ()}


def test_version_zero_is_given_and_what_was_not_given_is_not() -> None:
    seen: list[dict[str, Any]] = []
    command = typer.Typer()
    taken = deed_options.parameters(("started",))
    command.command()(deed_options.command(lambda given: seen.append(dict(given)), "Try.", taken))

    done = CliRunner().invoke(command, ["--if-version", "0"])

    assert done.exit_code == 0, done.output
    assert seen == [{"if_version": 0}]


@pytest.mark.parametrize("name", SAID)
def test_each_command_of_a_department_needs_a_running_peygir_and_says_so(
    name: str, tmp_path: object
) -> None:
    deed, _ = SAID[name]
    more = [
        word
        for option in deed_options.NEEDED.get(deed, ())
        for word in (f"--{option}", str(_value(deed, option)))
    ]

    done = CliRunner().invoke(
        composed(),
        ["department", name, "hashtgerd", "parks", "x", *more],
        env={"PEYGIR_DATA": str(tmp_path), "PEYGIR_KAFKA": None, "PEYGIR_DATABASE_URL": None},
    )

    assert isinstance(done.exception, MissingError), done.output


def test_a_link_is_not_left_in_an_inbox(tmp_path: object) -> None:
    done = CliRunner().invoke(
        composed(),
        ["department", "link", "hashtgerd", "parks", "x", "--parent", "y", "--no-wait"],
        env={"PEYGIR_DATA": str(tmp_path)},
    )

    assert done.exit_code == USAGE
    assert "at the desk" in done.output


def test_a_refusal_is_told_in_the_municipalitys_language_and_in_both_where_it_is_not_known() -> (
    None
):
    refusal = refused_for("state", state="linked")

    assert judged.in_words(refusal, "fa") == "این مورد پیرو مورد دیگر است"
    assert judged.in_words(refusal, "en") == "the case is linked"
    assert judged.in_words(refusal, None) == "این مورد پیرو مورد دیگر است / the case is linked"


def _value(deed: Deed, name: str) -> object:
    choices = deed_options.CHOICES.get((deed, name))
    return choices[0] if choices else WORDS[name]


def _ends(deed: Deed, given: Mapping[str, object]) -> None:
    with pytest.raises(typer.Exit) as end:
        deed_options.check(deed, given)
    assert end.value.exit_code == USAGE
