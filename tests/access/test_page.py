"""The page on access shows the tables that the edge is held to."""

from tests.access.page import PAGE, page


def test_the_page_is_as_the_tables_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.access writes it anew"
