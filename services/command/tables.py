"""A table of which nothing is cut: what does not fit goes on in the next line of its cell."""

from rich.table import Column, Table


def whole_table(*columns: str | Column) -> Table:
    """Ids are there to be copied, and numbers to be read: rich would end both in `…`."""
    table = Table(*columns)
    for one in table.columns:
        one.overflow = "fold"
    return table
