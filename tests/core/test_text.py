"""Persian text in one form."""

import json
from pathlib import Path
from typing import TypedDict

import pytest

from streams.core.text import normalise, sounded, tokens, typed_on_persian_keys
from streams.core.word_forms import is_form, spellings


class Case(TypedDict):
    id: str
    op: str
    input: str
    expected: str


DATA = Path(__file__).parents[1] / "data" / "normalisation_cases.json"
CASES: list[Case] = json.loads(DATA.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize(
    "case", [one for one in CASES if one["op"] != "hazm.stem"], ids=lambda one: one["id"]
)
def test_text_is_normalised_as_the_chosen_libraries_do(case: Case) -> None:
    assert normalise(case["input"]) == case["expected"].strip()


@pytest.mark.parametrize(
    "case", [one for one in CASES if one["op"] == "hazm.stem"], ids=lambda one: one["id"]
)
def test_a_form_is_known_of_its_word(case: Case) -> None:
    word, form = "".join(tokens(case["expected"])), "".join(tokens(case["input"]))

    assert is_form(form, word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("خيابان كثيف", "خیابان کثیف"),
        ("آب‌گرفتگی", "اب گرفتگی"),
        ("آشغااااال", "آشغال"),
        ("پلاک ۱٢3", "پلاک 123"),
        ("مسؤول", "مسوول"),
        ("خانهٔ ما", "خانه ما"),
        ("ﻛﻮﭼﻪ", "کوچه"),
        ("\u202bکوچه\u202c", "کوچه"),
        ("KOOCHE", "kuche"),
        ("zobaleh", "zobale"),
        ("ashqal", "ashghal"),
    ],
)
def test_what_sounds_alike_has_the_same_words(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


def test_what_a_reader_sees_is_kept() -> None:
    assert normalise("  آب‌گرفتگیِ   «بلوار» ٢٣ ") == "آب‌گرفتگی «بلوار» 23"


def test_normalising_twice_changes_nothing() -> None:
    for case in CASES:
        once = normalise(case["input"])
        assert normalise(once) == once


def test_finglish_is_compared_by_its_sound() -> None:
    assert sounded("khiyaboon") == sounded("khiabun")


def test_a_phrase_is_known_apart_and_joined() -> None:
    assert set(spellings(("سرعت", "گیر"))) == {("سرعت", "گیر"), ("سرعتگیر",)}


def test_a_forgotten_keyboard_layout_is_read() -> None:
    assert typed_on_persian_keys("lhadk hsrhxd") == "ماشین اسقاطی"
