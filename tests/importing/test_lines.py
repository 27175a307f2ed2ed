"""Bytes as lines: encodings, and the byte that does not belong."""

import io

import pytest

from services.importing.lines import CHUNK_BYTES, LINE_CHARACTERS_MAX, FileError, count_lines, lines

TEXT = "شناسه,متن\n۱,چراغ\n"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
    ],
)
def test_a_file_is_read_in_its_encoding_with_a_mark_or_without(
    encoding: str, declared: str
) -> None:
    file = io.BytesIO(TEXT.encode(encoding))

    assert "".join(lines(file, declared)) == TEXT


def test_a_windows_file_is_read_where_it_is_declared() -> None:
    file = io.BytesIO("café\r\n".encode("cp1252"))

    assert list(lines(file, "cp1252")) == ["café\r\n"]


@pytest.mark.parametrize("before", [10, CHUNK_BYTES - 3, 3 * CHUNK_BYTES + 5])
def test_a_byte_of_another_encoding_is_named_by_its_line_and_place(before: int) -> None:
    good = "x" * 7 + "\n"
    start = good * (before // 8)
    file = io.BytesIO(start.encode() + b"caf\xe9,1\n")

    with pytest.raises(FileError) as raised:
        count_lines(file, "utf-8")

    assert f"line {before // 8 + 1}, byte {len(start) + 3} (0xe9) is not utf-8" in str(raised.value)
    assert "caf" not in str(raised.value)


def test_letters_over_the_edge_of_a_chunk_are_whole() -> None:
    text = "ش" * CHUNK_BYTES + "\n"

    assert list(lines(io.BytesIO(text.encode()), "utf-8")) == [text]


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    file = io.BytesIO(b"x" * (LINE_CHARACTERS_MAX + 2 * CHUNK_BYTES))

    with pytest.raises(FileError, match="line 1 is longer"):
        count_lines(file, "utf-8")


def test_a_file_that_ends_within_a_letter_is_refused() -> None:
    with pytest.raises(FileError, match="line 2, byte 2 "):
        count_lines(io.BytesIO(b"a\n\xd8"), "utf-8")
