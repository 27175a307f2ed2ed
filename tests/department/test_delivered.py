"""A record as a delivery: of this Peygir, of a newer one, and what is none."""

import json

import pytest

from schemas.codec import UndecodableError, encode
from services.department.delivered import delivered
from tests.builders import promise
from tests.department.laid import delivery


def written(**more: object) -> bytes:
    return json.dumps(json.loads(encode(delivery(7))) | more).encode()


def test_a_delivery_is_read_as_it_was_written() -> None:
    assert delivered(encode(delivery(7))) == delivery(7)


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("kind", "praised"),
        ("channel", "drone"),
        ("priority", "tomorrow"),
        ("clock", "patience"),
        ("role", "governor"),
    ],
)
def test_a_word_that_only_a_newer_peygir_knows_is_handed_over_as_it_is(
    field: str, word: str
) -> None:
    found = delivered(written(**{field: word, "percentile": 3}))

    assert getattr(found, field) == word
    assert found.text == delivery(7).text


def test_a_promise_for_a_clock_that_is_not_known_is_handed_over_with_the_others() -> None:
    known = json.loads(encode(promise("resolution")))

    found = delivered(written(promises=[known, known | {"kind": "patience"}]))

    assert [one.kind for one in found.promises] == ["resolution", "patience"]
    assert found.promises[0] == promise("resolution")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"assigned"',
        b"{}",
        written(kind=7),
        written(type="delivery.v2"),
        written(version="7"),
        written(promises=[3]),
        written(promises="soon"),
        written(kind="praised", delivery_id=None),
        b"[" * 100_000,
    ],
)
def test_what_holds_no_delivery_is_an_error_in_words(raw: bytes | None) -> None:
    with pytest.raises(UndecodableError, match=r"\w"):
        delivered(raw)


def test_the_words_of_an_error_repeat_nothing_of_what_was_written() -> None:
    with pytest.raises(UndecodableError) as raised:
        delivered(written(kind="praised", version="secret", text="my neighbour"))

    assert "secret" not in str(raised.value)
    assert "neighbour" not in str(raised.value)
