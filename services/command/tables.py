"""Tables of which nothing is cut, and what stands in them where a moment is shown."""

from datetime import datetime

from rich.table import Column, Table

UNKNOWN = "?"


def whole_table(*columns: str | Column) -> Table:
    """What does not fit goes on in the next line of its cell.

    Ids are there to be copied, and numbers to be read: rich would end both in `…`.
    """
    table = Table(*columns)
    for one in table.columns:
        one.overflow = "fold"
    return table


def local(moment: datetime | None) -> str:
    """To the second, in the zone of whoever looks."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S %z}" if moment else UNKNOWN


def hours_of(seconds: int) -> str:
    """As a clock that goes beyond a day: `51:07:00`."""
    return f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
