"""Rows of a CSV file: strictly read, and what is broken costs itself alone."""

import pytest

from services.importing.lines import FileError
from services.importing.rows import FIELD_CHARACTERS_MAX, BrokenRow, Row, rows

COLUMNS = frozenset({"id", "text"})


def read(*lines: str) -> list[Row | BrokenRow]:
    return list(rows(lines, ",", COLUMNS))


def good(found: list[Row | BrokenRow]) -> list[tuple[int, str]]:
    return [(one.line, one.cells["id"]) for one in found if isinstance(one, Row)]


def broken(found: list[Row | BrokenRow]) -> list[int]:
    return [one.line for one in found if isinstance(one, BrokenRow)]


def test_rows_have_the_line_on_which_they_begin() -> None:
    found = read("id,text\n", '1,"two\n', 'lines"\n', "\n", "2,b\n")

    assert good(found) == [(2, "1"), (5, "2")]
    assert broken(found) == []


@pytest.mark.parametrize(
    "wrong",
    ['1,"a"b\n', '1,"never closed\n', '"1,a\n', '1,"a""\n'],
)
def test_a_broken_quote_costs_its_own_row_and_no_other(wrong: str) -> None:
    found = read("id,text\n", "0,a\n", wrong, "2,b\n", '3,"c"\n', '"4",d\n')

    assert broken(found) == [3]
    assert good(found) == [(2, "0"), (4, "2"), (5, "3"), (6, "4")]


def test_a_broken_quote_in_the_last_row_is_named() -> None:
    assert broken(read("id,text\n", '1,"a\n')) == [2]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    count = 2 * FIELD_CHARACTERS_MAX // 10
    found = read("id,text\n", '1,"a\n', *(f"{n},bbbbbbb\n" for n in range(count)))

    assert broken(found) == [2]
    assert len(good(found)) == count


def test_a_cell_that_is_too_long_is_not_taken_for_a_quote_alone() -> None:
    found = read("id,text\n", f"1,{'a' * (FIELD_CHARACTERS_MAX + 1)}\n", "2,b\n")

    assert good(found) == [(3, "2")]
    assert f"more than {FIELD_CHARACTERS_MAX} characters" in str(found[0])


def test_a_row_of_another_length_is_named() -> None:
    found = read("id,text\n", "1\n", "2,b\n", "3,c,d\n")

    assert broken(found) == [2, 4]
    assert "has 1 cells, and the header 2" in str(found[0])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), "the file is empty"),
        (("id\n",), "there is no column text"),
        (("id,text,id\n",), "occurs twice"),
        (('id,"text\n',), "the header"),
    ],
)
def test_a_file_without_its_columns_is_refused(lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(FileError, match=words):
        read(*lines)
