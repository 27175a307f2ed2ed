"""Every refusal says why in both languages, and is the same after it was kept."""

import re

import pytest

from schemas.vocabulary import DEEDS, ROLES, SHOWN
from streams.core.refusal import (
    CODES,
    PERSIAN_WORDS,
    SENTENCES,
    Refusal,
    read,
    refused_for,
    written,
)
from streams.core.transitions import STATES

NAMED = re.compile(r"{(\w+)}")
PERSIAN = re.compile(r"[آ-ی]")


def test_every_code_has_its_sentences_and_no_other_has() -> None:
    assert set(SENTENCES) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_both_sentences_name_the_same(code: str) -> None:
    sentence = next(one for name, one in SENTENCES.items() if name == code)

    assert set(NAMED.findall(sentence.english)) == set(NAMED.findall(sentence.persian))
    assert PERSIAN.search(sentence.persian)
    assert not PERSIAN.search(sentence.english)


@pytest.mark.parametrize("word", [*STATES, *ROLES, *DEEDS, *SHOWN])
def test_what_a_sentence_names_has_a_persian_word(word: str) -> None:
    assert PERSIAN.search(PERSIAN_WORDS[word])


def test_a_refusal_is_the_same_after_it_was_kept() -> None:
    refusal = refused_for("not-permitted", role="auditor", deed="resolved")

    assert read(written(refusal)) == refusal
    assert refusal.english == "of this case, “resolved” is not for the auditor to say"
    assert refusal.persian.startswith("بازرس")


def test_a_code_of_a_later_version_is_no_refusal_that_is_known() -> None:
    assert read('{"code": "later", "given": {}}') is None
    assert isinstance(read('{"code": "full", "given": {"count": "2"}}'), Refusal)
